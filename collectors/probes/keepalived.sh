# Prints for each address whether this host holds it, whether keepalived runs, and its last state.
command -v ip >/dev/null || { echo 'no ip, which lists addresses'; exit 69; }
said=$(ip -o addr show 2>&1) || { printf '%s\n' "$said"; exit 1; }
for wanted; do
  printf '%s\n' "$said" | awk -v "wanted=$wanted" '
    { split($4, part, "/") }
    part[1] == wanted { print "held " wanted " " $2; found = 1; exit }
    END { if (!found) print "absent " wanted }
  '
done
if pidof keepalived >/dev/null 2>&1; then echo running; else echo stopped; fi
journalctl -q -u keepalived -n 400 -o cat --no-pager 2>/dev/null |
  sed -n 's/.*Entering \([A-Z]*\) STATE.*/state \1/p' | tail -n 1
echo end
