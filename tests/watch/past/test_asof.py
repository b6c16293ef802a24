"""Asked as of a moment, a real watch answers from the board of then, or not at all."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from estate.backups import BackupRow
from estate.document import HostRow, Problem, Severity
from estate.model import Retention
from estate.past import moment_of
from estate.proxies import AddressRow, ProxyRow
from estate.replication import ReplicationRow
from storage.keeper import Keeper
from tests.tui.commands.conftest import StandingStill, board
from watch.access import Door
from watch.api.listening import Listening
from watch.client import Client
from watch.clock import now_ms, steady_seconds
from watch.error import WatchError
from watch.hub import packed
from watch.past.keeping import Past

NOW = 1_795_000_000_000
THEN = NOW - 3_600_000
WHOSE: dict[str, Any] = {"host": "old-c01", "site": "central", "at": THEN - 1_000}


class Remembering(StandingStill):
    """A board that stands still, and has a past."""

    past: Past


@asynccontextmanager
async def watched(directory: Path) -> AsyncIterator[Client]:
    """A watch whose board is that of NOW, and which kept one of THEN."""
    keeper = Keeper(directory / "records.db", Retention(), now_ms, steady_seconds)
    keeper.start()
    services = Remembering(board(NOW), directory / "watch.sock")
    services.past = Past(keeper, lambda: services.document)
    was = replace(
        board(THEN),
        hosts={"old-c01": HostRow("old-c01", "central", at=THEN - 1_000)},
        replication=(ReplicationRow(**WHOSE, system="postgresql"),),
        backups=(BackupRow(**WHOSE, name="mail"),),
        addresses=(AddressRow(**WHOSE, address="192.0.2.1"),),
        proxies=(ProxyRow(**WHOSE),),
        problems=(Problem("old-c01/cpu", "old-c01", "cpu", "", Severity.WARNING, THEN - 5_000),),
    )
    assert await keeper.keep_picture(moment_of(was), packed(was))
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(services.socket))
    listener.listen()
    listener.setblocking(False)
    api = Listening(services, listener, Door(os.getuid()))  # type: ignore[arg-type]
    await api.start()
    try:
        yield Client(services.socket)
    finally:
        services.hub.close()
        await api.close()
        await asyncio.to_thread(keeper.close)


def test_the_board_and_its_lists_are_those_of_then(tmp_path: Path) -> None:
    async def ask() -> None:
        async with watched(tmp_path) as now:
            then = Client(now.socket, at=THEN + 59_000)

            async def get(client: Client, path: str, **query: Any) -> Any:
                return await asyncio.to_thread(client.get, path, query)

            assert [row["name"] for row in await get(then, "/v1/hosts")] == ["old-c01"]
            assert [row["id"] for row in await get(then, "/v1/problems")] == ["old-c01/cpu"]
            assert (await get(then, "/v1/board"))["at"] == THEN
            assert then.board_at == THEN  # and how much older than the moment it is, is known
            assert now.board_at is None
            for path in ("replication", "backups", "addresses", "proxies"):
                assert [row["host"] for row in await get(then, f"/v1/{path}")] == ["old-c01"]
                assert await get(now, f"/v1/{path}") == []
            # Ages in a filter are those of then: a second, not an hour.
            assert len(await get(then, "/v1/hosts", where="age<5s")) == 1
            assert len(await get(now, "/v1/hosts")) == 3  # and nothing of it stays
            moments = await get(now, "/v1/moments")
            assert moments == [{"at": THEN, "warning": 1}]

    asyncio.run(ask())


@pytest.mark.parametrize(
    ("path", "at", "status", "why"),
    [
        ("/v1/status", THEN, 400, "not made of the board"),
        ("/v1/history", THEN, 400, "not made of the board"),
        ("/v1/hosts/mta-c01", THEN, 400, "not made of the board"),
        ("/v1/hosts", "yesterday", 400, "no time"),
        ("/v1/hosts", "9" * 5_000, 400, "no time"),
        ("/v1/hosts", THEN - 1, 404, "no board was kept then, or before — t in the console"),
        ("/v1/hosts", THEN - 1, 404, "2026-11-18 18:06:39 Asia/Hong_Kong"),
        ("/v1/hosts", 1, 404, "1970-01-01 0"),
        ("/v1/hosts", THEN + 7_200_001, 404, "nobody watched: the last board before is of 2026-11"),
    ],
)
def test_what_is_of_now_never_passes_for_then(
    tmp_path: Path, path: str, at: Any, status: int, why: str
) -> None:
    async def ask() -> None:
        async with watched(tmp_path) as now:
            with pytest.raises(WatchError) as refused:
                await asyncio.to_thread(now.get, path, {"at": at})
            assert refused.value.status == status
            assert why in str(refused.value)

    asyncio.run(ask())


def test_nothing_is_changed_in_the_past(tmp_path: Path) -> None:
    with pytest.raises(WatchError, match="what is past can't be changed"):
        Client(tmp_path / "watch.sock", at=THEN).post("/v1/refresh")
