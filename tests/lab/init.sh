#!/bin/sh
# The first process of a host: builds its root and becomes its PID 1.
# NAME, ROOT (an empty directory), LOWER (overlay layers), UPPER (a directory on a tmpfs), INIT …
# Runs in mount, UTS, IPC, PID, cgroup and time namespaces of its own; its network was joined before.
set -eu
name=$1 root=$2 lower=$3 upper=$4
shift 4
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

mount --make-rprivate /
mkdir -p "$upper/changes" "$upper/work" "$root"
mount -t overlay "lab-$name" -o "lowerdir=$lower,upperdir=$upper/changes,workdir=$upper/work" "$root"
hostname "$name"

mount -t proc proc "$root/proc"
# A host may not turn the knobs of the machine that carries it.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
[ ! -e "$root/proc/sysrq-trigger" ] || mount --bind /dev/null "$root/proc/sysrq-trigger"
mount -t sysfs -o ro sysfs "$root/sys"
# Hosts that run systemd see their own cgroup as the root of the tree.
[ ! -d "$root/sys/fs/cgroup" ] || mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"

mount -t tmpfs -o mode=755,size=1m dev "$root/dev"
while read -r device major minor; do
    mknod -m 666 "$root/dev/$device" c "$major" "$minor"
done <<DEVICES
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
DEVICES
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"; ln -s fd/1 "$root/dev/stdout"; ln -s fd/2 "$root/dev/stderr"
: >"$root/dev/console"
mount -t tmpfs -o mode=1777,size=256m shm "$root/dev/shm"
mount -t tmpfs -o mode=755,size=64m run "$root/run"
mkdir -p "$root/run/lock" "$root/run/sshd"

# The kernel's boot id is the machine's: a host that restarts must show another.
cat /proc/sys/kernel/random/uuid >"$root/run/lab-boot-id"
mount --bind "$root/run/lab-boot-id" "$root/proc/sys/kernel/random/boot_id"
mount -o remount,bind,ro "$root/proc/sys/kernel/random/boot_id"

cd "$root"
mkdir -p .old
pivot_root . .old
cd /
umount -l /.old
rmdir /.old
export container=lab
exec "$@"
