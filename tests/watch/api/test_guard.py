"""What a request is taken for at the door: one that looks, or one that changes something."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from watch import access
from watch.access import Door, Peer
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
