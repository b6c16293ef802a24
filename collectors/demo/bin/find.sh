#!/bin/sh
# find of a demo host: in a queue of Postfix its files, or with -exec stat since when each of them
# waits; elsewhere the real one.
root=${0%/bin/*}
case ${1:-} in
"$root"/var/spool/postfix/*) ;;
*) exec /usr/bin/find "$@" ;;
esac
read -r waiting <"$root/etc/queue.${1##*/}" || exit 1
case " $* " in *" -exec "*) births=yes ;; *) births= ;; esac
exec awk -v waiting="$waiting" -v births="$births" -v queue="$1" -v now="$(date +%s)" 'BEGIN {
    for (i = 1; i <= waiting; i++) print births ? now - 1 - i % 900 : queue "/4F" i
}'
