# Asks about an attempt, stops it, keeps it from starting, removes it.

case $verb in
poll)  # OFFSET LIMIT MILLISECONDS: waits so long for something new
  judge
  while [ "$state" = running ] && [ "$size" -le "$1" ] && [ "$waited" -lt "$3" ]; do
    nap
    judge
  done
  tell "$1" "$2"
  ;;
stop)  # TERM or KILL, unless it has been at work for fewer SECONDS than that
  judge
  age
  case $state in
  running | orphan)
    if [ "$ran" -ge "$2" ]; then
      befall stopped
      kill "-$1" $(members) 2>/dev/null
      judge
    fi
    ;;
  esac
  tell 0 0
  ;;
void)  # the gate is shut: a go that comes late finds it so
  umask 077
  mkdir -p "$d" && ln -s void "$d/claim" 2>/dev/null && flush "$d" "$steps"
  judge
  case $state in prepared | absent) refuse write ;; esac
  tell 0 0
  ;;
gc)
  # Nothing may begin while it goes.
  [ ! -d "$d" ] || [ -L "$d/claim" ] || ln -s void "$d/claim" 2>/dev/null
  judge
  case $state in running | orphan) refuse busy "state=$state" ;; esac
  if [ -d "$d" ]; then
    mv "$d" "$base/gone.$$" || refuse write  # all at once: a gate must not go before its payload
    rm -rf "$base/gone.$$"
  fi
  # What others left who died on the way.
  for each in "$base"/gone.* "$locks"/*/new.*; do
    [ ! -e "$each" ] || [ -d "/proc/${each##*.}" ] || rm -rf "$each"
  done
  say gone=yes
  ;;
esac
