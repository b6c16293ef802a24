"""Runs of a real watch over real sshds: through the API, through a kill -9, on the board."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.watch.conftest import started, until
from tests.watch.runs.conftest import HOSTS, Estate, ended, killed
from watch.client import Client
from watch.error import WatchError
from watch.process import Place

pytestmark = pytest.mark.sshd


def test_a_run_from_the_plan_to_the_record(client: Client, estate: Estate) -> None:
    plan = client.post("/v1/plan", {"runbook": "count"})
    assert plan["reasons"] == [] and plan["hosts"] == {"all": ["h0", "h1"]}
    assert plan["steps"][0]["done"] == {"h0": False, "h1": False}
    assert estate.count("h0") == 0, "a plan changes nothing"

    row = client.post("/v1/runs", {"runbook": "count", "reason": "test"})
    view = ended(client, row["id"])
    assert view["row"]["state"] == "succeeded"
    assert [estate.count(f"h{n}") for n in range(HOSTS)] == [1, 1]
    (step,) = view["steps"]
    assert (step["state"], [task["outcome"] for task in step["tasks"]]) == ("ok", ["ok", "ok"])
    output = {"name": step["tasks"][0]["output"]}
    assert client.get(f"/v1/runs/{row['id']}/output", output) == "begun\nended\n"
    assert view["log"][0]["what"] == "planned count: test"
    until(lambda: client.get(f"/v1/runs/{row['id']}")["log"][-1]["what"].endswith("is left there"))

    again = client.post("/v1/runs", {"runbook": "count"})
    assert ended(client, again["id"])["row"]["state"] == "succeeded"
    assert [estate.count(f"h{n}") for n in range(HOSTS)] == [1, 1], "it was done already"
    assert [each["id"] for each in client.get("/v1/runs")] == [again["id"], row["id"]]
    both = {again["id"], row["id"]}
    until(lambda: {each["id"] for each in client.get("/v1/board").get("runs", [])} == both)


def test_a_run_is_told_as_it_was_at_every_moment_of_it(client: Client, estate: Estate) -> None:
    run = client.post("/v1/runs", {"runbook": "count"})["id"]
    now = ended(client, run)
    begun, over = now["row"]["started_at"], now["row"]["ended_at"]
    moments = sorted({each["at"] for each in now["log"] if each["at"] <= over})
    assert len(moments) > 5
    for at in moments:
        then = client.get(f"/v1/runs/{run}", {"at": at})
        assert then["log"] == [each for each in now["log"] if each["at"] <= at]
        assert (then["row"]["state"] == "succeeded") == (at == over)
        assert (then["row"].get("ended_at") is None) == (at < over)
        (row,) = client.get("/v1/runs", {"at": at})
        assert (row["id"], row["state"]) == (run, then["row"]["state"])
    assert client.get("/v1/runs", {"at": begun - 1}) == []
    with pytest.raises(WatchError, match="no such run then"):
        client.get(f"/v1/runs/{run}", {"at": begun - 1})
    with pytest.raises(WatchError, match="no past of that"):
        client.get(f"/v1/runs/{run}/output", {"name": "x", "at": over})


def test_a_plan_says_which_file_is_not_there(client: Client, estate: Estate) -> None:
    estate.runbook(
        "runbook: paged\ntitle: Send a page\nversion: 1\nhosts: {all: {group: g}}\nsteps:\n"
        "  - {copy: A page, hosts: all, to: /srv/page, from: page.html, undo: none}\n"
    )
    plan = client.post("/v1/plan", {"runbook": "paged"})
    assert [(each["rule"], each["what"]) for each in plan["reasons"]] == [
        ("file", "'page.html' is not beside the runbook")
    ]


def test_a_gate_waits_through_a_kill_of_the_watch(
    client: Client, estate: Estate, place: Place, tmp_path: Path
) -> None:
    run = client.post("/v1/runs", {"runbook": "gated"})["id"]
    until(lambda: client.get(f"/v1/runs/{run}")["row"]["state"] == "waiting")
    killed(client)
    client = started(place, estate.source)
    view = client.get(f"/v1/runs/{run}")
    assert view["row"]["state"] == "waiting"
    (question,) = view["questions"]
    assert (question["text"], question["choices"]) == ("May it be counted?", ["approve", "refuse"])

    with pytest.raises(WatchError) as refused:
        client.post(f"/v1/runs/{run}/decide", {"step": "asked", "decision": "settle"})
    assert refused.value.why == (
        "settle is no answer here: approve, refuse; to settle needs a reason; "
        "to settle needs what is true: ok or failed"
    )
    client.post(f"/v1/runs/{run}/decide", {"step": "asked", "decision": "approve"})
    assert ended(client, run)["row"]["state"] == "succeeded"
    assert [estate.count(f"h{n}") for n in range(HOSTS)] == [1, 1]
    killed(client)
    client = started(place, estate.source)
    assert client.get(f"/v1/runs/{run}")["row"]["state"] == "succeeded"


def test_a_second_run_of_the_same_hosts_is_refused(client: Client, estate: Estate) -> None:
    run = client.post("/v1/runs", {"runbook": "gated"})["id"]
    with pytest.raises(WatchError) as refused:
        client.post("/v1/runs", {"runbook": "count"})
    assert refused.value.why == f"host/h0 is held by {run}; host/h1 is held by {run}"
    client.post(f"/v1/runs/{run}/abort", {"reason": "enough\x1b[2J"})
    view = ended(client, run)
    assert (view["row"]["state"], view["row"]["why"]) == ("aborted", "enough\\x1b[2J")
    run = client.post("/v1/runs", {"runbook": "count"})["id"]
    view = ended(client, run)
    assert (view["row"]["state"], view["row"].get("why", "")) == ("succeeded", "")


def test_what_is_not_there_is_said(client: Client) -> None:
    with pytest.raises(WatchError, match="no such run"):
        client.get("/v1/runs/r-20260101-0000-0000")
    with pytest.raises(WatchError, match="no such runbook"):
        client.post("/v1/runs", {"runbook": "nothing"})
    with pytest.raises(WatchError, match="it is missing, or no text"):
        client.post("/v1/runs", {})
