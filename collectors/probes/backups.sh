# Prints for each backup, given as NAME files|command WHAT, its newest copy, by the host's clock.
root=${TWINWATCH_ROOT:-}
while [ $# -ge 3 ]; do
  printf '%s\n' "at $1"
  case $2 in
  files)
    # The pattern is one word without blanks, which the estate's grammar sees to.
    copies=$(stat -L -c '%Y %s %F|%n' $root$3 2>/dev/null | sort -rn)
    parent=${3%%[*?]*}
    parent=${parent%/*}
    if [ -n "$copies" ]; then
      printf '%s\n' "$copies" | awk -v "root=$root" '
        NR == 1 {
          at = $1
          size = $3 ~ /^directory/ ? "-" : $2
          file = $0; sub(/^[^|]*[|]/, "", file); file = substr(file, length(root) + 1)
        }
        END { print "newest " at " " size " " NR " " file }'
    elif [ -r "$root${parent:-/}" ] && [ -x "$root${parent:-/}" ]; then
      echo none
    else
      echo "! ${parent:-/} can't be looked into"
    fi
    ;;
  command)
    if said=$(sh -c "$3" 2>&1 </dev/null); then
      printf '%s\n' "$said" | head -n 1 | sed 's/^/says /'
    else
      printf '%s\n' "$said" | tail -n 1 | sed 's/^/! /'
    fi
    ;;
  esac
  shift 3
done
echo "now $(date +%s)"
echo end
