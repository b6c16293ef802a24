"""A watch that answers through the real API on a real socket, over a board that stands still."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from estate.document import (
    Document,
    Event,
    HostDetail,
    HostRow,
    Problem,
    Series,
    Severity,
    SiteRow,
    WatchRow,
)  # fmt: skip
from estate.samples import Cause, FileSystem, Interface, Reach, Reading, Stage
from watch.api.listening import Listening
from watch.clock import now_ms
from watch.hub import Hub, packed

TWINWATCH = Path(sys.executable).with_name("twinwatch")
HOSTILE = "evil [red]x[/red] [@click=app.quit]y \\x1b[2J"


def board(now: int) -> Document:
    """Three hosts: one live, one lost, one with hostile words."""
    hosts = (
        HostRow(
            "mta-c01", "central", ("mta",), Reach.LIVE, since=now - 9_000_000, at=now - 2_000,
            severity=Severity.WARNING, why="disk 94% > 85%",
            values={"cpu": 12.9, "mem": 61.2, "disk": 94.0, "net_in": 3_400_000.0},
            cores=4, memory_bytes=float(8 << 30), uptime_seconds=864_000.0, kernel="6.1.0",
        ),
        HostRow(
            "mta-r01", "recovery", ("mta",), Reach.UNREACHABLE, since=now - 61_000,
            at=now - 65_000, severity=Severity.CRITICAL, why="no route to host",
            cause=Cause(Stage.CONNECT, "no route to host", "Look at its switch."),
            values={"cpu": 99.0},
        ),
        HostRow("mbx-c01", "central", ("mbx",), Reach.CONNECTING, since=now, note=HOSTILE, why=HOSTILE),
    )  # fmt: skip
    return Document(
        seq=1, at=now, estate="Test", timezone="Asia/Hong_Kong", language="en", every_ms=5_000,
        watch=WatchRow("bastion", "0.1.0", 1234, now - 60_000, "op"),
        sites=(
            SiteRow("central", "Central", "primary", 2, 1),
            SiteRow("recovery", "Recovery", "recovery", 1, 0),
        ),
        groups=("mta", "mbx"),
        hosts={row.name: row for row in hosts},
        problems=(
            Problem("mta-r01/reach", "mta-r01", "unreachable: no route to host", "", Severity.CRITICAL,
                    now - 61_000, "reach", ("mta-r01",), "recovery", glyph="lost"),
            Problem("mta-r02/reach", "mta-r02", "behind mta-r01", "", Severity.CRITICAL, now - 61_000,
                    "reach", ("mta-r02",), "recovery", parent="mta-r01/reach"),
            Problem("mta-c01/disk", "mta-c01", "/var 94% > 85%", HOSTILE, Severity.WARNING,
                    now - 300_000, "disk", ("mta-c01",), "central", owner="kfwong"),
        ),
        events=(
            Event(2, now - 61_000, Severity.CRITICAL, "mta-r01", "live → unreachable"),
            Event(1, now - 90_000_000, Severity.OK, "watch", "started"),
        ),
    )  # fmt: skip


@dataclass(slots=True)
class StandingStill:
    """`watch.api.application.Services` over one board."""

    document: Document
    socket: Path
    hub: Hub = field(init=False)
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.hub = Hub(lambda: self.document)

    def now(self) -> int:
        return self.document.at

    def status(self) -> dict[str, object]:
        watch = self.document.watch
        return {
            "watch": watch.name, "version": watch.version, "pid": watch.pid, "user": watch.user,
            "started_at": watch.started_at, "now": self.document.at, "board_at": self.document.at,
            "seq": 1, "estate": "Test", "estate_problem": "", "source": "/etc/estate.yaml",
            "socket": str(self.socket), "records": "/var/records.db", "records_problem": "",
            "saved_until": self.document.at - 3_000, "restored_until": None,
            "hosts": {"total": 3, "live": 1, "unreachable": 1, "connecting": 1},
            "problems": {"total": 2, "critical": 1, "warning": 1},
            "in_hand": {"acknowledged": 1, "silenced": 0},
            **self.figures(),
        }  # fmt: skip

    def estate(self) -> dict[str, object]:
        return {"name": "Test", "timezone": "Asia/Hong_Kong", "every_ms": 5_000}

    def figures(self) -> Mapping[str, float]:
        return {"cpu_seconds": 1.25, "rss_bytes": float(50 << 20)}

    def detail(self, host: str) -> HostDetail | None:
        return HostDetail(
            host,
            (FileSystem("/var", 100.0 * 2**30, 94.0 * 2**30, 6.0 * 2**30, 12.0),),
            (Interface("eth0", 3_400_000.0, 1_000.0, 0.0),),
            {"units": (Reading("unit", "postfix.service", text="failed"),)},
            {"clock": "no chronyc: command not found"},
            {"units": self.document.at - 60_000},
        )

    async def series(self, host: str, metric: str, start: int, end: int, points: int) -> Series:
        step = (end - start) // points
        starts = [start + place * step for place in range(points) if not 3 <= place < 6]
        return Series(metric, start, end, step, tuple((at, 1.0, 2.5, 4.0) for at in starts))

    async def events(self, since: int, limit: int, host: str) -> tuple[Event, ...]:
        found = [each for each in self.document.events if each.at >= since]
        return tuple(found[:limit])

    async def doctor(self) -> list[dict[str, str]]:
        return []

    @property
    def roles(self) -> Mapping[str, Sequence[str]]:
        return {}

    def refresh(self, host: str | None) -> None: ...

    async def reload(self) -> None: ...

    def stop(self, by: str) -> None:
        self.stopped.set()


class Kept:
    """Records that hold one board."""

    def __init__(self, document: Document) -> None:
        self._at, self._document = document.at, packed(document)

    async def picture(self, at: int) -> bytes | None:
        return self._document if at >= self._at else None


@pytest.fixture
def still() -> Document:
    """The board that the watch shows."""
    return board(now_ms())


@pytest.fixture
def watch_socket(tmp_path: Path, still: Document) -> Iterator[Path]:
    """The socket of a watch that answers; it is gone soon after it was told to stop."""
    path = tmp_path / "watch.sock"
    services = StandingStill(still, path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen()
    listener.setblocking(False)
    ready = threading.Event()

    async def serve() -> None:
        api = Listening(services, listener)
        await api.start()
        ready.set()
        while not services.stopped.is_set():
            await asyncio.sleep(0.01)
        services.hub.close()
        await api.close()
        path.unlink(missing_ok=True)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(20)
    yield path
    services.stopped.set()
    thread.join(20)
    listener.close()


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `twinwatch` with arguments, as a stranger in an empty home; it never takes a minute."""
    home = tmp_path / "home"
    runtime = tmp_path / "run"
    for made in (home, runtime):
        made.mkdir(mode=0o700)
    environ = {
        key: value for key, value in os.environ.items()
        if not key.startswith(("XDG_", "TWINWATCH", "LC_", "LANG", "COLUMNS"))
    }  # fmt: skip
    environ |= {"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "LC_ALL": "C.UTF-8"}

    def run_it(*arguments: object, **more: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [TWINWATCH, *map(str, arguments)],
            capture_output=True, text=True, timeout=60, check=False, cwd=home,
            env={**environ, **{key: str(value) for key, value in more.items()}},
        )  # fmt: skip

    return run_it
