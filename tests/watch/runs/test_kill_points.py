"""SIGKILL of a real watch at each point of a run's journal, over real sshds.

The counter on the host is never 2, and never 0 without the run saying so; the run ends or asks.
`TWINWATCH_KILLS=50` kills that often at each point; `TWINWATCH_SEED` repeats a run.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import watch
from bench.endpoints import Endpoints
from tests.watch.conftest import alive, until
from tests.watch.runs.conftest import HOSTS, Estate
from tests.watch.runs.reliability import Figures
from watch.client import Client
from watch.error import WatchError
from watch.process import Place, place_in

KILLS = int(os.environ.get("TWINWATCH_KILLS", "1"))
SEED = int(os.environ.get("TWINWATCH_SEED", str(time.time_ns() % 1_000_000)))
POINTS = {
    "J1 intent": "intended",
    "J2 prepared": "prepared",
    "J3 go-intent": "go-intended",
    "J4 started": "started",
    "J5 output": "output-kept",
    "J6 result": "resulted",
    "J7 verdict": "judged",
    "J8 cleaned": "cleaned",
}

OUTCOMES = {
    "succeeded": "done once, succeeded",
    "needs-decision": "asks a person",
    "failed": "failed, with the reason",
}

#: Watches that kill themselves at a point, once: `trigger` says which one, when, how much later.
#: Everything is imported once, and each watch is a fork: a machine's minutes are for kills.
NURSERY = """
import os, signal, sys, threading
from pathlib import Path
import collectors.collection, storage.keeper, watch.api.listening, watch.core, watch.runs.desk, watch.runs.opening
from runbooks.progress.entries import NAMES
from watch.main import main

trigger = Path(sys.argv[1])
names = {kind: name for name, kind in NAMES.items()}

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def at_point(when, fact):
    try:
        wanted, name, delay = trigger.read_text().split()
    except (OSError, ValueError):
        return
    if (wanted, name) == (when, names[type(fact)]):
        trigger.unlink()
        if float(delay) == 0:
            die()
        threading.Timer(float(delay), die).start()

for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        os.setsid()
        os._exit(main(sys.argv[2:], at_point=at_point))
    print(child, flush=True)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""

COUNT = """\
runbook: once
title: Count once
version: 1
hosts:
  all: {group: g, at_least: 1}
steps:
  - do: Leave a line on every host
    id: counted
    hosts: all
    sh: |
      echo once >>"COUNTERS/$OPS_RUN-$OPS_HOST"
      echo begun; sleep 0.1; echo ended
    done_when: test -s "COUNTERS/$OPS_RUN-$OPS_HOST"
    timeout: 20s
    undo: none
"""


class Mortal:
    """A watch that can be told where to die, and is started again."""

    def __init__(self, place: Place, estate: Estate) -> None:
        self.place, self.estate = place.prepare(), estate
        self.trigger = estate.counters.parent / "trigger"
        self.client = Client(place.socket, timeout_seconds=30.0)
        arguments = [*self.place.arguments(), *self.estate.source.arguments()]
        with self.place.log.open("ab") as log:
            self.nursery = subprocess.Popen(
                [sys.executable, "-P", "-c", NURSERY, str(self.trigger), *arguments],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd="/", text=True,
                env={**os.environ, "PYTHONPATH": str(Path(watch.__file__).parents[1])},
            )  # fmt: skip
        self.pid = 0
        self.start()

    def start(self) -> None:
        assert self.nursery.stdin is not None and self.nursery.stdout is not None
        self.nursery.stdin.write("another\n")
        self.nursery.stdin.flush()
        self.pid = int(self.nursery.stdout.readline())
        until(self.answers, 120)

    def died(self) -> int:
        """How the watch ended, once it has."""
        assert self.nursery.stdout is not None
        return int(self.nursery.stdout.readline())

    def answers(self) -> bool:
        try:
            self.client.get("/v1/runs")
        except WatchError as error:
            return error.status != 0
        return True

    def killed_at(self, when: str, point: str, delay: float) -> str:
        """Begin a run, with the watch killed at that point and started again; the run's id."""
        self.trigger.write_text(f"{when} {point} {delay:.4f}")
        try:
            self.client.post("/v1/runs", {"runbook": "once"})
        except WatchError as error:
            assert error.status == 0, error  # it died before it could answer
        until(lambda: not alive(self.pid) or self.stuck(), 120)
        assert not self.trigger.exists(), f"it never came to {when} {point}: {self.newest()}"
        assert self.died() == -signal.SIGKILL
        self.start()
        return str(self.newest()["id"])

    def newest(self) -> dict[str, Any]:
        """The run that was begun last."""
        found: dict[str, Any] = self.client.get("/v1/runs")[0]
        return found

    def stuck(self) -> bool:
        """Whether the run has ended, or asks, without having come to where it was to die."""
        try:
            row = self.newest()
        except WatchError:
            return False
        return self.trigger.exists() and (bool(row.get("question")) or row["state"] == "failed")

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        until(lambda: not alive(self.pid))

    def close(self) -> None:
        if alive(self.pid):
            os.kill(self.pid, signal.SIGKILL)
        self.nursery.communicate(timeout=30)


@pytest.fixture
def mortal(tmp_path: Path, estate: Estate) -> Iterator[Mortal]:
    estate.runbook(COUNT)
    found = Mortal(place_in(tmp_path / "place"), estate)
    yield found
    found.close()


@pytest.mark.sshd
@pytest.mark.timeout(120 + 60 * KILLS * len(POINTS))
def test_killed_at_any_point_it_is_done_once(mortal: Mortal) -> None:
    dice = random.Random(SEED)
    figures = Figures("the watch killed at each point of the journal", SEED)
    for title, point in POINTS.items():
        for kill in range(KILLS):
            when = dice.choice(("before", "after"))
            delay = dice.choice((0.0, dice.uniform(0, 0.05), dice.uniform(0, 0.4)))
            told = f"{title}, {when}, {delay:.4f} s later, kill {kill}, TWINWATCH_SEED={SEED}"
            run = mortal.killed_at(when, point, delay)
            figures.count(title, outcome(mortal, run, told))
    figures.publish()


@pytest.mark.sshd
@pytest.mark.timeout(120 + 90 * KILLS)
def test_killed_or_cut_off_at_any_moment_it_is_done_once(
    mortal: Mortal, endpoints: Endpoints
) -> None:
    dice = random.Random(SEED)
    figures = Figures("the watch killed, or cut off, at any moment", SEED)
    faults = {
        "SIGKILL": mortal.kill,
        "every connection cut": lambda: cut(endpoints),
        "cut, and SIGKILL": lambda: (cut(endpoints), mortal.kill()),
    }
    for title, fault in faults.items():
        for number in range(KILLS):
            moment = dice.uniform(0, 1.2)
            told = f"{title}, {moment:.4f} s after the start, {number}, TWINWATCH_SEED={SEED}"
            run = str(mortal.client.post("/v1/runs", {"runbook": "once"})["id"])
            time.sleep(moment)
            fault()
            if not alive(mortal.pid):
                mortal.died()
                mortal.start()
            figures.count(title, outcome(mortal, run, told))
    figures.publish()


def cut(endpoints: Endpoints) -> None:
    """End every SSH connection, as a firewall that restarts does; what runs on a host goes on."""
    listed = Path(f"/proc/{endpoints.pid}/task/{endpoints.pid}/children").read_text()
    for pid in map(int, listed.split()):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue  # it has just ended by itself


def outcome(mortal: Mortal, run: str, told: str) -> str:
    """How the run came out, in a word; whatever it is, no step was done twice, or said to be."""
    until(lambda: settled(mortal.client, run), 180)
    row = mortal.client.get(f"/v1/runs/{run}")["row"]
    times = [mortal.estate.times(run, f"h{number}") for number in range(HOSTS)]
    assert max(times) <= 1, f"{told}: done {times} times"
    if row["state"] == "succeeded":
        assert times == [1] * HOSTS, f"{told}: not done, and said to be"
    assert row["state"] in OUTCOMES, f"{told}: {row}"
    return OUTCOMES[row["state"]]


def settled(client: Client, run: str) -> bool:
    """Whether the run has ended, or asks."""
    row = client.get(f"/v1/runs/{run}")["row"]
    return bool(row.get("ended_at")) or row["state"] == "needs-decision"
