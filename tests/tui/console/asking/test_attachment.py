"""Following the stream, with a sleep that does not sleep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from estate.document import Change, Document, Event, Severity
from estate.error import InputError
from tui.console.asking.attachment import Revival, follow
from tui.console.requests.facts import Advanced, Fact, WatchLost
from watch.error import NoWatch, SourceError, WatchError

MakeBoard = Callable[..., Document]


class OverError(Exception):
    """Ends a test's script."""


def told(
    *scripts: list[object], start: Callable[[], object] | None = None, asked: bool = False
) -> tuple[list[Fact], list[float]]:
    """What `follow` tells and how long it waits when streams bring these things in turn.

    `start` starts the watch; `asked` whether a person asks for it after each wait.
    """
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

    async def run() -> None:
        revival = Revival(start)

        def tell(fact: Fact) -> None:
            facts.append(fact)
            if asked:
                revival.ask()

        await follow(stream, tell, revival, sleep=sleep, jitter=lambda: 0.0)

    try:
        asyncio.run(run())
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


# --- a watch that has ended ---------------------------------------------------------------------

NOBODY = NoWatch("no watch is running", "/run/w.sock", "nobody listens there", "start one")
ENDED = WatchLost("it has ended", "it is being started again")


def test_a_watch_that_died_is_started_again(make_board: MakeBoard) -> None:
    starts: list[int] = []
    board = make_board()
    facts, waits = told([board], [NOBODY], [board], start=lambda: starts.append(1))
    assert facts == [
        Advanced(board, None), WatchLost("the stream ended"), ENDED,
        Advanced(board, None), WatchLost("the stream ended"),
    ]  # fmt: skip
    assert starts == [1]
    assert waits == [0.25, 0.5, 0.25]


def test_one_that_dies_again_and_again_is_started_ever_more_seldom() -> None:
    starts: list[int] = []
    facts, waits = told(*[[NOBODY]] * 7, start=lambda: starts.append(1))
    assert facts == [ENDED] * 7
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_one_that_does_not_start_says_why_and_is_tried_ever_more_seldom() -> None:
    def start() -> None:
        raise WatchError("the watch did not start", "/w.log", "no room", "make {room}")

    facts, waits = told(*[[NOBODY]] * 9, start=start)
    assert facts[:2] == [ENDED, WatchLost("the watch did not start: no room", "make {room}")]
    assert waits[-3:] == [32.0, 60.0, 60.0] or waits == [0.25 * 2**n for n in range(8)] + [60.0]


def test_an_estate_that_is_refused_is_said_and_not_a_crash() -> None:
    for error in (
        SourceError("no estate", "/a", "none of these files exists", "write one"),
        InputError("a wrong word\nand another", "mend it"),
        OSError(28, "No space left on device"),
    ):

        def start(error: Exception = error) -> None:
            raise error

        facts, _ = told([NOBODY], start=start)
        assert [type(fact) for fact in facts] == [WatchLost, WatchLost]
        assert isinstance(facts[1], WatchLost)
        assert "\n" not in facts[1].why
        assert facts[1].todo


def test_one_that_was_stopped_stays_so_until_somebody_asks(make_board: MakeBoard) -> None:
    starts: list[int] = []
    board = make_board()
    last = Event(99, board.at, Severity.OK, "watch", "stopped by kfwong")
    stopped = replace(board, events=(last, *board.events))
    facts, _ = told([stopped], [NOBODY], [NOBODY], start=lambda: starts.append(1))
    assert facts[-1] == WatchLost("it was stopped", "{key} starts it again")
    assert starts == []
    facts, _ = told([stopped], [NOBODY], [NOBODY], start=lambda: starts.append(1), asked=True)
    assert facts[2] == ENDED
    assert starts == [1, 1]


def test_whose_watch_is_not_ours_to_start_waits_for_it() -> None:
    facts, _ = told([NOBODY], [NOBODY])
    assert facts == [WatchLost("no watch is running: nobody listens there")] * 2


def test_a_person_need_not_wait(make_board: MakeBoard) -> None:
    async def run() -> None:
        turns = 0

        async def stream() -> AsyncIterator[Document | Change]:
            nonlocal turns
            turns += 1
            if turns == 2:
                raise OverError
            yield make_board()

        async def for_ever(seconds: float) -> None:
            await asyncio.Event().wait()

        revival = Revival()
        await follow(stream, lambda fact: revival.ask(), revival, sleep=for_ever)

    with pytest.raises(OverError):
        asyncio.run(asyncio.wait_for(run(), 20))


def test_asking_once_is_one_try_and_no_more() -> None:
    async def run() -> int:
        turns = 0
        revival = Revival()

        async def stream() -> AsyncIterator[Document | Change]:
            nonlocal turns
            turns += 1
            raise WatchError("the watch does not answer")
            yield

        async def for_ever(seconds: float) -> None:
            await asyncio.Event().wait()

        following = asyncio.create_task(follow(stream, lambda fact: None, revival, sleep=for_ever))
        revival.ask()
        for _ in range(100):
            await asyncio.sleep(0)
        following.cancel()
        return turns

    assert asyncio.run(run()) == 2
