case $verb in
lock)  # EPOCH OWNER SECONDS OVER IDLE; on stdin the locks
  take || refuse cut
  [ "$5" = any ] || still=$(busy "")
  [ -z "${still:-}" ] || refuse busy "state=$still"
  umask 077
  mkdir -p "$locks" && [ ! -L "$base" ] && [ -O "$base" ] && [ -O "$locks" ] || refuse base
  for lock in $taken; do
    hold "$lock" "$1" "$2" "$3" "$4" || fenced "$lock"
  done
  say "held=yes busy=$(busy "")"
  ;;
unlock)  # EPOCH OWNER; on stdin the locks. The host's word counts, whatever became of the run.
  take || refuse cut
  still=$(busy "$2.")
  [ -z "$still" ] || refuse busy "state=$still"
  for lock in $taken; do
    holder "$lock"
    case $top.$whose in "$1.$2") true >"$locks/$lock/free.$top" || refuse write ;; esac
  done
  say freed=yes
  ;;
esac
