# Prints the first certificate of each file, given as NAME PATH pairs, each line behind a bar.
while [ $# -ge 2 ]; do
printf '%s\n' "at $1 $2"
if [ -f "$2" ] && [ -r "$2" ]; then
head -c 262144 "$2" | sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/{
s/^/| /
p
/-----END CERTIFICATE-----/q
}'
elif [ -e "$2" ] && [ ! -f "$2" ]; then
echo '! not a file'
else
why=$(cat "$2" 2>&1 >/dev/null)
printf '%s\n' "! ${why##*: }"
fi
shift 2
done
echo end
