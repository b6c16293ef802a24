"""The snapshot, asked of a watch over its real socket by the real client."""

from __future__ import annotations

from pathlib import Path

import pytest

from estate.document import Event, Severity
from snapshots.reading import snapshot_from
from tests.watch.test_api import Room, asked
from watch import later


@pytest.fixture(autouse=True)
def _no_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch of these tests has no office of runs; nobody waits for it."""
    monkeypatch.setattr(later, "LATER_SECONDS", 0.01)


def test_a_watch_gives_the_snapshot_of_this_moment(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        made = snapshot_from(await room.get("/v1/snapshot"))
        assert made.estate == room.watch.document.estate
        assert {each.name: each.state for each in made.hosts}["gw"] == "untrusted"
        assert [each.where for each in made.problems] == ["gw"]
        assert made.by
        unseen = {(each.kind, each.where) for each in made.unseen}
        assert ("host", "gw") in unseen
        assert ("records", "runs") in unseen  # that runs can't be read is said, not passed over

    asked(tmp_path, play)


def test_it_covers_what_is_asked_for(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        now = room.watch.now()
        room.played.kept = [
            Event(number, now - (10 - number) * 60_000, Severity.OK, "a", "x")
            for number in range(8)
        ]
        made = snapshot_from(await room.get("/v1/snapshot", start=now - 5 * 60_000))
        assert made.starts == now - 5 * 60_000
        assert [each.id for each in made.events if each.where == "a"] == [7, 6, 5]

    asked(tmp_path, play)


@pytest.mark.parametrize("start", [-1, 1 << 60])
def test_a_period_that_is_none_is_refused(tmp_path: Path, start: int) -> None:
    async def play(room: Room) -> None:
        status, said = await room.refused("/v1/snapshot", start=start)
        assert status == 400
        assert said.startswith(f"no such period — {start} — it begins in the future")

    asked(tmp_path, play)
