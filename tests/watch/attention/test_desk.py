"""Acknowledging over the API of a real watch: what was taken down survives it, and ends on time."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.watch.conftest import alive, started, until
from watch.access import this_user
from watch.client import Client
from watch.error import WatchError
from watch.process import Place
from watch.source import Source

HOUR = 3_600_000


def problem(client: Client) -> dict[str, Any]:
    """The first cause on the board: nobody can reach these hosts."""
    until(lambda: [each for each in client.get("/v1/problems") if "parent" not in each])
    return next(each for each in client.get("/v1/problems") if "parent" not in each)


def refused(client: Client, path: str, body: dict[str, Any]) -> WatchError:
    with pytest.raises(WatchError) as caught:
        client.post(path, body)
    return caught.value


def test_what_was_acknowledged_survives_kill_9(place: Place, estate_file: Path) -> None:
    client = started(place, Source(estate_file))
    root = problem(client)
    body = {"problem": root["id"], "reason": "calling\tthe\x1b[31m site", "for_ms": HOUR}
    said = client.post("/v1/acknowledgements", body)
    assert (said["problem"], said["owner"]) == (root["id"], this_user())
    assert said["reason"] == r"calling the\x1b[31m site", "harmless on everybody's terminal"
    assert said["until"] - said["at"] == HOUR
    hush = client.post("/v1/silences", {"where": "host:h3", "reason": "moved", "for_ms": HOUR})
    pid = client.get("/v1/status")["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid))

    client = started(place, Source(estate_file))
    until(lambda: "owner" in problem(client))
    again = problem(client)
    assert (again["id"], again["owner"], again["until"]) == (root["id"], this_user(), said["until"])
    assert client.get("/v1/acknowledgements") == [said]
    assert client.get("/v1/silences") == [hush]

    client.post("/v1/acknowledgements/withdraw", {"problem": root["id"]})
    until(lambda: "owner" not in problem(client))
    assert "returned" in problem(client)
    client.post(f"/v1/silences/{hush['id']}/withdraw")
    assert client.get("/v1/silences") == []
    what = {each["what"] for each in client.get("/v1/events")}
    assert any(f"ended: {this_user()} took it back" in each for each in what)
    returned, pid = problem(client)["returned"], client.get("/v1/status")["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid))

    client = started(place, Source(estate_file))
    until(lambda: problem(client).get("returned") == returned)
    assert (client.get("/v1/acknowledgements"), client.get("/v1/silences")) == ([], [])
    assert "owner" not in problem(client)


def test_what_ended_while_nobody_watched_is_told(place: Place, estate_file: Path) -> None:
    client = started(place, Source(estate_file))
    root = problem(client)["id"]
    client.post("/v1/acknowledgements", {"problem": root, "reason": "a moment", "for_ms": 60_000})
    pid = client.get("/v1/status")["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid))
    from storage.database import sqlite3  # its minute is over

    with sqlite3.connect(place.records) as records:
        records.execute("UPDATE acknowledgements SET until = at + 1")
    client = started(place, Source(estate_file))

    def told() -> list[dict[str, Any]]:
        events = client.get("/v1/events")
        return [each for each in events if "ended: its time is up" in each["what"]]

    until(told)
    assert client.get("/v1/acknowledgements") == []
    assert "owner" not in problem(client)


def test_what_lacks_a_reason_or_an_end_is_refused(place: Place, estate_file: Path) -> None:
    client = started(place, Source(estate_file))
    root = problem(client)["id"]
    whole = {"problem": root, "reason": "why", "for_ms": HOUR}
    path = "/v1/acknowledgements"
    assert refused(client, path, {**whole, "reason": " "}).where == "reason"
    assert refused(client, path, {**whole, "for_ms": None}).why == (
        "it is missing: nothing is quiet for ever"
    )
    assert refused(client, path, {**whole, "for_ms": 32 * 24 * HOUR}).where == "for"
    wrong = refused(client, path, {**whole, "problem": f"{root}x"})
    assert (wrong.what, wrong.do) == ("no such problem", f"did you mean {root}?")
    hush = {"where": "", "reason": "why", "for_ms": HOUR}
    assert refused(client, "/v1/silences", hush).where == "where"
    hidden = refused(client, "/v1/silences", {**hush, "where": 'what:"a\x1b[2Jb"'})
    assert hidden.why == "it has characters that nobody sees"
    assert refused(client, "/v1/silences", {**hush, "where": "no:such"}).what == (
        "the filter is refused"
    )
    assert client.get("/v1/acknowledgements") == []
    assert refused(client, f"{path}/withdraw", {"problem": root}).what == (
        "no such acknowledgement"
    )
