"""The composition root: the only place where collection, records, board and API meet."""

from __future__ import annotations

import argparse
import asyncio
import grp
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from importlib.util import find_spec
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from watch.access import Door
from watch.clock import now_ms, steady_seconds
from watch.entire import load_the_rest
from watch.error import WatchError
from watch.garbage import look_later, look_less
from watch.lock import Lock
from watch.process import ALREADY_RUNNING, Place
from watch.source import Source, read

if TYPE_CHECKING:
    from estate.model import Estate
    from runbooks.recording import Point
    from storage.keeper import Keeper
    from storage.recordsthread import Restored
    from watch.api.listening import Listening
    from watch.core import Watch
    from watch.handover.desk import HandoverDesk
    from watch.handover.everyshift import EveryShift
    from watch.ledger.opening import OpenLedger
    from watch.liveboard import LiveBoard
    from watch.means import Inbox, MeasuresItself
    from watch.notices.desk import NoticeDesk
    from watch.readiness.desk import ReadinessDesk
    from watch.runs.desk import RunDesk
    from watch.runs.opening import OpenRuns
    from watch.standing.opening import OpenServed

#: Our top-level packages: all must come from one place, or a foreign `storage` would be ours.
PACKAGES = ("estate", "collectors", "runbooks", "storage", "snapshots", "watch", "tui")
#: Connections that may wait for the API, which is imported while hosts are connected to.
BACKLOG = 64
#: Runs and the ledger wait so long for the first complete board: their imports take processor time
#: from it, and who looks at it at 3 am needs it first. Hosts that are lost don't hold them up.
FIRST_LOOK_SECONDS = 1.0
#: The last lines of the log are given so long to be written.
LAST_LINES_SECONDS = 1.0

_log = logging.getLogger("watch")


def main(arguments: Sequence[str] | None = None, *, at_point: Point | None = None) -> int:
    """Watch until told to stop; the exit status. An error is said on stderr, whole.

    `at_point` is called with "before" and "after" each fact that a run puts on record.
    """
    look_later()
    from estate.file import EstateError

    options = _parser().parse_args(arguments)
    source = Source(Path(options.ssh_config or options.estate), ssh=bool(options.ssh_config))
    place = Place(options.socket, options.lock, options.log, options.records)
    try:
        _guard_packages()
        _settle_process()
        place = place.prepare()
        lock = Lock(place.lock)
        if not lock.acquire():
            why = f"process {lock.holder() or '?'} watches it already"
            _complain(WatchError("there is a watch", str(place.lock), why, "attach: twinwatch"))
            return ALREADY_RUNNING
        estate = read(source)
        door = Door(os.getuid(), options.group)
        with _told_on_stderr(), _listener(place.socket, door) as listener:
            _log.info("%s: %d hosts, process %d", estate.name, len(estate.hosts), os.getpid())
            asyncio.run(_watch(estate, source, place, listener, door, at_point=at_point))
            _log.info("stopped")
    except (WatchError, EstateError) as error:
        _complain(error)
        return 2
    return 0


async def _watch(
    estate: Estate,
    source: Source,
    place: Place,
    listener: socket.socket,
    door: Door,
    *,
    at_point: Point | None,
) -> None:
    """Everything put together.

    Connecting to hosts begins first: the imports and the records, some 0.4 s, then cost nothing,
    because hosts take as long to answer.
    """
    from collectors.collection import Collection
    from watch.core import Watch
    from watch.means import Inbox, Means

    started_at = now_ms()  # from here on something may be observed
    inbox, stopping = Inbox(), asyncio.Event()
    _obey_signals(stopping, inbox)
    collection = Collection(estate, inbox.put, clock=now_ms)
    await collection.start()
    async with AsyncExitStack() as ending:
        ending.push_async_callback(collection.close)
        keeper, restored = await asyncio.to_thread(_open_records, place.records, estate)
        ending.push_async_callback(asyncio.to_thread, keeper.close)
        means = Means(
            inbox,
            collection,
            keeper,
            read_estate=lambda: read(source),
            load_bastion=lambda: _bastion(place.records.parent),
            stopping=stopping,
            started_at=started_at,
        )
        watch = Watch(estate, source, place, means, restored, shared=bool(door.group))
        watching = asyncio.create_task(watch.run())
        attending = asyncio.create_task(watch.attending.open())
        ending.push_async_callback(watch.attending.close)
        listening = await asyncio.to_thread(_import_api)
        api = listening(watch, listener, door)
        await api.start()
        ending.push_async_callback(api.close)
        ending.callback(watch.hub.close)
        await watch.board.first_look(FIRST_LOOK_SECONDS)
        runs = (await asyncio.to_thread(_import_runs))(
            source,
            place.records,
            ways=collection,
            estate=lambda: watch.present_estate,
            document=lambda: watch.document,
            show=watch.board.show_runs,
            say=watch.board.say,
            series=keeper,
            at_point=at_point,
        )
        ending.push_async_callback(runs.close)
        await runs.resume()
        watch.runs.open(runs.desk)
        handovers = await _open_handovers(place.records, watch, alone=not door.group)
        ending.push_async_callback(handovers.close)
        ledger = (await asyncio.to_thread(_import_ledger))(keeper, watch.board, collection)
        ending.push_async_callback(ledger.close)
        await ledger.open()
        watch.ledger.open(ledger.desk)
        served = (await asyncio.to_thread(_import_served))(watch, inbox.put, collection.route)
        ending.push_async_callback(served.close)
        await served.open()
        readiness = await _open_readiness(runs.desk, place.records, watch)
        ending.push_async_callback(readiness.close)
        look_less()
        notices = (await asyncio.to_thread(_import_notices))(keeper, watch.board)
        notices.open(await attending)
        ending.push_async_callback(notices.close)
        watch.notices.open(notices)
        every_shift = await _open_every_shift(handovers, watch)
        ending.push_async_callback(every_shift.close)
        ending.callback(asyncio.create_task(load_the_rest()).cancel)
        await watching


def _open_records(path: Path, estate: Estate) -> tuple[Keeper, Restored]:
    from storage.keeper import Keeper

    keeper = Keeper(path, estate.retention, now_ms, steady_seconds)
    return keeper, keeper.start()


def _bastion(records: Path) -> MeasuresItself:
    from collectors.bastion import Bastion

    return Bastion(records)


def _import_runs() -> type[OpenRuns]:
    from watch.runs.opening import OpenRuns

    return OpenRuns


def _import_ledger() -> type[OpenLedger]:
    from watch.ledger.opening import OpenLedger

    return OpenLedger


def _import_served() -> type[OpenServed]:
    from watch.standing.opening import OpenServed

    return OpenServed


async def _open_readiness(runs: RunDesk, records: Path, watch: Watch) -> ReadinessDesk:
    readiness = (await asyncio.to_thread(_import_readiness))(runs, records, watch.board)
    await readiness.open()
    watch.readiness.open(readiness)
    return readiness


def _import_readiness() -> Callable[[RunDesk, Path, LiveBoard], ReadinessDesk]:
    from watch.readiness.opening import opened

    return opened


def _import_notices() -> Callable[[Keeper, LiveBoard], NoticeDesk]:
    from watch.notices.opening import notices

    return notices


async def _open_handovers(records: Path, watch: Watch, *, alone: bool) -> HandoverDesk:
    handovers = (await asyncio.to_thread(_import_handovers))(
        records, watch, watch.board, alone=alone
    )
    await handovers.open()
    watch.handovers.open(handovers)
    return handovers


def _import_handovers() -> Callable[..., HandoverDesk]:
    from watch.handover.opening import opened

    return opened


async def _open_every_shift(handovers: HandoverDesk, watch: Watch) -> EveryShift:
    every_shift = (await asyncio.to_thread(_import_every_shift))(handovers, watch.board, now=now_ms)
    every_shift.open()
    return every_shift


def _import_every_shift() -> type[EveryShift]:
    from watch.handover.everyshift import EveryShift

    return EveryShift


def _import_api() -> type[Listening]:
    from watch.api.listening import Listening

    return Listening


# --- the process --------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m watch", description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--estate", help="the estate file")
    source.add_argument("--ssh-config", help="an ssh_config whose hosts are watched")
    parser.add_argument("--group", default="", help="a Unix group that may ask the watch too")
    for name in ("socket", "lock", "log", "records"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    return parser


def _guard_packages() -> None:
    """See that no package of ours comes from elsewhere: on a shared machine `storage` is a name
    that others use too, and the first on the path wins without a word."""
    home = Path(__file__).resolve().parent.parent
    for name in PACKAGES:
        spec = find_spec(name)
        places = [Path(each).resolve() for each in (spec and spec.submodule_search_locations) or ()]
        if home / name not in places:
            found = str(places[0]) if places else name
            why = f"`{name}` comes from there, the others from {home}"
            what, do = "the installation is mixed up", "install it in a venv of its own"
            raise WatchError(what, found, why, do)


def _settle_process() -> None:
    """Files for us alone, no core dumps with keys in them, and a descriptor for every host."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a closed terminal ends nothing
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def _told_on_stderr() -> Iterator[None]:
    """What happens is told on stderr, its log or its terminal, each line with its time.

    A thread writes: a log on a file server that is gone, or a terminal that is held, keeps lines
    waiting and nothing else. At the end they are waited for, but not for ever.
    """
    form = logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S+00:00")
    form.converter = time.gmtime
    stderr = sys.stderr.fileno()
    told: SimpleQueue[logging.LogRecord | None] = SimpleQueue()

    def write() -> None:
        while (record := told.get()) is not None:
            # Not through sys.stderr: its lock, held by a write that hangs, would hang the end too.
            with suppress(OSError):
                os.write(stderr, f"{form.format(record)}\n".encode("utf-8", "backslashreplace"))

    writer = threading.Thread(target=write, daemon=True, name="log")
    writer.start()
    logging.getLogger().addHandler(QueueHandler(told))
    _log.setLevel(logging.INFO)
    try:
        yield
    finally:
        told.put(None)
        writer.join(LAST_LINES_SECONDS)


def _obey_signals(stopping: asyncio.Event, inbox: Inbox) -> None:
    """SIGTERM and SIGINT end the watch in order."""

    def stop() -> None:
        stopping.set()
        inbox.arrived.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


@contextmanager
def _listener(path: Path, door: Door) -> Iterator[socket.socket]:
    """The API's socket, listening; we hold the lock, so one that is there is stale.

    It is ours alone, or the door's group's too: then its directory is let through to by them.
    """
    group = _number_of(door.group)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(0o600)
        if group is not None:
            _share(path, group, door.group)
        listener.listen(BACKLOG)
        listener.setblocking(False)
        yield listener
    finally:
        listener.close()
        path.unlink(missing_ok=True)


def _number_of(group: str) -> int | None:
    if not group:
        return None
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        why = "the system has no such group"
        raise WatchError("the watch can't be shared", group, why, f"groupadd {group}") from None


def _share(path: Path, number: int, group: str) -> None:
    try:
        for each, mode in ((path.parent, 0o710), (path, 0o660)):
            # A service whose group it is already needs no chown, and its unit allows it none.
            if each.stat().st_gid != number:
                os.chown(each, -1, number)
            each.chmod(mode)
    except OSError as error:
        what, why = "the watch can't be shared", f"{error.strerror}: group {group}"
        do = f"run it as a member of {group} (SupplementaryGroups= in its unit)"
        raise WatchError(what, str(path), why, do) from error


def _complain(error: Exception) -> None:
    for line in str(error).splitlines():
        print(f"twinwatch: {line}", file=sys.stderr)  # noqa: T201 - its log, or its terminal
