# The agent: what lays a step's payload down on a host, starts it once, and tells how it is.
#
# What it leaves in ~/.twinwatch, private to the user:
#
#     steps/ID/payload     what is to run           claim     the gate: BOOT.PID.BORN or "void"
#              out         all that it says         session   the payload's session: PID.BORN
#              rc.RC.SIZE  how it ended             late, stopped, cut   what befell it
#     locks/NAME/EPOCH     who holds a lock, and until when: OWNER,SECONDS
#
# Claim, session and locks are symbolic links, which lead nowhere: their making is one step that
# succeeds for one alone, their text is whole or not there, and it takes no block of a full disk.
# For the same reason facts are recorded by renaming files that `put` has made.
#
#     go ── _record: claims, waits, records rc; survives a stop
#             ├── _begin: the payload, in a session of its own, so that it can be stopped as one
#             └── _clock: stops it when its time is over
base=${root:-${HOME:-}}/.twinwatch
steps=$base/steps locks=$base/locks d=$base/steps/$id

# Until it would survive a power cut. Older tools sync everything, which is also right.
flush() { sync "$@" || fsync "$@" || sync; } 2>/dev/null

# nap: a little longer each time; `waited` adds up, in milliseconds.
pause=16 waited=0
nap() {
  sleep "0.$(printf %03d "$pause")" 2>/dev/null || { sleep 1; waited=$((waited + 1000)); }
  waited=$((waited + pause)) pause=$((pause < 128 ? pause * 2 : 256))
}

case $id in '' | .* | *[!a-z0-9.-]*) refuse bad-id ;; esac
{ read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || refuse missing tool=/proc

# ── who lives ──

# look PID: when it was born, and its session. Fails for a zombie: who was killed can stay as one,
# and would look alive. A command's name may hold anything, so read on after its last bracket.
look() {
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- ${line##*) }
  sid=$4 born=${20}
  case $1 in [ZX]) return 1 ;; esac
}

# lives BOOT.PID.BORN: a number alone says nothing, the next one to have it is somebody else.
lives() {
  case $1 in "$boot".*.*) ;; *) return 1 ;; esac
  set -- "${1#*.}"
  look "${1%.*}" && [ "$born" = "${1#*.}" ]
}

# The living of the payload's session. By session, not by group: timeout(1) makes a group of its own.
members() {
  case $claim in "$boot".*) ;; *) return ;; esac
  session=$(readlink "$d/session") || return
  leader=${session%.*}
  look "$leader" && [ "$born" != "${session#*.}" ] && return  # its number is somebody else's now
  for stat in /proc/[0-9]*/stat; do
    pid=${stat#/proc/} pid=${pid%/stat}
    look "$pid" && [ "$sid" = "$leader" ] && echo "$pid"
  done
}

# How the attempt is. Who records a result lives until it is recorded, so the recorder is looked for
# first and the result after it; and the size of the output last, for a result promises all of it.
judge() {
  claim=$(readlink "$d/claim") recorder= rc= size=0 written=0 cut=
  lives "$claim" && recorder=alive
  for file in "$d"/rc.[0-9]*; do
    [ -e "$file" ] && rc=${file##*/rc.} size=${rc#*.} rc=${rc%.*}
  done
  case $rc$recorder:$claim in
  [0-9]*) state=done ;;
  alive:*) state=running ;;
  :void) state=void ;;
  :) [ -f "$d/payload" ] && state=prepared || state=absent ;;
  *)
    # What is about to begin looks for its recorder, and goes away again.
    state=stillborn
    [ -z "$(members)" ] || state=orphan
    [ $state = orphan ] || [ ! -L "$d/session" ] || state=lost
    ;;
  esac
  [ -f "$d/out" ] && written=$(wc -c <"$d/out") written=$((written))
  [ -z "$rc" ] && size=$written
  [ "$written" -lt "$size" ] && size=$written cut=yes
  [ -e "$d/cut" ] && cut=yes
  return 0
}

# befall NAME: record one of late, stopped and cut.
befall() { mv "$d/blank.$1" "$d/$1" 2>/dev/null; }
befell() { [ -e "$d/$1" ] && echo yes; }

# tell OFFSET LIMIT: what judge found, and the output from there on.
tell() {
  n=$((size - $1))
  [ "$n" -lt 0 ] && n=0
  [ "$n" -gt "$2" ] && n=$2
  read -r up _ </proc/uptime
  say "state=$state rc=$rc late=$(befell late) stopped=$(befell stopped) cut=$cut" \
    "boot=$boot up=${up%.*} size=$size at=$1 n=$n"
  [ "$n" -gt 0 ] || return 0
  # Not tail alone: busybox's would read all that comes before.
  dd if="$d/out" bs=65536 skip=$(($1 / 65536)) count=$((($1 % 65536 + n + 65535) / 65536)) 2>/dev/null |
    tail -c "+$(($1 % 65536 + 1))" | head -c "$n"
}

# ── locks ──

# holder NAME: the latest epoch, its owner, and whether the lock is free to take.
holder() {
  top=0 owner_now=- free=yes
  for each in "$locks/$1"/[0-9]*; do
    each=${each##*/}
    case $each in *[!0-9]*) continue ;; esac
    [ "$each" -gt "$top" ] && top=$each
  done
  [ "$top" -gt 0 ] || return 0
  owner_now=$(readlink "$locks/$1/$top") until_now=${owner_now#*,} owner_now=${owner_now%,*}
  [ ! -e "$locks/$1/free.$top" ] && [ "$(date +%s)" -lt "$until_now" ] && free=
  return 0
}

# ours NAME EPOCH OWNER: whether no later epoch stands, and no other owner of this one.
ours() {
  holder "$1"
  [ "$2.$3" = "$top.$owner_now" ]
}

# hold NAME EPOCH OWNER SECONDS OVER: makes it ours for so long, or fails. A later epoch always
# stands. An earlier one gives way if it is free, or is the very one (OVER) that a person took over.
# Two who try the same epoch make the same link, and one of them fails.
hold() {
  until=$(($(date +%s) + $4))
  if ours "$1" "$2" "$3"; then
    ln -s "$3,$until" "$locks/$1/new.$$" && mv -f "$locks/$1/new.$$" "$locks/$1/$2" || refuse write
    rm -f "$locks/$1/free.$2"
  elif [ "$2" -gt "$top" ] && { [ -n "$free" ] || [ "$5" = "$top" ]; }; then
    mkdir -p "$locks/$1" && { ln -s "$3,$until" "$locks/$1/$2" 2>/dev/null || [ -L "$locks/$1/$2" ]; } ||
      refuse write
    flush "$locks/$1" "$locks"
    ours "$1" "$2" "$3" || return
    for each in "$locks/$1"/*; do
      [ "${each##*[/.]}" -ge "$top" ] || rm -f "$each"
    done
  else
    return 1
  fi
}

# A go holds its locks so long, for whoever did not ask for them before.
HELD_SECONDS=86400

fenced() { refuse "fenced lock=$1 epoch=$top owner=$owner_now free=$free"; }

# The attempts here that are not at rest, whoever began them.
busy() {
  list=
  for d in "$steps"/*/; do
    [ -L "${d}claim" ] || continue
    d=${d%/}
    judge
    case $state in running | orphan) list=$list,${d##*/} ;; esac
  done
  echo "${list#,}"
}

# ── the payload ──

# Where logging out ends what a login started, only a scope of systemd's keeps it alive.
keeper() {
  keeper=
  [ -d "$root/run/systemd/system" ] && command -v systemd-run >/dev/null || return 0
  if [ "$(id -u)" = 0 ]; then
    keeper='systemd-run --scope --quiet'
  elif [ "$(loginctl show-user --property=Linger "$(id -un)" 2>/dev/null)" = Linger=yes ]; then
    keeper='systemd-run --user --scope --quiet'
  else
    case $(busctl get-property org.freedesktop.login1 /org/freedesktop/login1 \
      org.freedesktop.login1.Manager KillUserProcesses 2>/dev/null) in
    *true*) refuse mortal "user=$(id -un)" ;;
    esac
  fi
}

# again VERB ARGUMENT...: this text in a session of its own, in the background. exec, so that $! is it.
again() { exec $keeper setsid sh -c 'eval "$1"' twinwatch "$text" "$nonce" "$@"; }

fits() { set -- "$1" $(sha256sum); [ "$1" = "${2:-}" ]; }

case $verb in
put)  # PART SHA256 SIZE, and the part on stdin
  for tool in setsid sha256sum readlink head tail dd; do
    command -v "$tool" >/dev/null || refuse missing "tool=$tool"
  done
  keeper
  mkdir -p "$steps" && [ ! -L "$base" ] && [ -O "$base" ] && chmod 700 "$base" || refuse base
  mkdir "$d" 2>/dev/null || [ -d "$d" ] || refuse write
  if [ ! -f "$d/$1" ]; then
    new=$d/new.$$
    head -c "$3" >"$new" && : >"$d/rc.---" && : >>"$d/out" && : >"$d/blank.late" &&
      : >"$d/blank.stopped" && : >"$d/blank.cut" || { rm -f "$new"; refuse write; }
    fits "$2" <"$new" || { rm -f "$new"; refuse cut; }
    ln "$new" "$d/$1" 2>/dev/null  # not mv: of two at once, one must lose
    rm -f "$new"
    [ -f "$d/$1" ] || refuse write
    flush "$d/$1" "$d" "$steps"
  fi
  fits "$2" <"$d/$1" || refuse conflict
  judge
  tell 0 0
  ;;
go)  # SHA256 SECONDS UPTIME EPOCH OWNER LOCKS RUN STEP ACTOR, and secrets on stdin
  take_secrets || refuse cut
  judge
  if [ "$state" = prepared ]; then
    read -r up _ </proc/uptime
    [ "$3" = 0 ] || [ "${up%.*}" -le "$3" ] || refuse late
    fits "$1" <"$d/payload" || refuse conflict
    keeper
    for lock in $(echo "$6" | tr , ' '); do
      hold "$lock" "$4" "$5" "$HELD_SECONDS" 0 || fenced "$lock"
    done
    launched=-
    while [ "$state" = prepared ] && [ "$waited" -lt 5000 ]; do
      if ! look "$launched"; then
        [ "$launched" = - ] || [ -n "$keeper" ] || break  # it could not claim
        [ "$launched" = - ] || keeper=  # systemd-run could not: better without than not at all
        printf %s "$secrets" 2>/dev/null |
          again _record "$id" "$mask" "$2" "$4" "$5" "$6" "$7" "$8" "$9" >/dev/null 2>&1 &
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
_record)  # MASK SECONDS EPOCH OWNER LOCKS RUN STEP ACTOR, and secrets on stdin
  keeper=
  ended=
  trap 'ended=yes' TERM INT HUP
  exec 3<&0 </dev/null
  look $$
  ln -s "$boot.$$.$born" "$d/claim" 2>/dev/null || exit
  # Once more, now that whoever takes a lock over can see our claim: one of us sees the other.
  for lock in $(echo "$5" | tr , ' '); do
    ours "$lock" "$3" "$4" || exit
  done
  logger -t twinwatch "run $6, step $7, by $8: attempt $id begins" 3<&- &
  again _begin "$id" "$1" >>"$d/out" 2>&1 &
  payload=$!
  exec 3<&-
  clock=
  [ "$2" -gt 0 ] && { again _clock "$id" "$2" & clock=$!; }
  wait "$payload"
  rc=$?
  while [ -n "$ended" ]; do  # somebody ended us, not what we wait for
    ended=
    wait "$payload"
    status=$?
    [ "$status" = 127 ] || rc=$status
  done
  [ -L "$d/session" ] || exit  # it never began
  [ -z "$clock" ] || [ -e "$d/late" ] || kill -KILL "-$clock" 2>/dev/null || kill -KILL "$clock"
  # Is there room for another word? busybox's head does not tell, so look at what it wrote.
  { head -c 4096 /dev/zero >"$d/room"; [ "$(wc -c <"$d/room")" -eq 4096 ]; } 2>/dev/null || befall cut
  rm -f "$d/room"
  size=$(wc -c <"$d/out")
  mv "$d/rc.---" "$d/rc.$(printf %03d "$rc").$((size))"
  flush "$d/out" "$d"
  ;;
_begin)  # MASK, and secrets on 3
  look $$
  ln -s "$$.$born" "$d/session" || exit
  flush "$d"
  if ! lives "$(readlink "$d/claim")"; then
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
lock)  # EPOCH OWNER SECONDS OVER NAME...
  epoch=$1 owner=$2 seconds=$3 over=$4
  shift 4
  mkdir -p "$locks" && [ -O "$base" ] && chmod 700 "$base" || refuse base
  for lock; do
    hold "$lock" "$epoch" "$owner" "$seconds" "$over" || fenced "$lock"
  done
  say "held=yes busy=$(busy)"
  ;;
unlock)  # EPOCH OWNER NAME...
  epoch=$1 owner=$2
  shift 2
  for lock; do
    holder "$lock"
    case $top.$owner_now in "$epoch.$owner") : >"$locks/$lock/free.$top" || refuse write ;; esac
  done
  say freed=yes
  ;;
*) refuse bad-verb ;;
esac
