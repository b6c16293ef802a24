#!/bin/sh
# postqueue of a demo host: -j prints one JSON object a message, -p a list, of as many messages as
# its life says are deferred.
root=${0%/bin/*}
read -r waiting <"$root/etc/queue.deferred" || exit 69
case " $* " in
*" -j "*) form=json ;;
*" -p "*) form=list ;;
*)
    echo "usage: postqueue -j | -p" >&2
    exit 64
    ;;
esac
exec awk -v waiting="$waiting" -v form="$form" -v now="$(date +%s)" 'BEGIN {
    split("mbx-c05 mbx-c06 mbx-c07 mbx-c08 gmail.example", target, " ")
    if (form == "list" && waiting == 0) { print "Mail queue is empty"; exit }
    if (form == "list") print "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------"
    for (i = 1; i <= waiting; i++) {
        id = sprintf("4F%08X", i * 2654435 % 4294967296)
        to = "user" i "@" target[1 + i % 5]
        why = "connect to " target[1 + i % 5] ":25: Connection refused"
        if (form == "json")
            printf "{\"queue_name\": \"deferred\", \"queue_id\": \"%s\", \"arrival_time\": %d, \"message_size\": %d, \"forced_expire\": false, \"sender\": \"desk%d@demo.example\", \"recipients\": [{\"address\": \"%s\", \"delay_reason\": \"%s\"}]}\n", id, now - i % 3600, 2048 + i % 9000, i % 97, to, why
        else
            printf "%-12s%8d %s desk%d@demo.example\n%s(%s)\n%44s %s\n\n", id, 2048 + i % 9000, "Fri Nov 20 10:00:00", i % 97, "", why, "", to
    }
    if (form == "list") printf "-- %d Kbytes in %d Requests.\n", waiting * 6, waiting
}'
