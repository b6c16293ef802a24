"""A real watch over real sshds: asked by night, drilled, asked again; never a step is done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.endpoints import Endpoints
from bench.report import UnableError
from tests.watch.conftest import started, until
from tests.watch.runs.conftest import Estate, ended, killed
from watch.client import Client
from watch.error import WatchError
from watch.process import Place
from watch.source import Source

pytestmark = pytest.mark.sshd

RUNBOOK = """\
runbook: move-mail
title: Move mail
version: 3
clock: {target: 5m}
drill: The address is not moved.
ask:
  incident: {type: id, say: Incident number}
  to: {type: site, say: The site that takes over}
hosts:
  new: {group: g, site: $to}
before:
  - check: The new host takes mail
    id: takes
    hosts: new
    sh: |
      echo "$OPS_INCIDENT" >>"COUNTERS/asked-$OPS_HOST"
      ! test -e COUNTERS/ill
    timeout: 20s
steps:
  - do: Take the mail
    id: taken
    hosts: new
    sh: echo "$OPS_RUN" >>"COUNTERS/counter-$OPS_HOST"
    done_when: grep -q "$OPS_RUN" "COUNTERS/counter-$OPS_HOST"
    undo: none
    takes: 2s
    timeout: 20s
"""
SERVICES = """\
rehearsal: {nightly: 00:00-24:00}
services:
  mail:
    objective: {available: 99.95%, recover_within: 10m}
    needs: [{group: g, at: active site, k: 1}]
    runbooks: {fails: move-mail}
  chat:
    objective: {available: 99.95%, recover_within: 10m}
  web: {}
"""


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    """Two sites of one host each, and a service that a runbook moves."""
    try:
        with Endpoints(2) as endpoints:
            said = "estate: Test\ntimezone: UTC\nevery: 1s\nsites:\n  c: {name: C, role: primary}\n"
            said += "  r: {name: R, role: recovery}\n"
            said += f"ssh: {{known_hosts: [{endpoints.known_hosts}]}}\nhosts:\n"
            for site, address in zip("cr", endpoints.hosts, strict=True):
                said += f"  h-{site}: {{site: {site}, groups: [g], address: {address},"
                said += f" port: {endpoints.port}, user: {endpoints.user},"
                said += f" identity: {endpoints.key}}}\n"
            path = tmp_path / "estate.yaml"
            path.write_text(said + SERVICES)
            path.chmod(0o600)
            (tmp_path / "counters").mkdir()
            found = Estate(Source(path), tmp_path / "counters")
            found.runbook(RUNBOOK)
            yield found
    except UnableError as reason:
        pytest.skip(f"no sshd to run on: {reason}")


def row(client: Client, key: str = "mail") -> dict[str, Any]:
    rows = {each["key"]: each for each in client.get("/v1/readiness")}
    return rows.get(key, {})


def against(client: Client, key: str = "mail") -> list[tuple[str, str]]:
    return [
        (each["asked"], each["said"])
        for each in row(client, key).get("findings", [])
        if each["bearing"] in ("stops", "unknown")
    ]


def test_from_the_first_night_to_a_drill_and_a_night_that_says_no(
    estate: Estate, place: Place
) -> None:
    client = started(place, estate.source)
    never = ("A drill", "never done to the end: nobody knows how long it takes")
    until(lambda: against(client) == [never])
    assert estate.times("asked", "h-r") == 1 and estate.times("asked", "h-c") == 0
    assert (estate.counters / "asked-h-r").read_text() == "readiness\n"
    assert estate.count("h-r") == 0, "a rehearsal does no step"
    assert row(client)["verdict"] == "not known"
    assert against(client, "chat") == [("A runbook", "the estate names none")]
    assert row(client, "web") == {}

    run = client.post(
        "/v1/runs",
        {"runbook": "move-mail", "set": {"incident": "D-1", "to": "r"}, "drill": True},
    )["id"]
    assert ended(client, run)["row"]["state"] == "succeeded"
    until(lambda: row(client)["verdict"] == "ready")
    assert row(client)["done_run"] == run

    asked_at = row(client)["asked_at"]
    killed(client)
    client = started(place, estate.source)
    until(lambda: row(client).get("verdict") == "ready")
    assert row(client)["asked_at"] == asked_at, "once a night is enough, also over a restart"

    (estate.counters / "ill").touch()
    said = client.post("/v1/readiness/ask", {"service": "mail"})
    assert said["verdict"] == "not ready"
    refused = "not so on h-r: exit status 1"
    until(lambda: against(client) == [("The new host takes mail", refused)])
    told = [each["what"] for each in client.get("/v1/events") if each["where"] == "mail"]
    assert "move-mail: 0 of 1 checks pass" in told
    until(
        lambda: (
            f"not ready to move: The new host takes mail: {refused}"
            in [each["what"] for each in client.get("/v1/events")]
        )
    )
    assert estate.count("h-r") == 1, "the drill's own"
    with pytest.raises(WatchError, match="no such service"):
        client.post("/v1/readiness/ask", {"service": "web"})
    with pytest.raises(WatchError, match="the request is refused"):
        client.post("/v1/readiness/ask", {})


def test_a_runbook_that_is_broken_stops_it_and_one_that_is_mended_does_not(
    estate: Estate, place: Place
) -> None:
    estate.runbook(RUNBOOK.replace("steps:", "stops:"))
    client = started(place, estate.source)
    until(lambda: "A runbook" in dict(against(client)))
    assert dict(against(client))["A runbook"].startswith("the runbook is refused: ")
    assert row(client)["verdict"] == "not ready"
    with pytest.raises(WatchError, match="the runbook is refused"):
        client.post("/v1/readiness/ask", {"service": "mail"})
    estate.runbook(RUNBOOK)
    client.post("/v1/readiness/ask", {"service": "mail"})
    assert estate.times("asked", "h-r") == 1


HOLDS = """\
runbook: hold-mail
title: Hold the mail
version: 1
locks: [service/mail]
steps:
  - gate: Go on?
    id: go
"""


def test_locks_of_a_run_are_gone_with_it(estate: Estate, place: Place) -> None:
    locked = "locks: [service/mail]\nhosts:"
    estate.runbook(RUNBOOK.replace("hosts:", locked, 1))
    estate.runbook(HOLDS)
    client = started(place, estate.source)
    drill = {"runbook": "move-mail", "set": {"incident": "D-1", "to": "r"}, "drill": True}
    until(lambda: row(client).get("asked_at") is not None)
    assert ended(client, client.post("/v1/runs", drill)["id"])["row"]["state"] == "succeeded"
    until(lambda: row(client)["verdict"] == "ready")

    held = client.post("/v1/runs", {"runbook": "hold-mail", "set": {}})["id"]
    until(lambda: client.get(f"/v1/runs/{held}").get("questions"))
    said = client.post("/v1/readiness/ask", {"service": "mail"})
    assert said["verdict"] == "not ready", "whoever asks is told of the lock at once"
    assert [each["asked"] for each in said["findings"] if each["bearing"] == "stops"] == [
        "Its locks"
    ]
    client.post(f"/v1/runs/{held}/abort", {"reason": "enough", "now": True})
    assert ended(client, held)["row"]["state"] == "aborted"
    until(lambda: against(client) == [], seconds=20.0)
