#!/bin/sh
# sudo of a demo host: everybody may do everything, as themselves.
while :; do
    case $1 in
    -u) shift 2 ;;
    -*) shift ;;
    *) break ;;
    esac
done
exec "$@"
