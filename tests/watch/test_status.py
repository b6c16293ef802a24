"""The watch in numbers: causes are counted, not what follows from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from estate.document import Problem, Severity
from tests.watch.room import Played
from tests.watch.test_board import ESTATE
from watch.board import Board
from watch.itself import own_row
from watch.process import place_in
from watch.source import Source
from watch.status import estate_in_numbers, status

NOW = 1_795_156_200_000
SOURCE = Source(Path("/etc/estate.yaml"))


def problem(name: str, parent: str = "", until: int | None = None, silence: str = "") -> Problem:
    return Problem(
        name, name, "down", "", Severity.CRITICAL, NOW, "reach", (name,), "central",
        parent=parent, until=until, silence=silence,
    )  # fmt: skip


def test_causes_are_counted_and_whose_they_are() -> None:
    board = Board(ESTATE, own_row(NOW - 5_000, shared=False), NOW).document
    problems = (
        problem("a"),
        problem("b", parent="a", until=NOW + 1),
        problem("c", until=NOW + 1),
        problem("d", until=NOW + 1, silence="s1"),
    )
    said = status(
        replace(board, problems=problems), ESTATE, NOW,
        source=SOURCE, place=place_in(Path("/x")), keeper=Played(), figures={"rss_bytes": 1.0},
    )  # fmt: skip
    assert said["problems"] == {"total": 3, "critical": 3}
    assert said["in_hand"] == {"acknowledged": 1, "silenced": 1}
    assert said["hosts"] == {"total": 4, "connecting": 4}
    assert (said["source"], said["records"]) == ("/etc/estate.yaml", "/x/records.db")
    assert said["rss_bytes"] == 1.0


def test_why_a_changed_estate_was_refused_stands_beside_what_is_in_it() -> None:
    said = estate_in_numbers(ESTATE, SOURCE, "estate.yaml:3: no such site")
    assert (said["hosts"], said["problem"]) == (5, "estate.yaml:3: no such site")
