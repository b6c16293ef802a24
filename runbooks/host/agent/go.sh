# Starts an attempt's payload, once:
#
#     go ── _record: claims, waits, records rc; survives a stop
#             ├── begin: becomes the payload, in a session of its own, so that it can be stopped as one
#             └── clock: stops it when its time is over, though _record is killed

# early UPTIME BOOT: whether an order that must not be obeyed later than that may be obeyed now. In
# another boot its uptime says nothing; - is any, of both.
early() {
  read -r up _ </proc/uptime
  case $2 in - | "$boot") ;; *) return 1 ;; esac
  [ "$1" = - ] || [ "${up%.*}" -le "$1" ]
}

# again VERB ARGUMENT...: this text in a session of its own, in the background. exec, so that $! is it.
again() { exec $keeper setsid sh -c 'text=$1; shift; eval "$text"' twinwatch "$text" "$nonce" "$@"; }

# Starts _record, and waits until nobody holds its standard output any more: it is gone without a
# claim, or the payload has begun, and the clock let go or the payload has ended.
launch() {
  set -- "$id" "$wanted" "$@"
  : "$(
    if [ -n "$secrets" ]; then
      printf %s "$secrets" 2>/dev/null | again _record "$@" 2>/dev/null &
    else
      again _record "$@" </dev/null 2>/dev/null &
    fi
  )"
  judge
}

# Its session is known before it is there: setsid(2) makes a process the leader of one by its number.
begin() {
  look self
  true >"$d/session.${line%% *}.$born" || exit
  flush "$d"
  if ! lives "$claim"; then
    rm "$d"/session.*  # nobody would record how it ends; and somebody may have been told it never began
    exit
  fi
  [ -e "$d/stopped" ] || [ -e "$d/late" ] && exit 143
  exec setsid sh "$d/payload" </dev/null 4>&-
}

# clock SECONDS WAIT: whoever listens on 4 is kept listening for WAIT of these seconds at most. Told to
# end, it ends its sleep: by KILL, for a child that is yet to run would take TERM for its parent's.
clock() {
  sleep "$2" &
  trap 'kill -KILL $! ; exit' TERM
  wait $!
  exec 4>&-
  [ "$1" -gt 0 ] || exit
  sleep $(($1 - $2)) &
  wait $!
  # What has ended is only waiting to be recorded.
  if begun; then [ -n "$(members)" ]; else lives "$claim"; fi || exit
  befall late
  kill -TERM $(members)
  for second in 1 2 3 4 5 6 7 8 9 10; do
    [ -z "$(members)" ] || sleep 1
  done
  while [ -n "$(members)" ]; do kill -KILL $(members); done
}

case $verb in
go)  # SHA256 SECONDS UPTIME BOOT EPOCH OWNER RUN STEP ACTOR WAIT LIMIT; on stdin locks, and secrets
  take && wanted=$taken && take && secrets=$taken || refuse cut
  [ -z "$secrets" ] || sealed || refuse shell
  judge
  if [ "$state" = prepared ]; then
    early "$3" "$4" || refuse late
    fits "$1" <"$d/payload" || refuse conflict
    keeper
    for lock in $wanted; do
      keep "$lock" "$5" "$6" || hold "$lock" "$5" "$6" "$HELD" 0 || fenced "$lock"
    done
    launch "$@"
    if [ "$state" = prepared ] && [ -n "$keeper" ]; then
      mortal
      keeper=  # systemd-run could not: better without than not at all
      launch "$@"
    fi
    if [ "$state" = prepared ]; then
      early "$3" "$4" || refuse late
      refuse write  # it could not claim
    fi
  fi
  tell 0 "${11}"
  ;;
_record)  # LOCKS, then as go; on stdin secrets
  keeper=
  trap : TERM INT HUP
  exec 3<&0 4>&1 </dev/null >/dev/null
  early "$4" "$5" || exit  # systemd took its time
  look $$
  claim=$boot.$$.$born
  ln -s "$claim" "$d/claim" || exit
  # Once more, now that whoever takes a lock over can see our claim: one of us sees the other.
  for lock in $1; do
    ours "$lock" "$6" "$7" || exit
  done
  logger -t twinwatch "run $8, step $9, by ${10}: attempt $id begins" 3<&- 4>&- &
  begin >>"$d/out" 2>&1 &
  payload=$!
  trap - TERM  # as long as it inherits our trap it could not be ended
  clock "$3" "${11}" 3<&- &
  clock=$!
  trap : TERM
  exec 3<&- 4>&-
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
  if begun; then
    # Is there room for another word?
    { printf %4096s . >"$d/room"; } || befall cut
    size=0
    [ ! -s "$d/out" ] || size=$(wc -c <"$d/out")
    rc=$d/rc.$rc.$((size))
    true >"$rc" || mv "$d/rc.---" "$rc"
  fi  # else it never began
  # Only now: whoever listens to the clock is to find the result.
  [ -e "$d/late" ] || kill "$clock"
  begun || exit
  for lock in $1; do keep "$lock" "$6" "$7"; done
  flush "$d/out" "$d"
  ;;
esac
