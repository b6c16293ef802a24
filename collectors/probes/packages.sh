# Prints what waits to be installed, from the lists that are there, and how old those are.
root=${TWINWATCH_ROOT:-}
os=$root/etc/os-release
pretty=$(sed -n 's/^PRETTY_NAME="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' "$os" 2>/dev/null)
printf '%s\n' "release $pretty"
read -r kernel <"$root/proc/sys/kernel/osrelease" && printf '%s\n' "kernel $kernel"

# A note that Debian's packages leave, or a newer kernel beside the one that runs.
reboot=unknown
if [ -e "$root/run/reboot-required" ]; then
  reboot=yes
elif [ -e "$root/boot/vmlinuz-$kernel" ]; then
  newest=$(printf '%s\n' "$root/boot"/vmlinuz-*[0-9]* | sort -V | tail -n 1)
  if [ "$newest" = "$root/boot/vmlinuz-$kernel" ]; then reboot=no; else reboot=yes; fi
fi

digest() { { sha256sum || shasum -a 256; } 2>/dev/null | cut -c 1-16; }

# installed LIST: a digest of all packages with their versions, and how many there are. No host has
# none: where they can't be listed, hosts must not seem to be alike.
installed() {
  [ -n "$1" ] || { echo 'the packages that are installed can not be listed'; exit 1; }
  echo "installed $(printf '%s\n' "$1" | digest) $(printf '%s\n' "$1" | grep -c .)"
}

# Counts lines "security NAME" and "other NAME", and tells the first of each. With `blind` nobody
# knows which of them mend a hole.
tell='
  { count[$1]++; if (count[$1] <= 40) first[$1, count[$1]] = $2 }
  END {
    all = count["security"] + count["other"]
    print "pending " all " " (blind && all ? "-" : count["security"] + 0)
    for (i = 1; i <= 40 && i <= count["security"]; i++) print "name security " first["security", i]
    for (i = 1; i <= 40 && i <= count["other"]; i++) print "name other " first["other", i]
  }'

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
  echo system apt
  said=$(apt-get -s -q -o Debug::NoLocking=true dist-upgrade 2>&1) || {
    printf '%s\n' "$said" | tail -n 1
    exit 1
  }
  printf '%s\n' "$said" | awk '
    $1 == "Inst" { print (tolower($0) ~ /\([^)]*security/ ? "security " : "other ") $2 }
  ' | awk "$tell"
  form='${db:Status-Abbrev} ${binary:Package} ${Version}\n'
  all=$(dpkg-query -W -f "$form") || all=
  installed "$(printf '%s\n' "$all" | grep '^.i' | sort)"
  # apt gives lists the age that the server says; of the two directories one is written each time.
  lists=$root/var/lib/apt/lists
  listed=$(stat -c %Y "$lists" "$lists/partial" 2>/dev/null | sort -n | tail -n 1)
  last=$(cat "$root/var/log/dpkg.log.1" "$root/var/log/dpkg.log" 2>/dev/null |
    sed -n 's/^\([0-9-]* [0-9:]*\) upgrade .*/\1/p' | tail -n 1)
  applied=
  [ -z "$last" ] || applied=$(date -d "$last" +%s 2>/dev/null)
elif command -v dnf >/dev/null && command -v rpm >/dev/null; then
  echo system dnf
  said=$(dnf -q -C check-update 2>&1)
  case $? in
  0 | 100) ;;
  *)
    printf '%s\n' "$said" | tail -n 1
    exit 1
    ;;
  esac
  blind=
  secure=$(dnf -q -C updateinfo list --updates --security 2>/dev/null) || blind=yes
  # An advisory names NAME-VERSION-RELEASE.ARCH, in dnf 4 as its last word, in dnf 5 before the day;
  # check-update names NAME.ARCH and then the version.
  { printf '%s\n' "$secure" | sed 's/^/advisory /'; printf '%s\n' "$said"; } | awk '
    $1 == "advisory" { for (i = 3; i <= NF; i++) { sub(/-[0-9]+:/, "-", $i); mends[$i] = 1 }; next }
    /^Obsoleting/ { exit }
    NF == 3 && match($1, /\.[a-z0-9_]+$/) {
      name = substr($1, 1, RSTART - 1); arch = substr($1, RSTART)
      version = $2; sub(/^[0-9]+:/, "", version)
      print ((name "-" version arch) in mends ? "security " : "other ") name
    }' | awk -v "blind=$blind" "$tell"
  all=$(rpm -qa) || all=
  installed "$(printf '%s\n' "$all" | sort)"
  listed=$(stat -c %Y "$root/var/cache/dnf"/*/repodata 2>/dev/null | sort -n | tail -n 1)
  applied=$(rpm -qa --qf '%{INSTALLTIME}\n' | sort -n | tail -n 1)
  if command -v needs-restarting >/dev/null; then
    said=$(needs-restarting -r 2>/dev/null)
    case $?,$said in
    0,*) reboot=no ;;
    1,*'eboot is required'*) reboot=yes ;; # it ends with 1 where it fails, too
    esac
  fi
else
  echo 'neither apt nor dnf keeps packages here'
  exit 69
fi
echo "reboot $reboot"
echo "now $(date +%s) ${listed:--} ${applied:--}"
echo end
