#!/bin/sh
# postconf of a demo host: what a probe of the queues asks for.
for word; do
    case $word in
    mail_version) echo 3.7.11 ;;
    queue_directory) echo /var/spool/postfix ;;
    esac
done
