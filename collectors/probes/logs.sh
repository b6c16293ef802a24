# Prints the last lines of each log, given as NAME unit|file WHAT LINES, each behind a bar.
root=${TWINWATCH_ROOT:-}
while [ $# -ge 4 ]; do
  printf '%s\n' "at $1"
  case $2 in
  unit) said=$(journalctl -q -u "$3" -n "$4" -o short-iso --no-pager 2>&1) ;;
  file) said=$(tail -n "$4" "$root$3" 2>&1) ;;
  esac && bar='|' || bar='!'
  [ -z "$said" ] || printf '%s\n' "$said" | tail -n "$4" | cut -c 1-400 | sed "s/^/$bar /"
  shift 4
done
echo end
