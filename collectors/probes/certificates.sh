# Prints the first certificate of each file, given as NAME PATH pairs, each line behind a bar.
root=${TWINWATCH_ROOT:-}
while [ $# -ge 2 ]; do
  printf '%s\n' "at $1 $2"
  file=$root$2
  if [ -f "$file" ] && [ -r "$file" ]; then
    head -c 262144 "$file" | sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/{
      s/^/| /
      p
      /-----END CERTIFICATE-----/q
    }'
  elif [ -e "$file" ] && [ ! -f "$file" ]; then
    echo '! not a file'
  else
    why=$(cat "$file" 2>&1 >/dev/null)
    printf '%s\n' "! ${why##*: }"
  fi
  shift 2
done
echo end
