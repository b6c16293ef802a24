"""A board to look at, a watch to attach to, and a terminal to look with."""

from __future__ import annotations

import json
import os
import queue
import socketserver
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from bench.glass import Glass
from estate.document import (
    Change,
    Document,
    Event,
    HostDetail,
    HostRow,
    Problem,
    Severity,
    SiteRow,
    WatchRow,
)
from estate.samples import Reach
from estate.wire import to_json

NOW = 1_795_114_800_000


def host(number: int, **other: Any) -> HostRow:
    """One live host, alternating between two sites."""
    site = ("central", "recovery")[number % 2]
    row = HostRow(
        name=f"mta-{site[0]}{number:02d}",
        site=site,
        groups=("mta",),
        reach=Reach.LIVE,
        since=NOW - 100_000,
        at=NOW,
        values={"cpu": 40.0 + number, "mem": 50.0, "disk": 60.0, "net_in": 1e5, "net_out": 1e5},
        spark={"cpu": (40.0,) * 12, "net": (1e5,) * 12},
        cores=8,
        memory_bytes=16e9,
        uptime_seconds=1e6,
    )
    return replace(row, **other)


def board(hosts: int = 12, **other: Any) -> Document:
    """A board with one problem on the first host."""
    rows = [host(number) for number in range(hosts)]
    if rows:
        rows[0] = replace(rows[0], severity=Severity.CRITICAL, why="disk full in 11 min")
    problem = Problem(
        id="mta-c00/disk/var",
        where="mta-c00",
        what="/var 91% > 90%, full in 11 min",
        why="+0.8%/min",
        severity=Severity.CRITICAL,
        since=NOW - 200_000,
        kind="disk",
        hosts=("mta-c00",),
        site="central",
    )
    document = Document(
        seq=1,
        at=NOW,
        estate="messaging",
        timezone="Asia/Hong_Kong",
        language="en",
        every_ms=2_000,
        watch=WatchRow("bastion", "0.1", 1, NOW - 1_000_000, "kfwong"),
        sites=(
            SiteRow("central", "Central", "primary", (hosts + 1) // 2, (hosts + 1) // 2),
            SiteRow("recovery", "Recovery", "recovery", hosts // 2, hosts // 2),
        ),
        groups=("mta",),
        hosts={row.name: row for row in rows},
        problems=(problem,) if rows else (),
        events=(Event(1, NOW - 5_000, Severity.WARNING, "mta-c00", "/var over 90%"),),
    )
    return replace(document, **other)


class FakeWatch:
    """HTTP and server-sent events on a real Unix socket, saying what a test tells it to."""

    def __init__(self, path: Path, document: Document) -> None:
        self.path = path
        self.document = document
        self.asked: list[tuple[str, str]] = []
        self._streams: list[queue.Queue[bytes | None]] = []
        self._server: socketserver.ThreadingMixIn | None = None
        self.start()

    def start(self) -> None:
        watch = self
        self.path.unlink(missing_ok=True)

        class Answers(BaseHTTPRequestHandler):
            def log_message(self, *args: object) -> None: ...

            def address_string(self) -> str:
                return "unix"

            def do_GET(self) -> None:
                watch._get(self)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                watch.asked.append((self.path, body.decode()))
                watch._send(self, {})

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

        self._server = server = Server(str(self.path), Answers)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def say(self, change: Change) -> None:
        """Send a change to every console."""
        data = f"event: change\ndata: {json.dumps(to_json(change))}\n\n".encode()
        for stream in self._streams:
            stream.put(data)

    def stop(self) -> None:
        """As if it were killed: every connection ends."""
        for stream in self._streams:
            stream.put(None)
        self._streams.clear()
        if self._server is not None:
            self._server.shutdown()  # type: ignore[attr-defined]
            self._server.server_close()  # type: ignore[attr-defined]
            self._server = None
        self.path.unlink(missing_ok=True)

    def _get(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.partition("?")[0]
        self.asked.append((request.path, ""))
        if path == "/v1/stream":
            self._stream(request)
        elif path == "/v1/board":
            self._send(request, to_json(self.document))
        elif path.startswith("/v1/hosts/"):
            self._send(request, {"row": {}, "detail": to_json(HostDetail(path.split("/")[-1]))})
        elif path == "/v1/history":
            self._send(request, {"metric": "cpu", "start": 0, "end": 1, "step": 1})
        else:
            self._send(request, {})

    def _stream(self, request: BaseHTTPRequestHandler) -> None:
        mine: queue.Queue[bytes | None] = queue.Queue()
        self._streams.append(mine)
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream")
        request.end_headers()
        first = f"event: document\ndata: {json.dumps(to_json(self.document))}\n\n"
        data: bytes | None = first.encode()
        while data is not None:
            try:
                request.wfile.write(data)
                request.wfile.flush()
            except OSError:
                return
            data = mine.get()

    def _send(self, request: BaseHTTPRequestHandler, answer: object) -> None:
        body = json.dumps(answer).encode()
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


@pytest.fixture
def fake_watch(tmp_path: Path) -> Iterator[FakeWatch]:
    watch = FakeWatch(tmp_path / "watch.sock", board())
    yield watch
    watch.stop()


@pytest.fixture
def make_board() -> Callable[..., Document]:
    return board


@pytest.fixture
def make_host() -> Callable[..., HostRow]:
    return host


Attach = Callable[..., Glass]


@pytest.fixture
def attach(fake_watch: FakeWatch, tmp_path: Path) -> Iterator[Attach]:
    """Start a real console on a real pseudo-terminal."""
    glasses: list[Glass] = []

    def start(columns: int = 80, rows: int = 24, **other: Any) -> Glass:
        environ = {
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "PYTHONPATH": os.pathsep.join(sys.path),
            **other.pop("environ", {}),
        }
        code = "import sys; from tui.console.opening.terminal import run; from watch.client import Client; "
        code += f"sys.exit(run(lambda: Client({str(fake_watch.path)!r})))"
        glass = Glass([sys.executable, "-c", code], columns, rows, environ, **other)
        glasses.append(glass)
        return glass

    yield start
    for glass in glasses:
        glass.close()
