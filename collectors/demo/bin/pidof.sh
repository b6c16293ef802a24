#!/bin/sh
# pidof of a demo host: keepalived runs where there is a service address.
[ "$1" = keepalived ] && [ -r "${0%/bin/*}/etc/keepalived.journal" ] && echo 71
