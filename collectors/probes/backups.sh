# Prints for each backup, given as NAME files|command WHAT, its newest copy, by the host's clock.
while [ $# -ge 3 ]; do
printf '%s\n' "at $1"
case $2 in
files)
# The pattern is one word without blanks, which the estate's grammar sees to.
copies=$(stat -L -c '%Y %s %F|%n' $3 2>/dev/null | sort -rn)
case $copies in
'') parent=${3%%[*?]*}; parent=${parent%/*}
if [ -r "${parent:-/}" ] && [ -x "${parent:-/}" ]; then echo 'none'
else echo "! ${parent:-/} can't be looked into"; fi ;;
*) printf '%s\n' "$copies" | awk '
NR == 1 { size = $3 ~ /^directory/ ? "-" : $2; file = $0; sub(/^[^|]*[|]/, "", file); at = $1 }
END { print "newest " at " " size " " NR " " file }' ;;
esac ;;
command)
said=$(sh -c "$3" 2>&1 </dev/null) && printf '%s\n' "$said" | head -n 1 | sed 's/^/says /' ||
printf '%s\n' "$said" | tail -n 1 | sed 's/^/! /' ;;
esac
shift 3
done
echo "now $(date +%s)"
echo end
