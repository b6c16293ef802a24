"""`python -m collectors.demo --dir DIR [--hosts N] [--scenario S]`: play the platform.

Prints one JSON line ({"estate", "ssh_config", "pid", "hosts"}) when every host listens, and plays
until its standard input closes or a signal asks it to end. DIR must be absent or empty; everything
is inside it, and its owner removes it. Exits 2 when it can't start as asked.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import signal
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

from collectors.demo.platform import Platform
from collectors.demo.roster import FEWEST, MOST, roster
from collectors.demo.scenario import SCENARIOS

#: Probes that measure over a second must see the host move on within it.
_ROUND_SECONDS = 0.5
_HONG_KONG = timezone(timedelta(hours=8))  # no summer time since 1979


def main() -> int:
    arguments = _arguments()
    directory: Path = arguments.dir.absolute()
    if directory.exists() and any(directory.iterdir()):
        sys.stderr.write(f"demo: {directory} is not empty: name a new directory\n")
        return 2
    # Three descriptors a command, one a connection: the usual soft limit of 1024 is soon reached.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    threading.stack_size(256 * 1024)  # some hundred threads, none of them deep
    logging.getLogger("paramiko").addHandler(logging.NullHandler())  # clients come and go
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: over.set())
    platform = Platform(directory, roster(arguments.hosts), SCENARIOS[arguments.scenario])
    try:
        sys.stdout.write(platform.ready() + "\n")
        sys.stdout.flush()
        threading.Thread(target=_await_end_of_input, args=(over,), daemon=True).start()
        _play(platform, over)
    finally:
        platform.close()
        end_commands(directory)
    return 0


def _play(platform: Platform, over: threading.Event) -> None:
    before = due = time.monotonic()
    while not over.wait(max(due - time.monotonic(), 0)):
        now, local = time.monotonic(), datetime.now(_HONG_KONG)
        platform.advance(now - before, local.hour + local.minute / 60)
        before, due = now, max(due + _ROUND_SECONDS, now)  # however long the work took


def _await_end_of_input(over: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    over.set()


def end_commands(directory: Path) -> None:
    """End every process that runs on a demo host, however far it ran from its parent.

    A command may have started sessions of its own; what marks it is the prefix in its environment.
    """
    mark = f"TWINWATCH_ROOT={directory}/".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with suppress(OSError):  # gone already, or somebody else's
                if mark in (entry / "environ").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m collectors.demo", description="Play a platform."
    )
    parser.add_argument("--dir", type=Path, required=True, help="a new directory for everything")
    parser.add_argument("--hosts", type=_count, default=16, help=f"{FEWEST} to {MOST}")
    parser.add_argument("--scenario", choices=tuple(SCENARIOS), default="calm")
    return parser.parse_args()


def _count(text: str) -> int:
    if not text.isdecimal() or not FEWEST <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {FEWEST} to {MOST}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
