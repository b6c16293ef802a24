"""Checks of the machine that the watch runs on."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from watch.doctor.finding import Finding, fail, ok, warn
from watch.words import count

#: Older ones can lose a committed transaction when several connections reset the write-ahead log.
SQLITE_WANTED = (3, 51, 3)
#: Beside two descriptors for each host: records, log, API, consoles, probes.
DESCRIPTORS_SPARE = 64
#: adjtimex(2): the clock is not synchronised.
_TIME_ERROR = 5


def python() -> Iterator[Finding]:
    """Which Python runs."""
    yield ok("python", f"{platform.python_version()} at {sys.executable}")


def sqlite() -> Iterator[Finding]:
    """Which SQLite keeps the records."""
    from storage.database import sqlite_version

    version = sqlite_version()
    if tuple(int(part) for part in version.split(".")) >= SQLITE_WANTED:
        yield ok("sqlite", version)
    else:
        wanted = ".".join(str(part) for part in SQLITE_WANTED)
        yield warn(
            "sqlite",
            f"{version}, older than {wanted}: its write-ahead log has a known bug when several "
            "processes write",
            "open the records with one program at a time, or use a Python with a newer SQLite",
        )


def text(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the terminal takes what consoles draw."""
    name = next((environ[key] for key in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(key)), "C")
    encoding = name.partition(".")[2].partition("@")[0]
    if encoding.lower().replace("-", "") == "utf8":
        yield ok("locale", name)
    else:
        yield warn("locale", f"{name} is not UTF-8: consoles draw in ASCII", "set LANG=C.UTF-8")
    term = environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        said = f"TERM is {term or 'not set'}: no console can be drawn here"
        yield warn("terminal", said, "use a terminal, or twinwatch --plain")
    else:
        yield ok("terminal", term)


def runtime(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Where sockets live, and whether a watch may outlive the login."""
    directory = environ.get("XDG_RUNTIME_DIR")
    if directory and Path(directory).is_dir():
        yield ok("runtime", directory)
    else:
        from watch.process import runtime_directory

        said = f"XDG_RUNTIME_DIR is {'not there' if directory else 'not set'}"
        yield warn(
            "runtime",
            f"{said}: sockets are in {runtime_directory(environ)}",
            "log in through PAM (pam_systemd), or set it to a directory of your own, mode 0700",
        )
    if _logind_kills():
        yield warn(
            "login",
            "logind ends what a user leaves running (KillUserProcesses=yes)",
            f"loginctl enable-linger {environ.get('USER', 'USER')}",
        )


def _logind_kills() -> bool:
    try:
        lines = Path("/etc/systemd/logind.conf").read_text().splitlines()
    except OSError:
        return False
    return any(line.strip().lower() == "killuserprocesses=yes" for line in lines)


def descriptors(hosts: int) -> Iterator[Finding]:
    """Whether there are file descriptors for every host."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * hosts + DESCRIPTORS_SPARE
    if hard in (resource.RLIM_INFINITY,) or hard >= needed:
        yield ok("descriptors", f"{needed} needed for {count(hosts, 'host')}")
    else:
        yield fail(
            "descriptors",
            f"{needed} are needed for {count(hosts, 'host')}, and {hard} allowed",
            f"raise the hard limit: ulimit -Hn {needed}, or LimitNOFILE={needed} in the unit",
        )


def clock() -> Iterator[Finding]:
    """Whether this machine's clock is synchronised: every host's clock is judged by it."""
    state = _clock_state()
    if state is None:
        yield warn("clock", "the kernel does not say whether it is synchronised", "run chrony")
    elif state == _TIME_ERROR:
        yield warn(
            "clock",
            "it is not synchronised: offsets of hosts are against a clock that may be wrong itself",
            "run chrony or systemd-timesyncd",
        )
    else:
        yield ok("clock", "synchronised")


def _clock_state() -> int | None:
    """What adjtimex(2) says of the clock; None where it can't be asked."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        # struct timex is 208 bytes on 64-bit Linux; all zero asks and sets nothing.
        state = int(libc.adjtimex(ctypes.create_string_buffer(512)))
    except (OSError, AttributeError):
        return None
    return state if state >= 0 else None


def user() -> Iterator[Finding]:
    """As whom the watch runs."""
    if os.geteuid() == 0:
        yield warn("user", "root", "a watch needs no rights here: run it as a user of its own")
    else:
        from watch.access import this_user

        yield ok("user", this_user())
