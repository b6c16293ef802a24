"""When a board is kept: once a minute, and soon after something changed that people act on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from estate.document import Document, Problem, Severity, WatchRow
from estate.past import Moment, moment_of
from estate.wire import document_from_json
from watch.past import keeping
from watch.past.keeping import LONGEST_MS, Past, _state, due

BOARD = Document(1, 1_000, "Test", "UTC", "en", 2_000, WatchRow())
LOST = Problem("a/reach", "a", "lost", "", Severity.CRITICAL, 900)


@pytest.mark.parametrize(
    ("age", "changed", "kept"),
    [(0, False, False), (59_999, False, False), (60_000, False, True), (0, True, True),
     (-1, False, True)],
)  # fmt: skip
def test_a_board_is_due(age: int, changed: bool, kept: bool) -> None:
    assert due(age, changed=changed) is kept


def test_what_people_act_on_is_a_change_and_figures_are_none() -> None:
    wrong = replace(BOARD, problems=(LOST,))
    assert _state(wrong) != _state(BOARD)
    assert _state(replace(wrong, problems=(replace(LOST, owner="kfwong"),))) != _state(wrong)
    assert _state(replace(BOARD, seq=9, at=5_000)) == _state(BOARD)


def test_a_moment_counts_what_no_cause_explains() -> None:
    problems = (
        LOST,
        replace(LOST, id="b/reach", parent="a/reach"),
        replace(LOST, id="c/disk", severity=Severity.WARNING),
        replace(LOST, id="d/disk", severity=Severity.UNKNOWN),
    )
    assert moment_of(replace(BOARD, problems=problems)) == Moment(1_000, 1, 1)


class Pictures:
    """Records that remember what they were given; `refuses` so many first."""

    def __init__(self, refuses: int = 0) -> None:
        self.kept: list[tuple[Moment, Document]] = []
        self.asked = 0
        self.refuses = refuses

    async def keep_picture(self, moment: Moment, document: bytes) -> bool:
        self.asked += 1
        if self.asked <= self.refuses:
            return False
        self.kept.append((moment, document_from_json(json.loads(document))))
        return True

    async def picture(self, at: int) -> bytes | None:
        return None

    async def moments(self, start: int, end: int, most: int) -> Sequence[Moment]:
        return ()


def looked_at(
    records: Pictures, monkeypatch: pytest.MonkeyPatch, *boards: Document
) -> list[tuple[Moment, Document]]:
    """What is kept of a board that is one of `boards` at each look, and the last one at the end."""
    monkeypatch.setattr(keeping, "LOOK_SECONDS", 0.0)
    left = [*boards]
    done = asyncio.Event()

    def present() -> Document:
        if len(left) == 1:
            done.set()
            return left[0]
        return left.pop(0)

    async def run(play: Callable[[], Document]) -> None:
        keeping_ = asyncio.create_task(Past(records, play).keep())
        async with asyncio.timeout(20):
            await done.wait()
            await asyncio.sleep(0.01)
        keeping_.cancel()
        await asyncio.gather(keeping_, return_exceptions=True)

    asyncio.run(run(present))
    return records.kept


def test_boards_are_kept_once_a_minute_and_when_something_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    boards = (
        BOARD,
        replace(BOARD, at=11_000),  # nothing moved
        replace(BOARD, at=21_000, problems=(LOST,)),
        replace(BOARD, at=31_000, problems=(LOST,)),
        replace(BOARD, at=21_000 + LONGEST_MS, problems=(LOST,)),
    )
    kept = looked_at(Pictures(), monkeypatch, *boards)
    assert [board for _, board in kept] == [boards[0], boards[2], boards[4]]
    assert [moment for moment, _ in kept] == [moment_of(board) for _, board in kept]


def test_a_board_that_was_not_taken_is_kept_at_the_next_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records = Pictures(refuses=2)
    kept = looked_at(records, monkeypatch, BOARD, BOARD, BOARD, BOARD)
    assert [board for _, board in kept] == [BOARD]
    assert records.asked == 3
