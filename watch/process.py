"""The watch as a process: where it lives, that there is only one, and how one is started.

A watch is found by what it watches: each estate file has a place of its own. Only the standard
library is used here, because every command looks for its watch before it does anything else.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from watch.client import Client
from watch.error import WatchError
from watch.source import Source

#: sun_path of Linux holds 108 bytes with its final NUL (unix(7)).
LONGEST_SOCKET_PATH = 107
#: A log over this size is set aside at the next start; one older log is kept.
LOG_BYTES = 1 << 20
#: `python -m watch` ends with this when another watch holds the lock.
ALREADY_RUNNING = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where one watch lives: its socket and lock in one directory, records and log in another."""

    socket: Path
    lock: Path
    log: Path
    records: Path

    def arguments(self) -> list[str]:
        """The place as options of `python -m watch`."""
        return [
            *("--socket", str(self.socket)),
            *("--lock", str(self.lock)),
            *("--log", str(self.log)),
            *("--records", str(self.records)),
        ]

    def prepare(self) -> None:
        """Make the directories, private to us; raises WatchError if that can't be had."""
        if len(os.fsencode(self.socket)) > LONGEST_SOCKET_PATH:
            why = f"a socket's path has {LONGEST_SOCKET_PATH} bytes at most"
            raise WatchError(
                "no room for the socket", str(self.socket), why, "choose a shorter path"
            )
        for path in (self.socket, self.lock, self.log):
            _private_directory(path.parent)


def place_of(source: Source, environ: Mapping[str, str]) -> Place:
    """The place of the watch over `source`, this user's."""
    digest = hashlib.sha256(os.fsencode(source.path)).hexdigest()[:10]
    key = f"{source.path.stem[:20]}-{digest}"
    runtime = runtime_directory(environ)
    home = Path(environ.get("HOME") or "/")
    state = Path(environ.get("XDG_STATE_HOME") or home / ".local" / "state") / "twinwatch" / key
    return Place(
        socket=runtime / f"{key}.sock",
        lock=runtime / f"{key}.lock",
        log=state / "watch.log",
        records=state / "records.db",
    )


def place_in(directory: Path) -> Place:
    """A place with everything in one directory, for a watch that leaves nothing elsewhere."""
    return Place(
        socket=directory / "watch.sock",
        lock=directory / "watch.lock",
        log=directory / "watch.log",
        records=directory / "records.db",
    )


def runtime_directory(environ: Mapping[str, str]) -> Path:
    """Where sockets live: $XDG_RUNTIME_DIR, /run/user/UID, or a directory of ours in /tmp."""
    user = os.getuid()
    for candidate in (environ.get("XDG_RUNTIME_DIR"), f"/run/user/{user}"):
        ours = Path(candidate or "/none") / "twinwatch"
        # A service finds /run/twinwatch made for it, in a /run that it can't write to.
        if os.access(ours if ours.is_dir() else ours.parent, os.W_OK):
            return ours
    return Path(f"/tmp/twinwatch-{user}")  # noqa: S108 - made 0700 and checked to be ours


def running(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Sockets of this user's watches that answer."""
    sockets = sorted(runtime_directory(environ).glob("*.sock"))
    return tuple(socket for socket in sockets if answers(socket))


def answers(socket: Path) -> bool:
    """Whether a watch answers on `socket` now."""
    try:
        Client(socket, timeout_seconds=2.0).get("/v1/status")
    except WatchError as error:
        return error.status != 0  # it said no, so it is there
    return True


# --- starting -----------------------------------------------------------------------------------


def ensure(place: Place, source: Source, *, wait_seconds: float = 10.0) -> Client:
    """A client of the watch at `place`; one is started in the background if there is none.

    The watch outlives this process, its terminal and SIGHUP. Raises WatchError, with the last
    lines of its log, when the watch ends before it answers, or does not answer in time.
    """
    if answers(place.socket):
        return Client(place.socket)
    place.prepare()
    log_from = place.log.stat().st_size if place.log.exists() else 0
    started = _start(place, source)
    deadline = time.monotonic() + wait_seconds
    while time.monotonic() < deadline:
        ended = started.poll()
        if answers(place.socket):
            return Client(place.socket)
        if ended == ALREADY_RUNNING and not Lock(place.lock).held():
            started = _start(place, source)  # another console's watch won, and ended since
        elif ended not in (None, ALREADY_RUNNING):
            raise _did_not_start(place, log_from, f"it ended with status {ended}")
        time.sleep(0.02)
    raise _did_not_start(place, log_from, f"it does not answer after {wait_seconds:g} s")


def _start(place: Place, source: Source) -> subprocess.Popen[bytes]:
    """Start `python -m watch` in a session of its own, its words going to its log."""
    log = _open_log(place.log)
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter, arguments as a list
            [sys.executable, "-P", "-m", "watch", *place.arguments(), *source.arguments()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": _search_path(os.environ.get("PYTHONPATH", ""))},
        )
    finally:
        os.close(log)


def _search_path(inherited: str) -> str:
    """PYTHONPATH with our packages in front: a watch is of the same version as its console."""
    ours = str(Path(__file__).resolve().parent.parent)
    return os.pathsep.join(part for part in (ours, inherited) if part)


def _open_log(path: Path) -> int:
    try:
        if path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
    except FileNotFoundError:
        pass
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)


def _did_not_start(place: Place, log_from: int, why: str) -> WatchError:
    said = last_lines(place.log, 5, log_from)
    return WatchError(
        "the watch did not start",
        str(place.log),
        f"{why}: {said}" if said else why,
        "run it in the foreground to see more: twinwatch watch --foreground",
    )


def last_lines(path: Path, many: int, start: int = 0) -> str:
    """The last lines of a log from byte `start` on, joined; "" where there is none."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(start if start <= end else 0, end - 4096))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return "; ".join(line.strip() for line in lines[-many:] if line.strip())


# --- only one -----------------------------------------------------------------------------------


class Lock:
    """An exclusive lock on a file, held until the process ends however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def acquire(self) -> bool:
        """Whether we are the only one; never waits."""
        self._file = os.open(
            self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            return False
        os.truncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode())
        return True

    def held(self) -> bool:
        """Whether some process holds it now."""
        try:
            file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        return False

    def holder(self) -> str:
        """The process that holds it, as it wrote itself down; "" when nobody did."""
        try:
            return self._path.read_text().strip()
        except OSError:
            return ""


def _private_directory(path: Path) -> None:
    """Make `path` 0700 and see that nobody else can put anything there."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = path.lstat()
    except OSError as error:
        why = error.strerror or str(error)
        raise WatchError("no place for it", str(path), why, "make it writable") from error
    check_private(path, seen)


def check_private(path: Path, seen: os.stat_result) -> None:
    """Raise WatchError unless `seen`, of `path` itself, is a directory that only we can fill."""
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid():
        why = f"it is not a directory of uid {os.getuid()}"
        raise WatchError("the directory is refused", str(path), why, f"remove {path}")
    if stat.S_IMODE(seen.st_mode) & 0o022:
        why = "others could put files there"
        raise WatchError("the directory is refused", str(path), why, f"chmod 700 {path}")
