"""Where good mail of the lab ends: a server on a relay's own loopback that takes everything."""

from __future__ import annotations

from pathlib import Path

from tests.lab.root import Root

ADDRESS, PORT = "127.0.0.1", 2525

#: One line a recipient, in the order of arrival: address, tab, subject.
DELIVERED = "/var/lib/lab-sink/delivered"

PROGRAM = "/usr/local/lib/lab/smtp_sink.py"
UNIT = "lab-sink.service"

_SERVICE = f"""\
[Unit]
Description=The world outside, as far as mail is concerned

[Service]
ExecStart=/usr/bin/python3 -S -B {PROGRAM} {ADDRESS} {PORT} {DELIVERED}
StateDirectory=lab-sink
"""


def install(root: Root) -> None:
    root.copy(Path(__file__).parents[1] / "programs" / "smtp_sink.py", PROGRAM)
    root.unit(UNIT, _SERVICE)
