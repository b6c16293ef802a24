"""Two real watches, one service, a real sshd between them: cuts, kills, and what is made of them.

Each watch has a door of its own to the service, so that it can be well for one and lost to the other.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from estate.ledger.reading import Computation, read_computation
from tests.collectors.conftest import Sshd, start_sshd  # noqa: F401 - a fixture
from tests.watch.conftest import alive, started, until
from tests.watch.ledger.test_killed import Service, Visit
from watch.client import Client
from watch.process import Place, place_in
from watch.source import Source

EVERY_MS = 1_000
#: Well over three cadences, and over the patience with a vantage that fell silent.
LONG_SECONDS = 6.0

ESTATE = """\
estate: Test
timezone: Asia/Hong_Kong
sites: {{c: {{name: C, role: primary}}, r: {{name: R, role: recovery}}}}
hosts:
  bastion-r: {{site: r, address: 127.0.0.1}}
ssh: {{config: {config}}}
{vantages}
services:
  mail:
    objective: {{available: 99.95%, flat_limit: 22m}}
    probes: [{{tcp: '127.0.0.1:{port}', expect: '220', every: {every}ms}}]
"""


@dataclass
class Watching:
    """One watch, and its door to the service."""

    place: Place
    source: Source
    door: Service
    client: Client

    @property
    def row(self) -> dict[str, Any]:
        return next(iter(self.client.get("/v1/services")), {})

    def state(self) -> str:
        return str(self.row.get("state", "unknown"))

    def sights(self) -> dict[str, str]:
        return {each["vantage"]: each["seen"] for each in self.row.get("sights", ())}

    def month(self) -> Computation:
        month = str(self.row["budget"]["month"])
        said = self.client.get("/v1/services/mail/month", {"month": month})
        return read_computation(json.dumps(said), "the month")


@pytest.fixture
def doors() -> Iterator[tuple[Service, Service]]:
    with (
        Service(("127.0.0.1", 0), Visit) as one,
        Service(("127.0.0.1", 0), Visit) as other,
    ):
        for each in (one, other):
            threading.Thread(target=each.serve_forever, daemon=True).start()
        yield one, other
        one.shutdown()
        other.shutdown()


@pytest.fixture
def two(
    tmp_path: Path,
    doors: tuple[Service, Service],
    start_sshd: Callable[..., Sshd],  # noqa: F811
) -> Iterator[tuple[Watching, Watching, Sshd]]:
    """The watch at the recovery site, and the one that hears it."""
    sshd = start_sshd()
    there = tmp_path / "there"
    program = "from tui.commands.main import main; main()"
    command = shlex.join(
        ["env", f"PYTHONPATH={Path(__file__).parents[3]}", sys.executable, "-c", program,
         "--socket", str(place_in(there).socket)]
    )  # fmt: skip
    vantages = f"vantages: {{recovery: {{host: bastion-r, command: {json.dumps(command)}}}}}"
    made: list[Watching] = []
    try:
        for name, door, named in (("there", doors[1], ""), ("here", doors[0], vantages)):
            path = tmp_path / f"{name}.yaml"
            path.write_text(
                ESTATE.format(
                    config=sshd.ssh_config, vantages=named, port=door.server_address[1],
                    every=EVERY_MS,
                )
            )  # fmt: skip
            path.chmod(0o600)
            place, source = place_in(tmp_path / name), Source(path)
            made.append(Watching(place, source, door, started(place, source)))
        yield made[1], made[0], sshd
    finally:
        for each in made:
            _end(each.place)


def _end(place: Place) -> None:
    if place.lock.exists() and (pid := place.lock.read_text().strip()) and alive(int(pid)):
        os.kill(int(pid), signal.SIGKILL)
        until(lambda: not alive(int(pid)))


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def held(spans: Any, start: int, end: int) -> bool:
    """Whether one of `spans` covers [start, end), but for two rounds at either end."""
    edge = 2 * EVERY_MS
    return any(a <= start + edge and b >= end - edge for a, b in spans)


def touched(spans: Any, start: int, end: int) -> bool:
    return any(a < end and b > start for a, b in spans)


@pytest.mark.timeout(300)
def test_two_watches_are_one_ledger(two: tuple[Watching, Watching, Sshd]) -> None:
    here, there, sshd = two
    until(lambda: set(here.sights().values()) == {"o"} and len(here.sights()) == 2)
    assert here.state() == "up"
    rows = {each["name"]: each for each in here.client.get("/v1/board")["vantages"]}
    assert rows["recovery"]["state"] == "heard" and abs(rows["recovery"]["ahead_ms"]) < 2_000

    # One of them sees it fail: degraded, and no outage.
    there.door.broken = True
    until(lambda: here.state() == "degraded")
    assert "recovery: tcp 127.0.0.1" in here.row["cause"]
    there.door.broken = False
    until(lambda: here.state() == "up")

    # The line between the sites is cut, and it is well: up all the while.
    cut = now_ms()
    sshd.stop()
    until(lambda: here.sights()["recovery"] == "-")
    time.sleep(LONG_SECONDS)
    assert here.state() == "up"
    # Now it is down, too. One vantage alone proves nothing; hours later the other's word does.
    failed = now_ms()
    here.door.broken = there.door.broken = True
    until(lambda: here.state() == "unknown")
    time.sleep(LONG_SECONDS)
    repaired = now_ms()
    here.door.broken = there.door.broken = False
    until(lambda: here.state() == "up")
    assert held(here.month().unknown, failed, repaired)
    assert not touched(here.month().down, cut, now_ms())
    sshd.start()
    until(lambda: held(here.month().down, failed, repaired))
    month = here.month()
    assert not touched(month.unknown, cut, repaired)
    down = next(each for each in month.down if touched([each], failed, repaired))
    assert abs((down[1] - down[0]) - (repaired - failed)) <= 2 * EVERY_MS

    # This watch is killed: the other one saw what happened meanwhile.
    pid = here.client.get("/v1/status")["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid))
    died = now_ms()
    time.sleep(LONG_SECONDS)
    back = now_ms()
    here.client = started(here.place, here.source)
    until(lambda: here.state() == "up")
    until(lambda: not touched(here.month().unknown, died, back))
    again = here.month()
    assert not touched(again.down, died, back)
    assert [each for each in again.down if each[1] <= died] == [
        each for each in month.down if each[1] <= died
    ]
