"""kill -9 of a watch over real hosts: what was shown as saved is there, and the gap is a gap.

`TWINWATCH_KILLS=100` kills more often than the everyday few times; `TWINWATCH_SEED` repeats a run.
"""

from __future__ import annotations

import logging
import os
import random
import re
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from datetime import time as dtime
from pathlib import Path

import pytest

from bench.endpoints import Endpoints
from bench.report import UnableError
from storage.records import Records
from tests.watch.conftest import alive, started, until
from watch.client import Client
from watch.process import Place
from watch.source import Source

KILLS = int(os.environ.get("TWINWATCH_KILLS", "5"))
SEED = int(os.environ.get("TWINWATCH_SEED", str(time.time_ns())))
EVERY_MS = 1_000
HOSTS = 3


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    """An estate of real sshds, sampled every second."""
    try:
        with Endpoints(HOSTS) as endpoints:
            said = f"estate: Test\ntimezone: UTC\nevery: {EVERY_MS}ms\nsites:\n  c: {{name: C, role: primary}}\n"
            said += f"ssh: {{known_hosts: [{endpoints.known_hosts}]}}\nhosts:\n"
            for number, address in enumerate(endpoints.hosts):
                said += f"  h{number}: {{site: c, address: {address}, port: {endpoints.port},"
                said += f" user: {endpoints.user}, identity: {endpoints.key}}}\n"
            path = tmp_path / "estate.yaml"
            path.write_text(said)
            path.chmod(0o600)
            yield Source(path)
    except UnableError as reason:
        pytest.skip(f"no sshd to sample: {reason}")


def killed_at(client: Client, seconds: float) -> tuple[int, int]:
    """Kill the watch `seconds` from now; what it last showed as saved, and when it was killed."""
    until = time.monotonic() + seconds
    shown = client.get("/v1/status")
    while time.monotonic() < until:
        shown = client.get("/v1/status")
        time.sleep(0.01)
    os.kill(shown["pid"], signal.SIGKILL)
    while alive(shown["pid"]):
        time.sleep(0.005)
    return shown["saved_until"], time.time_ns() // 1_000_000


@pytest.mark.sshd
@pytest.mark.timeout(60 + 20 * KILLS)
def test_nothing_that_was_shown_as_saved_is_lost(place: Place, source: Source) -> None:
    dice = random.Random(SEED)
    logging.getLogger(__name__).warning("TWINWATCH_SEED=%d", SEED)
    gaps: list[tuple[int, int]] = []
    client = started(place, source)
    began = client.get("/v1/status")["started_at"]
    wait_for_samples(client)
    for _ in range(KILLS):
        saved, died = killed_at(client, dice.uniform(0.0, 2.5))
        records = Records.open(place.records)
        try:
            assert records.check() == ()
            assert (records.saved_until() or 0) >= saved
            names = [f"h{number}" for number in range(HOSTS)]
            assert any(records.series(name, "mem", saved, saved + 1, 1) for name in names)
        finally:
            records.close()
        time.sleep(dice.uniform(1.5, 2.5))  # nobody watches
        client = started(place, source)
        gaps.append((died, client.get("/v1/status")["started_at"]))
        board = client.get("/v1/board")
        assert all(row["at"] for row in board["hosts"].values())  # back at once, with its age
    wait_for_samples(client)
    until(lambda: gaps_told(client)[-1][1] >= gaps[-1][1] - 1000)
    told = gaps_told(client)
    for died, back in gaps:
        # The event has whole seconds. It may begin earlier: what was not saved was not watched.
        assert any(start <= died and end >= back - 1000 for start, end in told)
        for number in range(HOSTS):
            span = {"start": died + 200, "end": back, "points": 2000}
            query = {"host": f"h{number}", "metric": "mem", **span}
            assert client.get("/v1/history", query).get("points", []) == []
    whole = {"host": "h0", "metric": "mem", "start": began, "end": gaps[-1][0], "points": 2000}
    assert len(client.get("/v1/history", whole)["points"]) >= KILLS
    client.post("/v1/stop")


def wait_for_samples(client: Client) -> None:
    """Until every host is live and something of this watch was saved."""
    until(lambda: client.get("/v1/status")["hosts"].get("live") == HOSTS)
    started_at = client.get("/v1/status")["started_at"]
    until(lambda: (client.get("/v1/status")["saved_until"] or 0) > started_at)


def gaps_told(client: Client) -> list[tuple[int, int]]:
    """Every "not watching 02:10:11–02:14:40 (4:29)", oldest first, as UTC ms."""
    gaps = []
    for each in client.get("/v1/events", {"limit": 5000}):
        found = re.match(r"not watching (\S+)–(\S+) ", each["what"])
        if found:
            day = datetime.fromtimestamp(each["at"] / 1000, UTC).date()
            start, end = (
                int(datetime.combine(day, dtime.fromisoformat(part), UTC).timestamp() * 1000)
                for part in found.groups()
            )
            gaps.append((start, end))
    return gaps[::-1]
