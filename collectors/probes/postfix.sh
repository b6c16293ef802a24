# Prints a line for each queue of Postfix, and where its mail wants to go; see queuelines.py.
command -v postqueue >/dev/null || { echo 'no Postfix here: there is no postqueue'; exit 69; }
case $(postconf -h mail_version 2>/dev/null) in
[012].* | 3.0*) form=-p ;;
*) form=-j ;;
esac
directory=$(postconf -h queue_directory 2>/dev/null)
directory=${TWINWATCH_ROOT:-}${directory:-/var/spool/postfix}

# Who may look into the queues counts files, and has no more than 2,000 messages listed: showq reads
# the file of each. Since when one waits its birth says, for its other times move on; find itself
# asks for no birth on some file systems (4.9 on overlay), stat does.
files() {
  for queue in incoming active deferred hold; do
    printf 'files\t%s\n' "$queue"
    [ -d "$directory/$queue" ] || echo 'there is no such directory'
    find "$directory/$queue" -type f 2>&1
    printf 'found\t%d\n' $?
    find "$directory/$queue" -type f -exec stat -c %W {} + 2>/dev/null
  done
  postqueue "$form" 2>&1 | head -n "$1"
}
all() {
  postqueue "$form" 2>&1
  printf '\nended\t%d\n' $?
}
look=all
counted=
[ -d "$directory/deferred" ] && [ -r "$directory/deferred" ] && [ -x "$directory/deferred" ] &&
  look='files 2000' counted=yes

$look | awk -v "now=$(date +%s)" -v "counted=$counted" -v most=2000 '
  BEGIN { OFS = "\t"; order = "incoming active deferred hold" }

  /^files\t/ { queue = $2; finding = 1; next }
  /^found\t/ {
    finding = 0
    if ($2 > 128 && !(queue in lost)) lost[queue] = "find was ended, status " $2
    next
  }
  finding && /^\// { files[queue]++; next }
  # What is delivered while it looks is gone, and rightly not counted.
  finding { if (!/: No such file or directory$/) lost[queue] = $0; next }
  /^[0-9]+$/ { see(queue, $1 + 0); next }

  # One JSON object a line. What a stranger wrote stands behind what we read, its quotes escaped.
  /^\{"queue_name": "/ {
    split($0, part, "\"")
    name = part[4]
    at = 0
    if (match($0, /"arrival_time": [0-9]+/)) at = substr($0, RSTART + 16, RLENGTH - 16) + 0
    listed[name]++
    see(name, at)
    if (++seen > most) next
    tallied[name]++
    rest = $0
    start = index(rest, "\"recipients\": [")
    rest = start ? substr(rest, start) : ""
    for (each = 0; each < 20 && (start = index(rest, "\"address\": \"")) > 0; each++) {
      rest = substr(rest, start + 12)
      if (!match(rest, /[^\\]"/)) break
      tally(name, substr(rest, 1, RSTART))
      rest = substr(rest, RSTART + 2)
    }
    next
  }

  # Before 3.1: a star is active, an exclamation mark hold; what is incoming is not told apart.
  /^[0-9A-Za-z]+[*!]? +[0-9]+ / {
    name = $1 ~ /\*$/ ? "active" : $1 ~ /!$/ ? "hold" : "deferred"
    listed[name]++
    if (++seen <= most) tallied[name]++
    next
  }
  /^ +[^ ()]+@[^ ()]+$/ && name != "" { if (seen <= most) tally(name, $1); next }

  /^postqueue: / { said = substr($0, 12); next }
  /^ended\t/ { status = $2; next }

  END {
    # Half a listing is no smaller number: who was killed may have had more to say.
    if (said == "" && counted == "" && status != "0") said = "postqueue ended with status " status
    if (said != "") print "gap", "-", said
    if (said != "" && counted == "") exit
    count = split(order, names, " ")
    for (i = 1; i <= count; i++) {
      name = names[i]
      if (name in lost) { print "unknown", "-", lost[name], name; continue }
      depth = counted ? files[name] + 0 : listed[name] + 0
      old = depth > 0 && name in first && now >= first[name] ? now - first[name] : "-"
      print "queue", depth, old, "-", "-", "-", name
      for (place = 0; place < 5; place++) show_most(name)
    }
  }

  function see(queue, at) { if (at > 0 && (!(queue in first) || at < first[queue])) first[queue] = at }

  function tally(queue, address,  at) {
    at = address
    sub(/^.*@/, "", at)
    if (at !~ /^[!-~]+$/ || length(at) > 64) return
    at = tolower(at)
    want[queue "\t" at]++
  }

  function show_most(queue,  pair, most_wanted, part) {
    most_wanted = ""
    for (pair in want)
      if (index(pair, queue "\t") == 1 && !(pair in shown) &&
        (most_wanted == "" || want[pair] > want[most_wanted])) most_wanted = pair
    if (most_wanted == "") return
    shown[most_wanted] = 1
    split(most_wanted, part, "\t")
    print "to", want[most_wanted], tallied[queue], queue, part[2]
  }
'
