# Prints what waits in Exim's queue and what of it is frozen; see queuelines.py.
for exim in exim4 exim ''; do
  case $exim in '') echo 'no Exim here: there is no exim'; exit 69 ;; esac
  command -v "$exim" >/dev/null && break
done
# To count is to read a directory; to list is to read a file a message. The oldest come first.
depth=$("$exim" -bpc 2>&1) || { printf 'gap\t-\t%s\n' "$depth"; exit 0; }
"$exim" -bp 2>&1 | head -n 8000 | awk -v "depth=$depth" -v most=2000 '
  BEGIN {
    OFS = "\t"
    seconds["m"] = 60; seconds["h"] = 3600; seconds["d"] = 86400; seconds["w"] = 604800
  }
  depth !~ /^[0-9]+$/ { print "gap", "-", depth; failed = 1; exit }
  /^ *[0-9]+[mhdw] +[^ ]+ +[0-9A-Za-z]+-[0-9A-Za-z]+-[0-9A-Za-z]+ / {
    if (++seen == 1) oldest = ($1 + 0) * seconds[substr($1, length($1))]
    if (/\*\*\* frozen \*\*\*$/) {
      if (++frozen == 1) cold = ($1 + 0) * seconds[substr($1, length($1))]
    }
    next
  }
  # Who was served already has a D before it.
  /^ +[^ ]+@[^ ]+$/ && seen > 0 && seen <= most {
    at = $1
    sub(/^.*@/, "", at)
    if (at ~ /^[!-~]+$/ && length(at) <= 64) want[tolower(at)]++
  }
  END {
    if (failed) exit
    if (depth !~ /^[0-9]+$/) { print "gap", "-", depth == "" ? "no count" : depth; exit }
    old = seen && depth + 0 ? oldest : "-"
    print "queue", depth, old, "-", "-", "-", "waiting"
    # The frozen ones are old: of more than 2,000 the oldest are looked at.
    old = frozen ? cold : "-"
    if (seen >= depth + 0 || frozen) print "queue", frozen + 0, old, "-", "-", "-", "frozen"
    for (place = 0; place < 5; place++) {
      most_wanted = ""
      for (at in want)
        if (!(at in shown) && (most_wanted == "" || want[at] > want[most_wanted])) most_wanted = at
      if (most_wanted == "") break
      shown[most_wanted] = 1
      print "to", want[most_wanted], seen, "waiting", most_wanted
    }
  }
'
