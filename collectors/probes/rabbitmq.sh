# Prints what waits in the queues of RabbitMQ, the 200 deepest; see queuelines.py.
command -v rabbitmqctl >/dev/null || { echo 'no RabbitMQ here: there is no rabbitmqctl'; exit 69; }
vhosts=$(rabbitmqctl -q list_vhosts name 2>&1) || { printf '%s\n' "$vhosts" | tail -n 1; exit 1; }
list() { rabbitmqctl -q list_queues -p "$vhost" "$@" messages consumers name 2>&1; }
printf '%s\n' "$vhosts" | while IFS= read -r vhost; do
  case $vhost in name | '' | Listing*) continue ;; esac
  # Where messages carry a time, the head of the queue tells how old it is.
  said=$(list head_message_timestamp) || said=$(list) || {
    printf 'gap\t-\t%s\n' "$(printf '%s' "$said" | tr '\n\t' '  ')"
    continue
  }
  printf '%s\n' "$said" | awk -F '\t' -v "vhost=$vhost" -v "now=$(date +%s)" '
    BEGIN { OFS = "\t" }
    NF >= 4 { at = $1; depth = $2; name = $4 }
    NF == 3 { at = ""; depth = $1; name = $3 }
    NF < 3 || depth == "messages" && name == "name" { next }  # newer ones print a heading
    depth !~ /^[0-9]+$/ {  # its leader is away
      print "unknown", "-", "its depth is not known", vhost == "/" ? name : vhost "/" name
      next
    }
    {
      old = at ~ /^[0-9]+$/ && at + 0 > 0 && at + 0 <= now ? now - at : "-"
      print "queue", depth, old, "-", "-", "-", vhost == "/" ? name : vhost "/" name
    }
  '
done | sort -s -t "$(printf '\t')" -k 2,2nr | awk -F '\t' -v most=200 '
  $1 != "queue" || ++queues <= most { print; next }
  # The deepest come first: where nothing waits in this one, nothing waits in those behind it.
  !said++ {
    said_of = $2 > 0 ? "-\tonly" : "others\tempty, only"
    print "gap\t" said_of " the " most " deepest queues are read"
  }
'
