"""The watch as a process: where it lives, that there is only one, and how one is started.

A watch is found by what it watches: each estate file has a place of its own. Only the standard
library is used here, because every command looks for its watch before it does anything else.
"""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from watch.client import LONGEST_SOCKET_PATH, Client, hung
from watch.clock import now_ms
from watch.error import NoWatch, WatchError
from watch.lock import Lock
from watch.source import SYSTEM_ESTATE, Source, base_directory

#: A log over this size is set aside at the next start; one older log is kept.
LOG_BYTES = 1 << 20
#: Where the service of watch/twinwatch.service has its socket, and its records.
SYSTEM_RUNTIME = Path("/run/twinwatch")
SYSTEM_STATE = Path("/var/lib/twinwatch")
#: `python -m watch` ends with this when another watch holds the lock.
ALREADY_RUNNING = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where one watch lives: its socket and lock in one directory, records and log in another.

    `shared` is the place of the system's watch, which others than its user ask and none of them
    starts.
    """

    socket: Path
    lock: Path
    log: Path
    records: Path
    shared: bool = False

    def arguments(self) -> list[str]:
        """The place as options of `python -m watch`."""
        return [
            *("--socket", str(self.socket)),
            *("--lock", str(self.lock)),
            *("--log", str(self.log)),
            *("--records", str(self.records)),
        ]

    def prepare(self) -> Place:
        """Make the directories, private to us, and give the place as it can be had.

        Raises WatchError where there is none for the socket, or others could fill one. A log that
        can't be written in its place is kept beside the socket: a full or read-only disk must not
        end the watch, which says itself that it can't keep records there.
        """
        if len(os.fsencode(self.socket)) > LONGEST_SOCKET_PATH:
            why = f"a socket's path has {LONGEST_SOCKET_PATH} bytes at most"
            raise WatchError(
                "no room for the socket", str(self.socket), why, "choose a shorter path"
            )
        for path in {self.socket.parent, self.lock.parent}:
            _private_directory(path, "no place for the watch's socket")
        try:
            _private_directory(self.log.parent, "no place for the watch's log")
            os.close(_open_log(self.log))
        except _UnwritableError:
            return replace(self, log=self.socket.with_suffix(".log"))
        return self


def place_of(source: Source, environ: Mapping[str, str]) -> Place:
    """The place of the watch over `source`, this user's."""
    digest = hashlib.sha256(os.fsencode(source.path)).hexdigest()[:10]
    key = f"{source.path.stem[:20]}-{digest}"
    if _watched_by_the_system(source, key):
        return _place(SYSTEM_RUNTIME, SYSTEM_STATE / key, key, shared=True)
    state = base_directory(environ, "XDG_STATE_HOME", ".local/state") / "twinwatch" / key
    return _place(runtime_directory(environ), state, key)


def _place(runtime: Path, state: Path, key: str, *, shared: bool = False) -> Place:
    socket, lock = runtime / f"{key}.sock", runtime / f"{key}.lock"
    return Place(socket, lock, state / "watch.log", state / "records.db", shared)


def _watched_by_the_system(source: Source, key: str) -> bool:
    """Whether a service under another account watches `source`: its socket is there, or would be.

    Only root can have had that directory made: see `watch.client.trust`.
    """
    try:
        seen = SYSTEM_RUNTIME.stat()
    except OSError:
        return False
    if seen.st_uid == os.getuid():
        return False  # we are the service
    try:
        return stat.S_ISSOCK((SYSTEM_RUNTIME / f"{key}.sock").stat().st_mode)
    except OSError:  # not now, or not for us to see
        return source.path == SYSTEM_ESTATE


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
        if not candidate or not Path(candidate).is_absolute():
            continue
        ours = Path(candidate) / "twinwatch"
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
    lines of its log, when the watch ends before it answers, or does not answer in time; and where
    it is the system's and does not run, for then it is not ours to start.
    """
    if place.shared:
        return _of_the_system(place)
    if answers(place.socket):
        return Client(place.socket)
    place = place.prepare()
    lock, started = Lock(place.lock), None
    log_from = 0
    deadline = time.monotonic() + wait_seconds
    while time.monotonic() < deadline:
        if started is None and not lock.held():
            log_from = _begin_log(place.log, source)
            started = _start(place, source)
        ended = started.poll() if started is not None else ALREADY_RUNNING
        if answers(place.socket):
            return Client(place.socket)
        if ended == ALREADY_RUNNING:
            started = None  # another console's watch won; if it ends we try again
        elif ended is not None:
            raise _did_not_start(place, log_from, f"it ended with status {ended}")
        time.sleep(0.02)
    if started is None:
        raise hung(place.socket)
    raise _did_not_start(place, log_from, f"it does not answer after {wait_seconds:g} s")


def _of_the_system(place: Place) -> Client:
    client = Client(place.socket)
    try:
        client.get("/v1/status")
    except NoWatch as nobody:
        do = "have it started: systemctl start twinwatch"
        raise NoWatch("the system's watch does not run", nobody.where, nobody.why, do) from nobody
    return client


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


def _begin_log(path: Path, source: Source) -> int:
    """Say in the log that a watch is started now; gives the byte from which its own words follow.

    What keeps it from starting is complained of without a time, as on a terminal.
    """
    try:
        if path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
    except FileNotFoundError:
        pass
    stamp = datetime.fromtimestamp(now_ms() / 1000, UTC).isoformat(timespec="seconds")
    log = _open_log(path)
    try:
        with suppress(OSError):  # a full disk
            os.write(log, f"{stamp} a watch over {source.path} is started\n".encode())
        return os.fstat(log).st_size
    finally:
        os.close(log)


def _open_log(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _unwritable("no place for the watch's log", path, error) from error


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


# --- private to us ------------------------------------------------------------------------------


class _UnwritableError(WatchError):
    """There is no room at a path, or none for us."""


def _unwritable(what: str, path: Path, error: OSError) -> _UnwritableError:
    return _UnwritableError(what, str(path), error.strerror or str(error), "make it writable")


def _private_directory(path: Path, what: str) -> None:
    """Make `path` 0700 and see that nobody else can put anything there; `what` if it can't be."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = path.lstat()
    except OSError as error:
        raise _unwritable(what, path, error) from error
    check_private(path, seen)


def check_private(path: Path, seen: os.stat_result) -> None:
    """Raise WatchError unless `seen`, of `path` itself, is a directory that only we can fill."""
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid():
        why = f"it is not a directory of uid {os.getuid()}"
        raise WatchError("the directory is refused", str(path), why, f"remove {path}")
    if stat.S_IMODE(seen.st_mode) & 0o022:
        why = "others could put files there"
        raise WatchError("the directory is refused", str(path), why, f"chmod 700 {path}")
