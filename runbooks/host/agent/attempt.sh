# An attempt on a host: what there is of it, who of it lives, and how it is told.
#
# What it leaves in ~/.twinwatch, private to the user:
#
#     steps/ID/payload     what is to run           claim             the gate: BOOT.PID.BORN or "void"
#              out         all that it says         session.PID.BORN  the payload's session
#              rc.RC.SIZE  how it ended             late, stopped, cut   what befell it
#     locks/NAME/EPOCH     who holds a lock, and for how long: see locks.sh
#
# The claim is a symbolic link, which leads nowhere: its making is one step that succeeds for one
# alone, its text is whole or not there, and it takes no block of a full disk. Other facts are told
# by the names of files, which may be empty; those that no full disk must keep from being recorded by
# renaming a file that `put` has made.
#
# Whatever a shell can do by itself is not left to a program: starting one costs a host most of a
# millisecond, and a step was forty of them.
base=${root:-${HOME:-}}/.twinwatch
steps=$base/steps locks=$base/locks d=$base/steps/$id claim=

{ read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || refuse missing tool=/proc

# Until it would survive a power cut. Older tools sync everything, which is also right.
flush() { sync "$@" || fsync "$@" || sync; } 2>/dev/null

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

# Whether the payload has begun; sets `session`.
begun() {
  session=
  for file in "$d"/session.[0-9]*; do
    [ -e "$file" ] && session=${file##*/session.}
  done
  [ -n "$session" ]
}

# The living of the payload's session. By session, not by group: timeout(1) makes a group of its own.
members() {
  case $claim in "$boot".*) ;; *) return ;; esac
  begun || return
  leader=${session%.*}
  if look "$leader"; then
    [ "$born" = "${session#*.}" ] || return  # its number is somebody else's now
    [ "$sid" = "$leader" ] || echo "$leader"  # it is about to open the session
  fi
  for stat in /proc/[0-9]*/stat; do
    pid=${stat#/proc/} pid=${pid%/stat}
    look "$pid" && [ "$sid" = "$leader" ] && echo "$pid"
  done
}

# Its result, if it has one.
look_for_result() {
  for file in "$d"/rc.[0-9]*; do
    [ -e "$file" ] && rc=${file##*/rc.} size=${rc#*.} rc=${rc%.*}
  done
}

# How the attempt is. A result is the last word. Who records one lives until it is recorded, so where
# there is none the recorder is looked for first, and the result again after it; and the size of the
# output last, for a result promises all of it.
judge() {
  recorder= rc= size=0 written=0 cut=
  look_for_result
  if [ ! -L "$d/claim" ]; then
    claim=
  elif [ -z "$rc" ]; then
    [ -n "$claim" ] || claim=$(readlink "$d/claim")
    lives "$claim" && recorder=alive
    look_for_result
  fi
  case $rc$recorder:$claim in
  [0-9]*) state=done ;;
  alive:*) state=running ;;
  :void) state=void ;;
  :) [ -f "$d/payload" ] && state=prepared || state=absent ;;
  *)
    # What is about to begin looks for its recorder, and goes away again.
    state=stillborn
    [ -z "$(members)" ] || state=orphan
    [ $state = orphan ] || ! begun || state=lost
    ;;
  esac
  [ -s "$d/out" ] && written=$(wc -c <"$d/out") written=$((written))
  [ -z "$rc" ] && size=$written
  [ "$written" -lt "$size" ] && size=$written cut=yes
  [ -e "$d/cut" ] && cut=yes
  return 0
}

# befall NAME: record one of late, stopped and cut.
befall() { mv "$d/blank.$1" "$d/$1" 2>/dev/null; }

# For how many seconds it has been at work, by its own clock and ours, which are one: both began at
# some tick of the host, a hundred a second (proc(5); USER_HZ). The time of day is no part of it.
# Who started it is older, by as long as locks and digests took, a second on a host that is busy.
age() {
  ran=
  case $claim in "$boot".*.*) look $$ && ran=$(((born - ${claim##*.}) / 100)) ;; esac
  case $ran in -*) ran=0 ;; esac
}

# tell OFFSET LIMIT: what judge found, and the output from there on.
tell() {
  n=$((size - $1))
  [ "$n" -lt 0 ] && n=0
  [ "$n" -gt "$2" ] && n=$2
  late= stopped=
  [ -e "$d/late" ] && late=yes
  [ -e "$d/stopped" ] && stopped=yes
  read -r up _ </proc/uptime
  age
  how="state=$state rc=$rc ran=$ran late=$late stopped=$stopped cut=$cut"
  say "$how" "boot=$boot up=${up%.*} size=$size at=$1 n=$n"
  [ "$n" -gt 0 ] || return 0
  if [ "$1" = 0 ]; then
    head -c "$n" "$d/out"
    return
  fi
  # Not tail alone: busybox's would read all that comes before.
  dd if="$d/out" bs=65536 skip=$(($1 / 65536)) count=$((($1 % 65536 + n + 65535) / 65536)) 2>/dev/null |
    tail -c "+$(($1 % 65536 + 1))" | head -c "$n"
}

# fits SHA256: whether that is the digest of stdin.
fits() { set -- "$1" $(sha256sum); [ "$1" = "${2:-}" ]; }
