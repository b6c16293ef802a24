"""Two watches over the same hosts, which can't see each other: never do both act."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.watch.conftest import alive, started, until
from tests.watch.runs.conftest import HOSTS, Estate, ended
from watch.client import Client
from watch.error import WatchError
from watch.process import place_in

pytestmark = pytest.mark.sshd

BETWEEN = """\
runbook: between
title: A gate between two steps
version: 1
hosts:
  all: {group: g, at_least: 1}
steps:
  - do: The first
    id: first
    hosts: all
    sh: echo "$OPS_RUN" >>"COUNTERS/first-$OPS_HOST"
    done_when: grep -qx -- "$OPS_RUN" "COUNTERS/first-$OPS_HOST"
    timeout: 20s
    undo: none
  - gate: Now the second?
    id: asked
    wait: 10m
  - do: The second
    id: second
    hosts: all
    sh: echo "$OPS_RUN" >>"COUNTERS/second-$OPS_HOST"
    done_when: grep -qx -- "$OPS_RUN" "COUNTERS/second-$OPS_HOST"
    timeout: 20s
    undo: none
"""


@pytest.fixture
def other(tmp_path: Path, estate: Estate) -> Iterator[Client]:
    """A second watch, with records of its own."""
    client = started(place_in(tmp_path / "other"), estate.source)
    yield client
    pid = client.get("/v1/status")["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid))


def done(estate: Estate, name: str, run: str) -> list[int]:
    paths = [estate.counters / f"{name}-h{number}" for number in range(HOSTS)]
    return [path.read_text().split().count(run) if path.exists() else 0 for path in paths]


def begun(client: Client, **more: object) -> str:
    return str(client.post("/v1/runs", {"runbook": "between", **more})["id"])


def at_the_gate(client: Client, run: str) -> None:
    until(lambda: client.get(f"/v1/runs/{run}")["row"]["state"] in ("waiting", "failed"))


def why(view: dict[str, object]) -> str:
    row = view["row"]
    assert isinstance(row, dict)
    return str(row.get("why", ""))


def test_a_watch_is_fenced_off_by_the_hosts_until_it_takes_over_with_a_reason(
    client: Client, other: Client, estate: Estate
) -> None:
    estate.runbook(BETWEEN)
    first = begun(client)
    at_the_gate(client, first)
    assert done(estate, "first", first) == [1] * HOSTS

    second = begun(other)
    view = ended(other, second)
    assert view["row"]["state"] == "failed"
    assert f"is {first}'s since epoch 1" in why(view)
    assert done(estate, "first", second) == [0] * HOSTS

    with pytest.raises(WatchError, match="no reason is given"):
        begun(other, take_over=True)
    third = begun(other, take_over=True, reason="the first bastion is cut off")
    at_the_gate(other, third)
    assert done(estate, "first", third) == [1] * HOSTS
    assert other.get(f"/v1/runs/{third}")["epoch"] > 1

    client.post(f"/v1/runs/{first}/decide", {"step": "asked", "decision": "approve"})
    view = ended(client, first)
    assert view["row"]["state"] == "failed"
    assert f"{third}'s since epoch" in why(view)
    assert done(estate, "second", first) == [0] * HOSTS, "the hosts let only one act"

    other.post(f"/v1/runs/{third}/decide", {"step": "asked", "decision": "approve"})
    assert ended(other, third)["row"]["state"] == "succeeded"
    assert done(estate, "second", third) == [1] * HOSTS


def test_locks_that_were_given_back_are_had_for_the_asking(
    client: Client, other: Client, estate: Estate
) -> None:
    for _ in range(2):
        for each in (client, other):
            run = str(each.post("/v1/runs", {"runbook": "count"})["id"])
            view = ended(each, run)
            assert (view["row"]["state"], why(view)) == ("succeeded", "")
            (estate.counters / "counter-h0").unlink()
            until(lambda each=each, run=run: tidy(each, run))  # type: ignore[misc]


def tidy(client: Client, run: str) -> bool:
    """Whether the run has left its hosts, locks and all: another may begin."""
    log = client.get(f"/v1/runs/{run}")["log"]
    return bool(log[-1]["what"].endswith("is left there"))
