#!/bin/sh
# df of a demo host: -k and -i print the tables that its life writes, for the mounts asked for.
root=${0%/bin/*}
table=space
wanted=
for word; do
    case $word in
    -*i*) table=inodes ;;
    -*) ;;
    *) wanted="$wanted $word" ;;
    esac
done
while read -r device size used free share mount; do
    case "$device:$wanted " in
    Filesystem:* | *": ") ;;
    *" $mount "*) ;;
    *) continue ;;
    esac
    echo "$device $size $used $free $share $mount"
done <"$root/etc/df.$table"
