#!/bin/sh
# socat of a demo host: whatever socket is named, HAProxy answers.
exec cat "${0%/bin/*}/etc/haproxy.stat"
