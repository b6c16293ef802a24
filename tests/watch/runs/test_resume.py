"""A run goes on after whatever ended its watch: told to stop, a secret lost, a record damaged, a full disk."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.watch.conftest import alive, started, until
from tests.watch.runs.conftest import HOSTS, Estate, ended, killed
from watch.client import Client
from watch.error import WatchError
from watch.process import Place, place_in

pytestmark = pytest.mark.sshd

SLOW = """\
runbook: slow
title: Take a while
version: 1
hosts:
  all: {group: g, at_least: 1}
steps:
  - do: Count slowly
    id: counted
    hosts: all
    sh: |
      echo once >>"COUNTERS/slow-$OPS_HOST"
      for each in 1 2 3 4 5 6; do echo "$each"; sleep 0.5; done
    done_when: test -s "COUNTERS/slow-$OPS_HOST"
    timeout: 30s
    undo: none
"""

SECRET = """\
runbook: secret
title: With a secret, after a gate
version: 1
ask:
  token: {type: secret, say: The token}
hosts:
  all: {group: g, at_least: 1}
steps:
  - gate: Now?
    id: asked
    wait: 10m
  - do: Show that the secret arrived
    id: shown
    hosts: all
    secrets: [token]
    sh: |
      printf %s "$OPS_TOKEN" | sha256sum >"COUNTERS/secret-$OPS_HOST"
      echo "it is $OPS_TOKEN"
    done_when: test -s "COUNTERS/secret-$OPS_HOST"
    timeout: 30s
    undo: none
"""


def stopped(client: Client) -> None:
    """End the watch as a person does, and wait until it is gone."""
    pid = client.get("/v1/status")["pid"]
    client.post("/v1/stop")
    until(lambda: not alive(pid))


def state(client: Client, run: str) -> str:
    return str(client.get(f"/v1/runs/{run}")["row"]["state"])


def test_a_watch_that_is_stopped_leaves_the_run_to_the_next(
    client: Client, estate: Estate, place: Place
) -> None:
    estate.runbook(SLOW)
    run = client.post("/v1/runs", {"runbook": "slow"})["id"]
    until(lambda: [estate.times("slow", f"h{n}") for n in range(HOSTS)] == [1] * HOSTS)
    stopped(client)
    client = started(place, estate.source)
    view = ended(client, run)
    assert view["row"]["state"] == "succeeded"
    assert [estate.times("slow", f"h{n}") for n in range(HOSTS)] == [1] * HOSTS
    for task in view["steps"][0]["tasks"]:
        printed = client.get(f"/v1/runs/{run}/output", {"name": task["output"]})
        assert printed == "1\n2\n3\n4\n5\n6\n", "no byte lost, none twice"


def test_a_secret_is_asked_for_again_and_is_nowhere(
    client: Client, estate: Estate, place: Place
) -> None:
    estate.runbook(SECRET)
    secret = "correct horse'battery"
    run = client.post("/v1/runs", {"runbook": "secret", "set": {"token": secret}})["id"]
    until(lambda: state(client, run) == "waiting")
    killed(client)
    client = started(place, estate.source)
    client.post(f"/v1/runs/{run}/decide", {"step": "asked", "decision": "approve"})
    until(lambda: len(client.get(f"/v1/runs/{run}").get("questions", [])) == HOSTS)
    question = client.get(f"/v1/runs/{run}")["row"]["question"]
    assert question == (
        "shown on h0 needs token again, which is kept nowhere: "
        f"twinwatch runs resume {run} --secrets FILE"
    )
    client.post(f"/v1/runs/{run}/resume", {"set": {"token": secret}})
    view = ended(client, run)
    assert view["row"]["state"] == "succeeded"
    output = {"name": view["steps"][1]["tasks"][0]["output"]}
    assert client.get(f"/v1/runs/{run}/output", output) == "it is [redacted]\n"
    for path in place.records.parent.rglob("*"):
        if path.is_file():
            assert b"horse" not in path.read_bytes(), path


def test_a_damaged_record_is_shown_and_stops_nothing_else(
    client: Client, estate: Estate, place: Place
) -> None:
    run = client.post("/v1/runs", {"runbook": "gated"})["id"]
    until(lambda: state(client, run) == "waiting")
    killed(client)
    path = place.records.parent / "runs" / f"{run}.jsonl"
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    client = started(place, estate.source)
    (row,) = client.get("/v1/runs")
    assert row["state"] == "needs-decision"
    assert row["trouble"].startswith(f"{path}:1: the line is damaged, and no crash leaves it")
    with pytest.raises(WatchError, match="the run takes no more words"):
        client.post(f"/v1/runs/{run}/abort")
    with pytest.raises(WatchError, match=f"host/h0 is held by {run}"):
        client.post("/v1/runs", {"runbook": "count"})


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Place]:
    """A place whose records are on a disk of 1 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no disk to fill: {mounted.stderr.decode().strip()}")
    found = place_in(tmp_path / "small")
    yield Place(found.socket, found.lock, found.log, disk / "records.db")
    if found.lock.exists() and (pid := found.lock.read_text().strip()):
        subprocess.run(["kill", "-9", pid], check=False)
        until(lambda: not alive(int(pid)))
    until(lambda: subprocess.run(["umount", str(disk)], check=False).returncode == 0)


def test_on_a_full_disk_nothing_new_is_started_and_what_runs_goes_on_when_there_is_room(
    small: Place, estate: Estate
) -> None:
    client = started(small, estate.source)
    ballast = small.records.parent / "ballast"
    run = client.post("/v1/runs", {"runbook": "gated"})["id"]
    until(lambda: state(client, run) == "waiting")
    fill(ballast)
    long = "x" * 5_000  # more than the last block of the file has room for
    with pytest.raises(WatchError) as refused:
        client.post(
            f"/v1/runs/{run}/decide", {"step": "asked", "decision": "approve", "reason": long}
        )
    assert (refused.value.what, refused.value.status) == ("it was not written down", 507)
    assert "no space for" in refused.value.why
    assert [estate.count(f"h{n}") for n in range(HOSTS)] == [0] * HOSTS
    assert "the record can't be written" in client.get(f"/v1/runs/{run}")["row"]["trouble"]
    ballast.unlink()
    client.post(f"/v1/runs/{run}/decide", {"step": "asked", "decision": "approve"})
    assert ended(client, run)["row"]["state"] == "succeeded"
    assert [estate.count(f"h{n}") for n in range(HOSTS)] == [1] * HOSTS


def fill(path: Path) -> None:
    """Write until there is no room."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
