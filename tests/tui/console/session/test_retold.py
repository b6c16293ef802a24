"""A board in another language: what knows how it was said, and nothing that hosts said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from estate.document import Document, Event, Problem, Severity
from estate.samples import Cause, Stage
from estate.told import told
from tui.console.session.retold import Retold
from watch.languages import words_in

LOST = told(
    "lost: {why}", why=told("no answer from {target} in {seconds}", target="gw", seconds="2 s")
)


def test_problems_events_and_causes_are_said_and_hosts_words_are_not(
    make_board: Callable[..., Document],
) -> None:
    board = make_board(3)
    problem = Problem("a/reach", "a", LOST, "lost: {why}", Severity.CRITICAL, 1)
    name, row = next(iter(board.hosts.items()))
    cause = Cause(Stage.CONNECT, LOST, told("Look at it from its own console."))
    board = replace(
        board,
        problems=(problem,),
        events=(Event(1, 2, Severity.OK, "a", LOST),),
        hosts={**board.hosts, name: replace(row, why=LOST, cause=cause)},
    )
    retold = Retold(words_in("zh-Hant"))
    said = retold.of(board)
    assert said.problems[0].what == said.events[0].what == "失聯：gw 在 2 s 內沒有回應"
    assert said.problems[0].why == "lost: {why}", "a host said it, braces and all"
    shown = said.hosts[name]
    assert shown.cause is not None
    assert (shown.why, shown.cause.remedy) == (said.problems[0].what, "從它本身的主控台查看。")
    assert retold.of(board) is said
    again = retold.of(replace(board, seq=board.seq + 1))
    assert again.hosts[name] is shown, "a row that did not change is not said again"
    assert again.problems[0] is said.problems[0]
