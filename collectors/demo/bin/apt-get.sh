#!/bin/sh
# apt-get of a demo host: it tells what it would install, and installs nothing.
case " $* " in
*" -s "*) exec cat "${0%/bin/*}/etc/apt.upgrade" ;;
esac
echo 'E: the demo installs nothing' >&2
exit 100
