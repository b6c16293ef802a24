# Prints what waits to be installed, from the lists that are there, and how old those are.
root=${TWINWATCH_ROOT:-}
pretty=$(sed -n 's/^PRETTY_NAME="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' "$root/etc/os-release" 2>/dev/null)
printf '%s\n' "release $pretty"
read -r kernel <"$root/proc/sys/kernel/osrelease" && printf '%s\n' "kernel $kernel"

# A newer kernel beside the one that runs, as Debian, Red Hat and others name them.
reboot=unknown
if [ -e "$root/run/reboot-required" ]; then
reboot=yes
elif [ -e "$root/boot/vmlinuz-$kernel" ]; then
newest=$(printf '%s\n' "$root/boot"/vmlinuz-*[0-9]* | sort -V | tail -n 1)
if [ "$newest" = "$root/boot/vmlinuz-$kernel" ]; then reboot=no; else reboot=yes; fi
fi
digest() { { sha256sum || shasum -a 256; } 2>/dev/null | cut -c 1-16; }

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
echo system apt
said=$(apt-get -s -q -o Debug::NoLocking=true dist-upgrade 2>&1) || {
printf '%s\n' "$said" | tail -n 1
exit 1
}
printf '%s\n' "$said" | awk '
$1 == "Inst" {
secure = tolower($0) ~ /\([^)]*security/
pending++
if (secure) { security++; if (security <= 40) first[security] = $2 }
else if (pending - security <= 40) other[pending - security] = $2
}
END {
print "pending " pending + 0 " " security + 0
for (i = 1; i <= 40 && i in first; i++) print "name security " first[i]
for (i = 1; i <= 40 && i in other; i++) print "name other " other[i]
}'
every=$(dpkg-query -W -f '${db:Status-Abbrev} ${binary:Package} ${Version}\n' | grep '^.i' | sort)
printf '%s\n' "installed $(printf '%s\n' "$every" | digest) $(printf '%s\n' "$every" | grep -c .)"
# apt gives the lists the age that the server says; of the two directories one is written each time.
listed=$(stat -c %Y "$root/var/lib/apt/lists" "$root/var/lib/apt/lists/partial" 2>/dev/null |
sort -n | tail -n 1)
last=$(cat "$root/var/log/dpkg.log.1" "$root/var/log/dpkg.log" 2>/dev/null |
sed -n 's/^\([0-9-]* [0-9:]*\) upgrade .*/\1/p' | tail -n 1)
applied=
[ -z "$last" ] || applied=$(date -d "$last" +%s 2>/dev/null)
elif command -v dnf >/dev/null && command -v rpm >/dev/null; then
echo system dnf
said=$(dnf -q -C check-update 2>&1)
case $? in
0 | 100) ;;
*) printf '%s\n' "$said" | tail -n 1; exit 1 ;;
esac
secure=$(dnf -q -C updateinfo list --updates --security 2>/dev/null)
{ printf '%s\n' "$secure" | sed 's/^/secure /'; printf '%s\n' "$said"; } | awk '
$1 == "secure" { if (NF >= 4) mends[$NF] = 1; next }
/^Obsoleting/ { exit }
NF == 3 && $1 ~ /\.[a-z0-9_]+$/ {
split($1, part, /\.[a-z0-9_]+$/); name = part[1]
version = $2; sub(/^[0-9]+:/, "", version)
arch = substr($1, length(name) + 2)
pending++
if ((name "-" version "." arch) in mends || (name "-" $2 "." arch) in mends) {
security++; if (security <= 40) first[security] = name
} else if (pending - security <= 40) other[pending - security] = name
}
END {
print "pending " pending + 0 " " security + 0
for (i = 1; i <= 40 && i in first; i++) print "name security " first[i]
for (i = 1; i <= 40 && i in other; i++) print "name other " other[i]
}'
every=$(rpm -qa | sort)
printf '%s\n' "installed $(printf '%s\n' "$every" | digest) $(printf '%s\n' "$every" | grep -c .)"
listed=$(stat -c %Y "$root/var/cache/dnf"/*/repodata 2>/dev/null | sort -n | tail -n 1)
applied=$(rpm -qa --qf '%{INSTALLTIME}\n' | sort -n | tail -n 1)
if command -v needs-restarting >/dev/null; then
needs-restarting -r >/dev/null 2>&1
case $? in 0) reboot=no ;; 1) reboot=yes ;; esac
fi
else
echo 'neither apt nor dnf keeps packages here'
exit 69
fi
echo "reboot $reboot"
echo "now $(date +%s) ${listed:--} ${applied:--}"
echo end
