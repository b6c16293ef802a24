# Prints what waits in sendmail's queues; see queuelines.py.
now=$(date +%s)
none=yes
for queue in mqueue clientmqueue; do
  directory=${TWINWATCH_ROOT:-}/var/spool/$queue
  [ -d "$directory" ] || continue
  none=
  [ -r "$directory" ] && [ -x "$directory" ] || {
    printf 'gap\t-\t%s may not be read\n' "$directory"
    continue
  }
  # A message is a file qf…; the line T… in it is when it came.
  depth=$(find "$directory" -type f -name 'qf*' 2>/dev/null | wc -l)
  first=$(find "$directory" -type f -name 'qf*' 2>/dev/null | head -n 2000 |
    xargs grep -h '^T[0-9][0-9]*$' 2>/dev/null | cut -c 2- | sort -n | head -n 1)
  oldest=-
  case $first in ?*) [ "$now" -ge "$first" ] && oldest=$((now - first)) ;; esac
  printf 'queue\t%d\t%s\t-\t-\t-\t%s\n' "$depth" "$oldest" "$queue"
done
case $none in yes) echo 'no sendmail here: there is no /var/spool/mqueue'; exit 69 ;; esac
