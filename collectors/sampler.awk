# One line of counters for each line on stdin, until end-of-file; see sampler.py for the lines.
# Resident: no fork a tick. POSIX awk only (mawk, gawk, busybox, the one true awk).

function first(file,  line) {
  if ((getline line < file) < 1) line = ""
  close(file)
  return line
}

function uptime(  line) {
  line = first(ROOT "/proc/uptime")
  return substr(line, 1, index(line, " ") - 1)
}

function loads(  line) {
  line = first(ROOT "/proc/loadavg")
  sub(/ [0-9]+$/, "", line)
  return line
}

function memory(  file, line, word, available, spare) {
  file = ROOT "/proc/meminfo"
  available = ""; spare = 0; kb["SwapTotal:"] = kb["SwapFree:"] = 0
  while ((getline line < file) > 0) {
    split(line, word)
    kb[word[1]] = word[2]
    if (word[1] == "MemAvailable:") available = word[2]
    else if (word[1] == "MemFree:" || word[1] == "Buffers:" || word[1] == "Cached:") spare += word[2]
    else if (word[1] == "SwapFree:") break
  }
  close(file)
  if (available == "") available = sprintf("%.0f", spare)  # no MemAvailable before Linux 3.14
  return kb["MemTotal:"] " " available " " kb["SwapTotal:"] " " kb["SwapFree:"]
}

function pressure(kind,  line) {
  line = first(ROOT "/proc/pressure/" kind)
  return line ~ /^some avg10=/ ? substr(line, 12, index(line, " avg60") - 12) : "-"
}

function interfaces(  file, line, word, colon, name, all) {
  file = ROOT "/proc/net/dev"
  all = ""
  if ((getline line < file) < 1) { close(file); return "-" }
  while ((getline line < file) > 0) {
    if (line ~ /\|/ || !(colon = index(line, ":"))) continue
    name = substr(line, 1, colon - 1)
    gsub(/ /, "", name)
    if (name == "lo" || name ~ /^(veth|cali|ifb|dummy)/) continue
    split(substr(line, colon + 1), word)
    all = all ";" name " " word[1] " " word[9] " " sprintf("%.0f", word[3] + word[4] + word[11] + word[12])
  }
  close(file)
  return substr(all, 2)
}

function devices(  file, line, word, whole, all, status) {
  file = ROOT "/proc/diskstats"
  all = ""; whole = "?"
  while ((status = (getline line < file)) > 0) {
    split(line, word)
    if (word[3] ~ /^(loop|ram|zram|sr[0-9]|fd[0-9]|dm-|md[0-9])/) continue
    if (index(word[3], whole) == 1 && substr(word[3], length(whole) + 1) ~ /^p?[0-9]/) continue  # a partition follows its disk
    whole = word[3]
    if (word[4] + word[8] > 0) all = all ";" whole " " word[6] " " word[10] " " word[13]
  }
  close(file)
  return status < 0 ? "-" : substr(all, 2)
}

function count_cores(  file, line, n) {
  file = ROOT "/proc/stat"
  n = -1
  while ((getline line < file) > 0 && substr(line, 1, 3) == "cpu") n++
  close(file)
  return n
}

function local_mounts(  file, line, word, type, all, seen) {
  file = ROOT "/proc/mounts"
  all = ""
  while ((getline line < file) > 0) {
    split(line, word)
    type = word[3]
    if (type == "overlay") { if (word[2] != "/") continue }
    else if (type == "tmpfs") { if (word[2] != "/tmp" && word[2] != "/run") continue; word[1] = word[2] }
    else if (!(type ~ /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|bcachefs|nilfs2|vfat|exfat|ntfs3)$/)) continue
    if (word[1] in seen) continue
    seen[word[1]] = 1
    all = all " " word[2]
  }
  close(file)
  return all
}

function look_around() {
  cores = count_cores()
  print local_mounts() "\n" | LOOKER
  fflush(LOOKER)
}

BEGIN {
  # One write a line: an interactive mawk writes the line end by itself, and the look's line, which
  # comes from another process, would get in between.
  ORS = ""
  ROOT = ENVIRON["ROOT"]
  LOOKER = "eval \"$LOOK\"; while read -r mounts; do case $mounts in bury) bury; continue ;; esac; set -f; set -- $mounts; set +f; ask \"$@\"; done; leave"
  look_around()
  print "\ntwinwatch|1|" first(ROOT "/proc/sys/kernel/hostname") "|" first(ROOT "/proc/sys/kernel/osrelease") "|" NAME "\n"
  fflush()
}

$0 == "q" { exit }

{
  if (ticks == 12) { ticks = 0; look_around() }
  else if (ticks == 1) { print "bury\n" | LOOKER; fflush(LOOKER) }
  ticks++
  print "t|" uptime() "|" loads() "|" substr(first(ROOT "/proc/stat"), 6) "|" cores "|" memory() "|" pressure("cpu") " " pressure("memory") " " pressure("io") "|" interfaces() "|" devices() "\n"
  fflush()
}
