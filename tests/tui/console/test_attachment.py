"""Following the stream, with a sleep that does not sleep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from estate.document import Change, Document
from tui.console.attachment import follow
from tui.console.facts import Advanced, Fact, WatchLost
from watch.error import WatchError

MakeBoard = Callable[..., Document]


class OverError(Exception):
    """Ends a test's script."""


def told(*scripts: list[object]) -> tuple[list[Fact], list[float]]:
    """What `follow` tells and how long it waits when streams bring these things in turn."""
    facts: list[Fact] = []
    waits: list[float] = []
    turns = iter(scripts)

    async def stream() -> AsyncIterator[Document | Change]:
        script = next(turns, None)
        if script is None:
            raise OverError
        for thing in script:
            if isinstance(thing, Exception):
                raise thing
            assert isinstance(thing, (Document, Change))
            yield thing

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    try:
        asyncio.run(follow(stream, facts.append, sleep=sleep, jitter=lambda: 0.0))
    except OverError:
        pass
    return facts, waits


def test_a_board_and_its_changes(make_board: MakeBoard) -> None:
    document = make_board()
    change = Change(2, document.at + 2_000)
    facts, _ = told([document, change, WatchError("the watch stopped")])
    assert facts == [
        Advanced(document, None),
        Advanced(replace(document, seq=2, at=document.at + 2_000), change),
        WatchLost("the watch stopped"),
    ]


def test_it_says_why_and_comes_back_ever_more_slowly(make_board: MakeBoard) -> None:
    gone = WatchError("no watch is running", "/run/w.sock", "nobody listens there", "start one")
    facts, waits = told(*[[gone]] * 7, [make_board(), gone], [gone])
    assert facts[0] == WatchLost("no watch is running: nobody listens there")
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 0.25, 0.5]


def test_a_missed_change_asks_for_a_whole_board_at_once(make_board: MakeBoard) -> None:
    document = make_board()
    facts, waits = told([document, Change(9, document.at)], [replace(document, seq=9)])
    assert [type(fact) for fact in facts] == [Advanced, Advanced, WatchLost]
    assert waits == [0.25], "only after the second stream, which just ended"


def test_a_new_document_replaces_the_picture(make_board: MakeBoard) -> None:
    first, second = make_board(4), replace(make_board(6), seq=50)
    facts, _ = told([first, second])
    assert facts[1] == Advanced(second, None)
