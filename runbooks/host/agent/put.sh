# Puts a part of an attempt, which comes on stdin, down: $1 is its name, $2 its sha256, $3 its size.
umask 077
for tool in setsid sha256sum readlink head tail dd; do
  command -v "$tool" >/dev/null || refuse missing "tool=$tool"
done
sealed || refuse shell
keeper
[ -d "$steps" ] || mkdir -p "$steps" || refuse base
[ ! -L "$base" ] && [ -O "$base" ] && [ -O "$steps" ] || refuse base
[ -d "$d" ] || mkdir "$d" 2>/dev/null || [ -d "$d" ] || refuse write
if [ -f "$d/$1" ]; then
  fits "$2" <"$d/$1" || refuse conflict
else
  new=$d/new.$nonce.$$
  head -c "$3" >"$new" && true >"$d/rc.---" && true >>"$d/out" && true >"$d/blank.late" &&
    true >"$d/blank.stopped" && true >"$d/blank.cut" || { rm -f "$new"; refuse write; }
  fits "$2" <"$new" || { rm -f "$new"; refuse cut; }
  # Not mv: of two at once, one must lose. Its first name stays, and goes with the directory.
  if ! ln "$new" "$d/$1" 2>/dev/null; then
    rm -f "$new"
    [ -f "$d/$1" ] || refuse write
    fits "$2" <"$d/$1" || refuse conflict
  fi
  flush "$d/$1" "$d" "$steps"
fi
judge
tell 0 0
