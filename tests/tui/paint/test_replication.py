"""The replication screen: as agreed, in any size, and never surer than what is known."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.console.keys import Keymap
from tui.paint import keys, paint
from tui.paint.cells import joined
from tui.paint.view import Attention
from watch.languages import words_in

from .estates import standing

GOLDENS = Path(__file__).parent / "goldens"
CASES = {
    f"replication-{w}x{h}{'' if language == 'en' else '-zh-Hant'}": (w, h, language)
    for w, h in ((80, 24), (120, 40), (200, 50))
    for language in ("en", "zh-Hant")
    if language == "en" or w == 80
}


def view(boards, document, width, height, **parts):
    given = {
        "screen": "replication",
        "trail": ("home", "replication"),
        "keys": Keymap().footer("replication", without=frozenset({"runs.decide"})),
    }
    return boards.view(document, width, height, **{**given, **parts})


@pytest.fixture(scope="module")
def incident(boards):
    return standing(boards.incident(), boards.NOW)


@pytest.mark.parametrize("case", CASES)
def test_it_is_drawn_as_agreed(boards, incident, case: str) -> None:
    width, height, language = CASES[case]
    drawn = (
        joined(paint(view(boards, incident, width, height, words=words_in(language))).lines) + "\n"
    )
    path = GOLDENS / f"{case}.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        path.write_text(drawn)
    assert drawn == path.read_text()


@settings(max_examples=25, deadline=None)
@given(width=st.integers(20, 210), height=st.integers(3, 60), row=st.integers(0, 40))
def test_any_size_and_any_row(boards, incident, width: int, height: int, row: int) -> None:
    seen = view(boards, incident, width, height)
    every = keys(seen)
    assert len(set(every)) == len(every)
    at = view(boards, incident, width, height, attention=Attention(cursor=every[row % len(every)]))
    page = paint(at)
    assert len(page.lines) == height
    assert all(line.width <= width for line in page.lines)


def test_an_estate_that_asks_for_none_says_how_to(boards) -> None:
    drawn = joined(paint(view(boards, boards.calm(), 80, 24)).lines)
    assert "(probes: " in drawn
    assert keys(view(boards, boards.calm(), 80, 24)) == ()


def test_what_is_old_is_shown_with_its_age_and_in_no_colour_of_now(boards, incident) -> None:
    page = paint(view(boards, incident, 120, 40))
    row = next(line for line in page.lines if line.key == "stream:mdb-c01:postgresql:mdb-c02")
    assert {
        span.role for span in row.spans if span.text.strip() in ("streaming", "0 B", "0.0 s")
    } == {"unk"}
    assert "8:32 old" in joined((row,))


def test_a_host_that_can_not_be_asked_says_why(boards, incident) -> None:
    drawn = joined(paint(view(boards, incident, 200, 50)).lines)
    assert "GRANT pg_monitor" in drawn
    assert "permission denied" in drawn
