#!/bin/sh
# journalctl of a demo host: it has kept what keepalived said, and nothing else.
case " $* " in
*" keepalived "*) exec cat "${0%/bin/*}/etc/keepalived.journal" ;;
esac
