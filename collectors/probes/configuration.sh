# Prints the SHA-256 of each file, given as PATHs, of its first 4 MiB: nothing of what is in it.
root=${TWINWATCH_ROOT:-}
while [ $# -ge 1 ]; do
  printf '%s\n' "at $1"
  file=$root$1
  if [ -f "$file" ] && [ -r "$file" ]; then
    if command -v sha256sum >/dev/null; then
      head -c 4194304 "$file" | sha256sum
    elif command -v openssl >/dev/null; then
      head -c 4194304 "$file" | openssl dgst -sha256 -r
    else
      echo '! neither sha256sum nor openssl is there'
    fi
  elif [ -e "$file" ] && [ ! -f "$file" ]; then
    echo '! not a file'
  elif [ -e "$file" ]; then
    echo '! permission denied'
  else
    echo none
  fi
  shift
done
echo end
