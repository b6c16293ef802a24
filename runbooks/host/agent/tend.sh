# Asks about an attempt, stops it, keeps it from starting, removes it.
# nap: a little longer each time; `waited` adds up, in milliseconds.
pause=16 waited=0
nap() {
  sleep "0.$(printf %03d "$pause")" 2>/dev/null || { sleep 1; waited=$((waited + 1000)); }
  waited=$((waited + pause)) pause=$((pause < 128 ? pause * 2 : 256))
}


case $verb in
poll)  # OFFSET LIMIT MILLISECONDS: waits so long for something new
  judge
  while [ "$state" = running ] && [ "$size" -le "$1" ] && [ "$waited" -lt "$3" ]; do
    nap
    judge
  done
  tell "$1" "$2"
  ;;
stop)  # TERM or KILL
  judge
  case $state in
  running | orphan)
    befall stopped
    kill "-$1" $(members) 2>/dev/null
    judge
    ;;
  esac
  tell 0 0
  ;;
void)  # the gate is shut: a go that comes late finds it so
  mkdir -p "$d" && ln -s void "$d/claim" 2>/dev/null && flush "$d" "$steps"
  judge
  case $state in prepared | absent) refuse write ;; esac
  tell 0 0
  ;;
gc)
  [ -d "$d" ] && ln -s void "$d/claim" 2>/dev/null  # nothing may begin while it goes
  judge
  case $state in running | orphan) refuse busy "state=$state" ;; esac
  if [ -d "$d" ]; then
    mv "$d" "$base/gone.$$" || refuse write  # all at once: a gate must not go before its payload
    rm -rf "$base/gone.$$"
  fi
  say gone=yes
  ;;
esac
