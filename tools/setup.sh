#!/bin/sh
# Makes the virtual environment. Needs python3 >= 3.11; says what to do where something is missing.
set -eu
venv=$1
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "setup: $python is missing or older than 3.11; install Python 3.11 or set PYTHON=/path/to/python3" >&2
    exit 2
}
# Debian keeps the part of venv that brings pip in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
    else
        echo "setup: this Python has no venv; as root: apt-get install python3-venv" >&2
        exit 2
    fi
fi
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint constraints.txt --editable '.[dev]'
# Compiled once here, so that no start of the console pays for it.
"$venv/bin/python" -m compileall -q estate collectors runbooks storage snapshots watch tui
