"""`labapp`: the small Debian package that is served, patched and rolled back in the lab.

An HTTP server on a host's own address 127.0.0.1:8080 that says its version. Its packages differ as
releases differ: 2.0 asks for a reboot when it is installed, and 3.0 never becomes healthy.
"""

from __future__ import annotations

import subprocess
import tempfile
from functools import cache
from pathlib import Path

PORT = 8080
VERSIONS = ("1.0", "2.0", "3.0")

#: Installed, and then its health check fails.
SICK = "3.0"

#: In the manner of a new libc: the host runs what it had until it is restarted.
ASKS_FOR_REBOOT = "2.0"

CONTROL = """\
Package: labapp
Version: {version}
Architecture: all
Maintainer: The lab <root@lab.test>
Depends: python3:any
Description: says its version over HTTP
"""

UNIT = """\
[Unit]
Description=Says its version over HTTP

[Service]
DynamicUser=yes
ExecStart=/usr/bin/labapp
Restart=always
RestartSec=200ms

[Install]
WantedBy=multi-user.target
"""

PROGRAM = """\
#!/usr/bin/python3
import http.server
import socket

VERSION, HEALTHY = "{version}", {healthy}


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        sick = self.path == "/healthz" and not HEALTHY
        said = f"labapp {{VERSION}} on {{socket.gethostname()}}\\n".encode()
        self.send_response(500 if sick else 200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", {port}), Answer).serve_forever()
"""

INSTALLED = """\
#!/bin/sh
set -e
systemctl daemon-reload
systemctl -q enable labapp
systemctl restart labapp
"""

WANTS_REBOOT = """\
touch /run/reboot-required
echo labapp >>/run/reboot-required.pkgs
"""

REMOVED = """\
#!/bin/sh
[ "$1" != remove ] || systemctl -q disable --now labapp
"""


def file_name(version: str) -> str:
    return f"labapp_{version}_all.deb"


@cache
def package(version: str) -> bytes:
    """The .deb of that version, made with dpkg-deb."""
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        _write(tree / "DEBIAN/control", CONTROL.format(version=version))
        after = INSTALLED + (WANTS_REBOOT if version == ASKS_FOR_REBOOT else "")
        _write(tree / "DEBIAN/postinst", after, mode=0o755)
        _write(tree / "DEBIAN/prerm", REMOVED, mode=0o755)
        _write(tree / "lib/systemd/system/labapp.service", UNIT)
        program = PROGRAM.format(version=version, healthy=version != SICK, port=PORT)
        _write(tree / "usr/bin/labapp", program, mode=0o755)
        made = Path(scratch) / file_name(version)
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, made],
            check=True, capture_output=True, timeout=30,
        )  # fmt: skip
        return made.read_bytes()


def _write(path: Path, text: str, *, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o755)
    path.write_text(text)
    path.chmod(mode)
