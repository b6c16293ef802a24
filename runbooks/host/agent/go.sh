# Starts an attempt's payload, once:
#
#     go ── _record: claims, waits, records rc; survives a stop
#             ├── _begin: the payload, in a session of its own, so that it can be stopped as one
#             └── _clock: stops it when its time is over

# early UPTIME BOOT: whether an order that must not be obeyed later than that may be obeyed now. In
# another boot its uptime says nothing; - is any.
early() {
  read -r up _ </proc/uptime
  case $2 in - | "$boot") ;; *) return 1 ;; esac
  [ "$1" = 0 ] || [ "${up%.*}" -le "$1" ]
}

# again VERB ARGUMENT...: this text in a session of its own, in the background. exec, so that $! is it.
again() { exec $keeper setsid sh -c 'text=$1; shift; eval "$text"' twinwatch "$text" "$nonce" "$@"; }

case $verb in
go)  # SHA256 SECONDS UPTIME BOOT EPOCH OWNER RUN STEP ACTOR; on stdin locks, and secrets
  mask=$(umask)
  umask 077
  take && wanted=$taken && take && secrets=$taken || refuse cut
  judge
  if [ "$state" = prepared ]; then
    early "$3" "$4" || refuse late
    fits "$1" <"$d/payload" || refuse conflict
    keeper
    for lock in $wanted; do
      ours "$lock" "$5" "$6" || hold "$lock" "$5" "$6" "$HELD_SECONDS" 0 || fenced "$lock"
    done
    launched=-
    while [ "$state" = prepared ] && [ "$waited" -lt 5000 ]; do
      if ! look "$launched"; then
        judge  # whoever is gone may have done it all
        [ "$state" = prepared ] || break
        if [ "$launched" != - ]; then
          [ -n "$keeper" ] || break  # it could not claim
          keeper=  # systemd-run could not: better without than not at all
        fi
        printf %s "$secrets" 2>/dev/null |
          again _record "$id" "$mask" "$wanted" "$@" >/dev/null 2>&1 &
        launched=$!
      fi
      nap
      judge
    done
    while [ "$state" = running ] && [ ! -L "$d/session" ] && [ "$waited" -lt 5000 ]; do
      nap
      judge
    done
    [ "$state" = prepared ] && [ "$waited" -lt 5000 ] && refuse write
  fi
  tell 0 0
  ;;
_record)  # MASK LOCKS, then as go; on stdin secrets
  keeper=
  trap : TERM INT HUP
  exec 3<&0 </dev/null
  early "$5" "$6" || exit  # systemd took its time
  look $$
  claim=$boot.$$.$born
  ln -s "$claim" "$d/claim" 2>/dev/null || exit
  # Once more, now that whoever takes a lock over can see our claim: one of us sees the other.
  for lock in $2; do
    ours "$lock" "$7" "$8" || exit
  done
  logger -t twinwatch "run $9, step ${10}, by ${11}: attempt $id begins" 3<&- &
  again _begin "$id" "$1" "$claim" >>"$d/out" 2>&1 &
  payload=$!
  exec 3<&-
  clock=
  if [ "$4" -gt 0 ]; then
    again _clock "$id" "$4" &
    clock=$!
  fi
  wait "$payload"
  rc=$?
  # A signal ended it, or our wait for it: a second wait tells, if there is anything to tell.
  while [ "$rc" -gt 128 ]; do
    look "$payload" && going=yes || going=
    wait "$payload"
    status=$?
    [ "$status" = 127 ] || rc=$status
    [ -n "$going" ] || break
  done
  [ -L "$d/session" ] || exit  # it never began
  [ -z "$clock" ] || [ -e "$d/late" ] || kill -KILL "-$clock" 2>/dev/null || kill -KILL "$clock"
  # Is there room for another word?
  { printf %4096s . >"$d/room"; } 2>/dev/null || befall cut
  size=$(wc -c <"$d/out")
  mv "$d/rc.---" "$d/rc.$rc.$((size))"
  flush "$d/out" "$d"
  ;;
_begin)  # MASK CLAIM, and secrets on 3
  look $$
  ln -s "$$.$born" "$d/session" || exit
  flush "$d"
  if ! lives "$2"; then
    rm "$d/session"  # nobody would record how it ends; and somebody may have been told it never began
    exit
  fi
  [ -e "$d/stopped" ] || [ -e "$d/late" ] && exit 143
  umask "$1"
  exec sh "$d/payload" </dev/null
  ;;
_clock)  # SECONDS
  sleep "$1"
  claim=$(readlink "$d/claim")
  lives "$claim" || [ -n "$(members)" ] || exit
  befall late
  kill -TERM $(members) 2>/dev/null
  for second in 1 2 3 4 5 6 7 8 9 10; do
    [ -z "$(members)" ] || sleep 1
  done
  while [ -n "$(members)" ]; do kill -KILL $(members) 2>/dev/null; done
  ;;
esac
