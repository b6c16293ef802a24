"""Where the demo plays: a directory, the hosts' process, a watch of its own, and who clears up.

Four processes take part: the person's command, the hosts (`python -m collectors.demo`), the watch
(`python -m watch`) and the sweeper, a shell that waits for the command's end. It alone clears up,
after a good end as after kill -9: it ends every process that carries the stage's mark in its
environment, then removes the directory.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from watch.client import Client
from watch.error import WatchError
from watch.process import Place, ensure, place_in
from watch.source import Source

#: In the environment of every process of one stage; its value is the stage's directory.
MARK = "TWINWATCH_DEMO"
#: Files of one host, generously: they are many and small.
_HOST_BYTES = 1 << 20
_READY_SECONDS = 90.0

#: $1 is the stage's directory. Its input ends when the command does, however it does. It must not
#: carry the mark itself. sleep takes fractions nearly everywhere; where not, whole seconds do.
_SWEEPER = rf"""
trap '' HUP INT TERM QUIT
while read -r _; do :; done
for signal in TERM KILL; do
    round=0
    while [ $round -lt 30 ]; do
        left=$(grep -lsF "{MARK}=$1" /proc/[0-9]*/environ)
        [ -n "$left" ] || break 2
        case $signal$round in
        TERM0 | KILL*)
            for each in $left; do
                each=${{each#/proc/}}
                kill -s $signal "${{each%/environ}}" 2>/dev/null
            done
            ;;
        esac
        round=$((round + 1))
        sleep 0.1 2>/dev/null || sleep 1
    done
done
rm -rf -- "$1"
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A demo under way: its directory, the hosts' process, and the watch over them."""

    directory: Path
    hosts: subprocess.Popen[bytes]
    place: Place
    source: Source

    @property
    def client(self) -> Client:
        """A client of the watch, whether it runs or not."""
        return Client(self.place.socket)

    def attach(self) -> Client:
        """A client of the watch, which is started if it has ended. Raises WatchError."""
        return ensure(self.place, self.source)

    def missing(self) -> str:
        """Why the demo can't go on; "" when the hosts are there."""
        ended = self.hosts.poll()
        return "" if ended is None else f"the hosts' process ended ({_ending(ended)})"


@contextmanager
def stage(hosts: int, scenario: str, environ: Mapping[str, str]) -> Iterator[Stage]:
    """A platform of `hosts` hosts and a watch over it, for the length of a `with`.

    Nothing is left afterwards: no process, no file. Raises WatchError when it does not come up.
    """
    directory = Path(tempfile.mkdtemp(prefix="twinwatch-demo-", dir=_room(hosts, environ)))
    sweeper = subprocess.Popen(  # noqa: S603 - our own script; the directory is an argument
        ["/bin/sh", "-c", _SWEEPER, "twinwatch-demo-sweeper", directory],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={key: value for key, value in environ.items() if key != MARK},
        start_new_session=True,  # the terminal's hang-up and ctrl-c are not meant for it
    )
    try:
        os.environ[MARK] = str(directory)  # the watch inherits it; this process's own is unmarked
        platform = _start_hosts(directory, hosts, scenario)
        ready = _await_ready(platform, directory)
        source = Source(Path(ready["estate"]))
        playing = Stage(directory, platform, place_in(directory / "watch"), source)
        playing.attach()
        yield playing
    finally:
        os.environ.pop(MARK, None)
        assert sweeper.stdin is not None
        sweeper.stdin.close()
        sweeper.wait()


def ends_as_exit(number: int, frame: object) -> None:
    """A signal handler that ends the command through its `finally`s, as sys.exit does."""
    sys.exit(128 + number)


def _start_hosts(directory: Path, hosts: int, scenario: str) -> subprocess.Popen[bytes]:
    package = Path(__file__).resolve().parents[2]
    with (directory / "hosts.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own interpreter, arguments as a list
            [
                *(sys.executable, "-P", "-m", "collectors.demo"),
                *("--dir", str(directory / "platform")),
                *("--hosts", str(hosts)),
                *("--scenario", scenario),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(package)},
            start_new_session=True,
        )


def _await_ready(platform: subprocess.Popen[bytes], directory: Path) -> dict[str, str]:
    assert platform.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(platform.stdout, selectors.EVENT_READ)
        line = platform.stdout.readline() if selector.select(_READY_SECONDS) else b""
    if not line:
        said = (directory / "hosts.log").read_text(errors="replace").strip().splitlines()
        raise WatchError(
            "the demo's hosts did not start",
            str(directory),
            said[-1] if said else f"not ready after {_READY_SECONDS:g} s",
            "try fewer hosts: twinwatch demo --hosts 12",
        )
    ready: dict[str, str] = json.loads(line)
    return ready


def _room(hosts: int, environ: Mapping[str, str]) -> str | None:
    """Where the stage's directory goes: into memory where that is offered, else None for /tmp.

    The hosts rewrite thousands of files a second, and a file system in memory takes that without a
    sound. It must allow commands to be run from it: containers often mount /dev/shm without.
    """
    if environ.get("TMPDIR"):
        return None  # somebody chose
    for candidate in (environ.get("XDG_RUNTIME_DIR"), "/dev/shm"):  # noqa: S108 - mkdtemp is 0700
        if candidate and os.access(candidate, os.W_OK):
            found = os.statvfs(candidate)
            free = shutil.disk_usage(candidate).free
            if not found.f_flag & os.ST_NOEXEC and free > 2 * hosts * _HOST_BYTES:
                return candidate
    return None


def _ending(status: int) -> str:
    return f"status {status}" if status >= 0 else signal.Signals(-status).name
