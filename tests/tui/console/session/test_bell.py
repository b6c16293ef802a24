"""What rings, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from estate.document import Change, Document, Severity
from tests.tui.console.person import Person
from tui.console.preferences.settings import Settings
from tui.console.requests.console import Ring
from tui.console.requests.facts import Advanced
from tui.console.requests.request import Request
from tui.console.session.bell import alarms

MakeBoard = Callable[..., Document]


def test_the_bell_is_for_new_critical_causes_alone(make_board: MakeBoard) -> None:
    document = make_board()
    old = document.problems[0]
    new = replace(old, id="new")
    cases: list[tuple[str, Any, tuple[Request, ...]]] = [
        ("on", (old, new), (Ring(),)),
        ("off", (old, new), ()),
        ("on", (old,), ()),
        ("on", (old, replace(new, parent=old.id)), ()),
        ("on", (old, replace(new, severity=Severity.WARNING)), ()),
    ]
    for bell, problems, expected in cases:
        person = Person(document, Settings(bell=bell))
        after = replace(document, seq=2, problems=problems)
        change = Change(2, after.at, problems=problems)
        assert person.session.learn(Advanced(after, change), person.at) == expected


def test_a_board_that_comes_whole_is_read_not_heard(make_board: MakeBoard) -> None:
    document = make_board()
    assert not alarms(None, Change(2, document.at, problems=document.problems))
    assert not alarms(replace(document, problems=()), None)
    assert alarms(replace(document, problems=()), Change(2, 0, problems=document.problems))


def test_what_somebody_has_in_hand_is_quiet(make_board: MakeBoard) -> None:
    document = make_board()
    had = replace(document.problems[0], owner="op1", until=1 << 50)
    before = replace(document, problems=())
    assert not alarms(before, Change(2, 0, problems=(had,)))
    assert alarms(before, Change(2, 0, problems=(replace(had, until=None),)))
