# nap: a little longer each time; `waited` adds up, in milliseconds.
waited=0
nap() {
  pause=.5 ms=500
  [ "$waited" -ge 500 ] || pause=.1 ms=100
  [ "$waited" -ge 60 ] || pause=.02 ms=20
  sleep "$pause" 2>/dev/null || { sleep 1; ms=1000; }
  waited=$((waited + ms))
}
