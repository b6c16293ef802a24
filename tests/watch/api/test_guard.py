"""What a request is taken for at the door: one that looks, or one that changes something."""

from __future__ import annotations

import asyncio
import json
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from watch import access
from watch.access import LOOKS, Door, Peer
from watch.api import guard
from watch.api.guard import guarded


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/board", 200),
        ("POST", "/v1/plan", 200),  # what it asks of hosts is judged by watch.runs.permission
        ("POST", "/v1/plan/", 403),
        ("POST", "/v1/runs", 403),
        ("POST", "/v1/runs/r-1/decide", 403),
        ("POST", "/v1/arm", 403),
        ("POST", "/v1/refresh", 403),
        ("PUT", "/v1/plan/x", 403),
    ],
)
def test_who_only_reads_may_plan_and_changes_nothing(
    method: str, path: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "user_name", {1000: "tw", 1001: "bob"}.__getitem__)
    monkeypatch.setattr(access, "groups_of", lambda peer: frozenset({"desk"}))
    seen: list[int] = []

    async def within(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            seen.append(message["status"])

    services = cast(Any, SimpleNamespace(roles={"viewer": ("desk",)}))
    app = guarded(within, services, Door(1000, "oncall"))
    scope = {"type": "http", "method": method, "path": path, "state": {"peer": Peer(1, 1001, 1001)}}
    asyncio.run(app(scope, None, send))
    assert seen == [status]


def test_groups_that_are_not_found_out_in_time_let_nobody_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The group database may lie in a directory service that is gone."""
    come_back = threading.Event()
    monkeypatch.setattr(guard, "JUDGE_SECONDS", 0.05)

    def hang(peer: Peer) -> frozenset[str]:
        come_back.wait(30)
        return frozenset({"oncall"})

    monkeypatch.setattr(access, "groups_of", hang)
    sent: list[Any] = []

    async def within(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("it was let in")

    async def send(message: Any) -> None:
        sent.append(message)

    services = cast(Any, SimpleNamespace(roles={}))
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/board",
        "state": {"peer": Peer(1, 1001, 1)},
    }
    try:
        asyncio.run(guarded(within, services, Door(1000, "oncall"))(scope, None, send))
    finally:
        come_back.set()
    assert sent[0]["status"] == 403
    assert (
        json.loads(sent[1]["body"])["why"] == "which groups you are in was not found out in 0.05 s"
    )


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("POST", 403)])
def test_who_says_that_they_only_look_changes_nothing_whoever_they_are(
    method: str, status: int
) -> None:
    """A console in a browser: whoever sits there is not whom the kernel sees at the socket."""
    seen: list[int] = []

    async def within(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            seen.append(message["status"])

    services = cast(Any, SimpleNamespace(roles={}))
    owner = {"peer": Peer(1, 1000, 1000)}
    scope = {"type": "http", "method": method, "path": "/v1/x", "headers": [LOOKS], "state": owner}
    asyncio.run(guarded(within, services, Door(1000))(scope, None, send))
    assert seen == [status]
