"""A real watch, a real service, kill -9: the time in which nobody asked is unknown, never up."""

from __future__ import annotations

import json
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from estate.ledger.book import Batch, Coverage, Entry
from estate.ledger.months import Month
from estate.ledger.reading import read_computation
from estate.ledger.rounds import State, Transition
from storage.records import Records
from tests.watch.conftest import alive, started, until
from watch.client import Client
from watch.error import WatchError
from watch.process import Place, answers
from watch.source import Source

EVERY_MS = 1_000
#: Longer than three cadences, so that it is a hole.
DEAD_SECONDS = 4.0


class Service(socketserver.ThreadingTCPServer):
    """Takes connections, and hangs up without a greeting while it is `broken`."""

    daemon_threads = True
    block_on_close = False
    broken = False


class Visit(socketserver.BaseRequestHandler):
    server: Service

    def handle(self) -> None:
        if not self.server.broken:
            self.request.sendall(b"220 ready\r\n")


@pytest.fixture
def service() -> Iterator[Service]:
    with Service(("127.0.0.1", 0), Visit) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def source(tmp_path: Path, service: Service) -> Source:
    path = tmp_path / "estate.yaml"
    path.write_text(
        "estate: Test\ntimezone: Asia/Hong_Kong\nsites: {c: {name: C, role: primary}}\n"
        "hosts: {h: {site: c, address: 127.0.0.1, port: 1}}\n"
        "services:\n  mail:\n    objective: {available: 99.95%, flat_limit: 22m}\n"
        f"    probes: [{{tcp: '127.0.0.1:{service.server_address[1]}', expect: '220',"
        f" every: {EVERY_MS}ms}}]\n"
    )
    path.chmod(0o600)
    return Source(path)


def row(client: Client) -> dict[str, Any]:
    return next(iter(client.get("/v1/services")), {})


def month(client: Client) -> str:
    """The month that it is, in the estate's timezone."""
    return str(row(client)["budget"]["month"])


@pytest.mark.timeout(240)
def test_a_killed_watch_leaves_an_unknown_stretch_and_forgets_no_outage(
    place: Place, source: Source, service: Service
) -> None:
    client = started(place, source)
    until(lambda: row(client).get("state") == "up")
    service.broken = True
    until(lambda: row(client).get("state") == "down")
    problems = {each["id"]: each for each in client.get("/v1/problems")}
    assert (
        "hung up" in problems["mail/service"]["why"] or "says ''" in problems["mail/service"]["why"]
    )
    service.broken = False
    until(lambda: row(client).get("state") == "up")
    until(lambda: row(client).get("budget", {}).get("down_ms", 0) > 0)
    lost = row(client)["budget"]["down_ms"]
    last = row(client)["at"]

    pid = client.get("/v1/status")["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid))
    died = time.time_ns() // 1_000_000
    time.sleep(DEAD_SECONDS)
    back = time.time_ns() // 1_000_000
    client = started(place, source)
    until(lambda: row(client).get("state") == "up")

    said = client.get("/v1/services/mail/month", {"month": month(client)})
    found = read_computation(json.dumps(said), "the month")
    # What was shown before the kill may have been a round ahead of the disk, and no more.
    assert any(start <= died and end >= back for start, end in found.unknown), found.unknown
    assert all(start >= last - 2 * EVERY_MS for start, end in found.unknown if end >= back)
    assert sum(end - start for start, end in found.down) >= lost - EVERY_MS
    assert not any(start < back and end > died for start, end in found.down)
    rounds = client.get("/v1/services/mail/rounds", {"start": 0, "end": back})
    assert {each["seen"] for each in rounds} == {"x", "o"}

    def verb(*words: str) -> str:
        command = [sys.executable, "-c", "from tui.commands.main import main; main()"]
        words = ("--socket", str(place.socket), *words)
        done = subprocess.run(
            [*command, *words], check=False, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    written = verb("ledger", "export", "mail", "--month", month(client))
    assert read_computation(written, "the export").down == found.down
    with pytest.raises(WatchError, match="no such month — 2099-01 — it is still to come"):
        client.get("/v1/services/mail/month", {"month": "2099-01"})
    assert verb("services").splitlines()[1].split()[0] == "mail"
    assert json.loads(verb("services", "--json"))[0]["key"] == "mail"
    assert "99.95" in json.loads(verb("budget", "--json"))[0]["objective"]
    assert verb("budget").splitlines()[1].split()[0] == "mail"
    client.post("/v1/stop")


MINUTE = 60_000
MONTH = Month(2026, 11)
STARTS, ENDS = MONTH.bounds(ZoneInfo("Asia/Hong_Kong"))
#: What the month was like before: asked all the time, and down for twelve minutes once.
BEFORE = STARTS - 86_400_000
DOWN = (STARTS + 3 * 86_400_000, STARTS + 3 * 86_400_000 + 12 * MINUTE)
PRESENT = STARTS + 19 * 86_400_000

#: A watch whose clock was moved before anything of it was loaded; it ticks as ever.
MOVED = """
import sys, time
from watch import clock
offset = int(sys.argv.pop(1)) - time.time_ns() // 1_000_000
clock.now_ms = lambda: time.time_ns() // 1_000_000 + offset
from watch.main import main
sys.exit(main())
"""


def change(at: int, state: State, previous: State) -> Entry:
    cause = "connection refused" if state is State.DOWN else ""
    return Entry("mail", Transition(at, state, previous, at + 1_000), cause)


def seeded(place: Place) -> None:
    """The record as a month without a gap would have left it."""
    place.records.parent.mkdir(mode=0o700, parents=True)
    records = Records.open(place.records)
    entries = (
        change(BEFORE, State.UP, State.UNKNOWN),
        change(DOWN[0], State.DOWN, State.UP),
        change(DOWN[1], State.UP, State.DOWN),
    )
    row = Coverage("mail", os.uname().nodename, BEFORE, PRESENT)
    assert records.append_ledger(Batch(entries, (row,)))
    records.close()


def last_round(place: Place) -> int:
    """The last round that is on the disk."""
    records = Records.open(place.records)
    try:
        return max(each.to for each in records.ledger(PRESENT, ENDS).coverage)
    finally:
        records.close()


@contextmanager
def watch_at(place: Place, source: Source, now: int) -> Iterator[tuple[Client, int]]:
    """A watch that believes that it is `now`; killed with -9 at the end."""
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", MOVED, str(now), *place.arguments(), *source.arguments()],
        cwd=root,
        stdin=subprocess.DEVNULL,
    )
    try:
        until(lambda: answers(place.socket))
        yield Client(place.socket), process.pid
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(240)
def test_ten_minutes_without_a_watch_are_unknown_and_the_verdict_says_so(
    place: Place, source: Source
) -> None:
    seeded(place)
    with watch_at(place, source, PRESENT + 1_000) as (client, _):
        until(lambda: row(client).get("state") == "up")
        until(lambda: (row(client).get("at") or 0) > PRESENT + 2_000)
        before = row(client)
    assert before["budget"]["verdict"] == "open" and before["budget"]["down_ms"] == 12 * MINUTE
    starting = before["budget"]["unknown_ms"]  # a busy machine may take longer than three cadences
    last = last_round(place)

    with watch_at(place, source, last + 10 * MINUTE) as (client, _):
        until(lambda: row(client).get("state") == "up")
        until(lambda: (row(client).get("at") or 0) > last + 10 * MINUTE + 2_000)
        after = row(client)
        budget = after["budget"]
        assert 10 * MINUTE <= budget["unknown_ms"] - starting <= 12 * MINUTE
        assert budget["down_ms"] == 12 * MINUTE
        # 12 minutes were seen down, 21:36 are allowed; nobody can say what the other ten were.
        assert budget["verdict"] == "not provable"
        assert budget["left_worst_ms"] < 0 < budget["left_best_ms"]
        best, worst = Fraction(budget["best"]), Fraction(budget["worst"])
        assert best - worst >= Fraction(10 * MINUTE, ENDS - STARTS)
        said = client.get("/v1/services/mail/month", {"month": str(MONTH)})
        found = read_computation(json.dumps(said), "the month")
        assert [end - start >= 10 * MINUTE for start, end in found.unknown if end > last] == [True]
        whole = found.statement()
        assert (whole.verdict, whole.down_ms) == ("not provable", 12 * MINUTE)
        events = [each["what"] for each in client.get("/v1/events")]
        assert any(each.startswith("not watching ") for each in events)
        assert any("unknown since" in each and "nobody asked" in each for each in events)
