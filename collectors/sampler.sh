# The sampler: one line of counters for each line on stdin, until end-of-file. Any POSIX shell.
# $1 is look.sh; $2 is sampler.awk, to which it hands over where there is awk: ten times cheaper.
# sampler.py describes the lines. Login shells read it in words:
# see exec_text in programs.py for what it does without.
exec 2>&1
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH LC_ALL=C ROOT=${TWINWATCH_ROOT:-} LOOK=$1
case $ROOT in ?*) PATH=$ROOT/bin:$PATH ;; esac
export PATH LC_ALL ROOT LOOK
unset ENV

for file in stat uptime loadavg meminfo; do
  [ -r "$ROOT/proc/$file" ] && continue
  printf '\ne|no %s: the sampler needs the /proc of Linux\n' "$ROOT/proc/$file"
  exit 69
done

name=
for awk in ${2:+mawk awk}; do
  command -v "$awk" >/dev/null || continue
  case $("$awk" -W version 2>&1 </dev/null) in
  mawk*) name=mawk ;;
  GNU*) name=gawk ;;
  *BusyBox*) name='busybox awk' ;;
  *) [ "$("$awk" 'BEGIN { print "works" }' 2>/dev/null </dev/null)" != works ] || name=awk ;;
  esac
  case $name in
  mawk) exec "$awk" -W interactive -v "NAME=$name" "$2" ;;  # else it waits for a full buffer
  ?*) exec "$awk" -v "NAME=$name" "$2" ;;
  esac
done

# No awk: the same lines from the shell's own words. No fork a tick.
eval "$LOOK"

local_mounts() {
  seen=' ' mounts=
  while read -r device mount type _; do
    case $type in
    ext[234] | xfs | btrfs | zfs | f2fs | jfs | reiserfs | bcachefs | nilfs2 | vfat | exfat | ntfs3) ;;
    overlay) case $mount in /) ;; *) continue ;; esac ;;
    tmpfs) case $mount in /tmp | /run) device=$mount ;; *) continue ;; esac ;;
    *) continue ;;
    esac
    case $seen in *" $device "*) continue ;; esac
    seen="$seen$device " mounts="$mounts $mount"
  done
}

count_cores() {
  cores=0
  while read -r word _; do
    case $word in cpu) ;; cpu*) cores=$((cores + 1)) ;; *) break ;; esac
  done
}

look_around() {
  count_cores <"$ROOT/proc/stat"
  [ -r "$ROOT/proc/mounts" ] && local_mounts <"$ROOT/proc/mounts"
  ask $mounts
}

memory() {
  available= spare=0 swap=0 swap_free=0
  while read -r key value _; do
    case $key in
    MemTotal:) total=$value ;;
    MemAvailable:) available=$value ;;
    MemFree: | Buffers: | Cached:) spare=$((spare + value)) ;;
    SwapTotal:) swap=$value ;;
    SwapFree:) swap_free=$value; break ;;
    esac
  done
  memory="$total ${available:-$spare} $swap $swap_free"  # no MemAvailable before Linux 3.14
}

interfaces() {
  interfaces=
  while read -r line; do
    case $line in
    *'|'* | lo:* | veth* | cali* | ifb* | dummy*) continue ;;
    *:*) set -- ${line#*:}; interfaces="$interfaces;${line%%:*} $1 $9 $(($3 + $4 + ${11} + ${12}))" ;;
    esac
  done
}

devices() {
  devices= whole='?'
  while read -r _ _ device reads _ read _ writes _ written _ _ busy _; do
    case $device in
    loop* | ram* | zram* | sr[0-9]* | fd[0-9]* | dm-* | md[0-9]*) continue ;;
    "$whole"[0-9]* | "$whole"p[0-9]*) continue ;;  # a partition follows its disk
    esac
    whole=$device
    case $reads$writes in 00) ;; *) devices="$devices;$device $read $written $busy" ;; esac
  done
}

pressure() {
  pressure=
  for kind in cpu memory io; do
    average=-
    [ -r "$ROOT/proc/pressure/$kind" ] && read -r _ average _ <"$ROOT/proc/pressure/$kind"
    pressure="$pressure ${average#avg10=}"
  done
}

tick() {
  read -r uptime _ <"$ROOT/proc/uptime"
  read -r load1 load5 load15 tasks _ <"$ROOT/proc/loadavg"
  read -r _ cpu <"$ROOT/proc/stat"
  memory <"$ROOT/proc/meminfo"
  pressure
  interfaces=- devices=-
  [ -r "$ROOT/proc/net/dev" ] && interfaces <"$ROOT/proc/net/dev"
  [ -r "$ROOT/proc/diskstats" ] && devices <"$ROOT/proc/diskstats"
  printf '%s\n' "t|$uptime|$load1 $load5 $load15 $tasks|$cpu|$cores|$memory|${pressure# }|${interfaces#;}|${devices#;}"
}

read -r host <"$ROOT/proc/sys/kernel/hostname"
read -r kernel <"$ROOT/proc/sys/kernel/osrelease"
look_around
printf '\ntwinwatch|1|%s|%s|sh\n' "$host" "$kernel"
ticks=0
while read -r word; do
  case $word in q) break ;; esac
  case $ticks in 12) ticks=0; look_around ;; 1) bury ;; esac
  ticks=$((ticks + 1))
  tick
done
leave
exit 0
