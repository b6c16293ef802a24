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
if pidof keepalived >/dev/null 2>&1; then
  echo running
  # The last word of each of its instances since it was started; where these differ it has none.
  journalctl -q -u keepalived -n 400 -o cat --no-pager 2>/dev/null | awk '
    /Starting Keepalived/ { split("", last) }
    match($0, /\([^()]*\) Entering [A-Z]+ STATE/) {
      said = substr($0, RSTART, RLENGTH)
      count = split(said, word, " ")
      last[substr(said, 1, index(said, ") "))] = word[count - 1]
    }
    END {
      for (each in last) { differs = differs || (state != "" && state != last[each]); state = last[each] }
      if (state != "" && differs == 0) print "state " state
    }'
else
  echo stopped
fi
echo end
