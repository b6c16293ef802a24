"""Every refusal has one shape."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.watch.room import Room, asked
from watch.api.answers import refused_by
from watch.error import SourceError, WatchError


@pytest.mark.parametrize(
    ("path", "query", "status", "said"),
    [
        ("/v1/hosts/aa", {}, 404, "no such host — aa — the estate does not name it — did you mean a?"),
        (
            "/v1/hosts",
            {"where": "cpu>"},
            400,
            "the filter is refused — filter 'cpu>', column 5",
        ),
        ("/v1/nothing", {}, 404, "no such request — GET /v1/nothing — Not Found"),
        (
            "/v1/history",
            {"host": "a", "metric": "mood", "start": 0, "end": 1},
            404,
            "no such metric — mood — there are cpu, ",
        ),
        (
            "/v1/history",
            {"host": "a", "metric": "cpu", "start": 5, "end": 5},
            400,
            "no such span — 5–5 — it ends before it begins — give start < end",
        ),
        ("/v1/history", {"host": "a"}, 400, "the request is refused — query metric — Field required"),
        ("/v1/events", {"limit": "many"}, 400, "the request is refused — query limit — "),
        ("/v1/events", {"limit": 10**9}, 400, "the request is refused — query limit — "),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_four_parts(
    tmp_path: Path, path: str, query: dict[str, object], status: int, said: str
) -> None:
    found = asked(tmp_path, lambda room: room.refused(path, **query))
    assert found[0] == status
    assert found[1].startswith(said)


def test_a_defect_is_said_as_one(tmp_path: Path) -> None:
    async def play(room: Room) -> tuple[int, str]:
        def stumble() -> dict[str, object]:
            raise ZeroDivisionError("by nothing")

        room.watch.status = stumble  # type: ignore[method-assign]
        return await room.refused("/v1/status")

    assert asked(tmp_path, play) == (
        500,
        "the watch has a defect — GET /v1/status — ZeroDivisionError: by nothing — "
        "report it with the watch's log",
    )


def test_a_wrong_source_is_the_asker_s_mistake_and_all_else_that_has_no_status_is_ours() -> None:
    assert refused_by(SourceError("no estate file", "x.yaml")).status_code == 400
    assert refused_by(WatchError("the records can't be pruned")).status_code == 500
    assert refused_by(WatchError("no such host", status=404)).status_code == 404
