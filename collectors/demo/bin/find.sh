#!/bin/sh
# find of a demo host: in a queue of Postfix since when each message waits, elsewhere the real one.
root=${0%/bin/*}
case ${1:-} in
"$root"/var/spool/postfix/*) ;;
*) exec /usr/bin/find "$@" ;;
esac
read -r waiting <"$root/etc/queue.${1##*/}" || exit 1
exec awk -v waiting="$waiting" -v now="$(date +%s)" 'BEGIN {
    for (i = 1; i <= waiting; i++) print now - 1 - i % 900
}'
