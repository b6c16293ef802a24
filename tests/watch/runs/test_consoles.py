"""A console is read-only until it is armed, and begins only what its person saw; by a real watch."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.watch.runs.conftest import Estate, ended
from watch.client import Client
from watch.error import WatchError
from watch.runs.arming import READ_ONLY

pytestmark = pytest.mark.sshd

LASTING = """runbook: lasting
title: Count, and never take it back
version: 1
hosts: {all: {group: g}}
steps:
  - do: Count
    id: counted
    hosts: all
    sh: echo once >> COUNTERS/counter-lasting
    done_when: test -s COUNTERS/counter-lasting
    undo: none
    timeout: 20s
"""


def refused(client: Client, path: str, body: Mapping[str, object]) -> str:
    with pytest.raises(WatchError) as error:
        client.post(path, body)
    return error.value.why


def test_a_console_writes_only_while_it_is_armed(client: Client, estate: Estate) -> None:
    asked = {"runbook": "gated", "armed": ""}
    assert refused(client, "/v1/runs", asked) == READ_ONLY
    assert refused(client, "/v1/runs", {**asked, "armed": "a guess"}) == READ_ONLY
    assert client.get("/v1/runs") == []
    word = client.post("/v1/arm")["word"]
    run = client.post("/v1/runs", {**asked, "armed": word})["id"]
    client.post("/v1/disarm", {"armed": word})
    abort = {"armed": word, "reason": "enough"}
    assert refused(client, f"/v1/runs/{run}/abort", abort) == READ_ONLY
    again = client.post("/v1/arm")["word"]
    client.post(f"/v1/runs/{run}/abort", {**abort, "armed": again})
    assert ended(client, run)["row"]["state"] == "aborted"


def test_a_run_that_cannot_be_taken_back_asks_for_its_site(client: Client, estate: Estate) -> None:
    estate.runbook(LASTING)
    plan = client.post("/v1/plan", {"runbook": "lasting"})
    assert plan["confirm"] == "c"
    seen = {"runbook": "lasting", "sha256": plan["sha256"], "confirm": ""}
    why = "it can't be taken back at c, and '' was typed"
    assert refused(client, "/v1/runs", seen) == why
    estate.runbook(LASTING.replace("title: Count", "title: Count twice"))
    assert refused(client, "/v1/runs", {**seen, "confirm": "c"}) == (
        "its file has changed since it was shown"
    )
    assert client.get("/v1/runs") == []
    sha256 = client.post("/v1/plan", {"runbook": "lasting"})["sha256"]
    run = client.post("/v1/runs", {**seen, "sha256": sha256, "confirm": "c"})["id"]
    assert ended(client, run)["row"]["state"] == "succeeded"


def test_the_catalogue_tells_what_is_asked_and_what_is_refused(
    client: Client, estate: Estate
) -> None:
    estate.runbook("runbook: odd\ntitle: Odd\n")
    rows = {row["name"]: row for row in client.get("/v1/runbooks")}
    assert rows["gated"]["title"]
    assert "problem" not in rows["gated"]
    assert "twinwatch runbook lint" in rows["odd"]["problem"]
