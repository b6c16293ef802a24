"""Screens that list what stands on hosts: as agreed, in any size, and empty where nothing is asked.

What each of them alone promises is in the test of its own name.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.paint import keys, paint
from tui.paint.cells import joined
from tui.paint.view import Attention
from watch.languages import words_in

from .estates import shown

GOLDENS = Path(__file__).parent / "goldens"
SCREENS = ("certificates", "patches", "replication")
DRAWN = ((80, 24, "en"), (80, 24, "zh-Hant"), (120, 40, "en"), (200, 50, "en"))


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize(("width", "height", "language"), DRAWN)
def test_it_is_drawn_as_agreed(
    boards, standing_estate, screen: str, width: int, height: int, language: str
) -> None:
    view = shown(screen, boards, standing_estate, width, height, words=words_in(language))
    drawn = joined(paint(view).lines) + "\n"
    tongue = "" if language == "en" else f"-{language}"
    path = GOLDENS / f"{screen}-{width}x{height}{tongue}.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        path.write_text(drawn)
    assert drawn == path.read_text()


@pytest.mark.parametrize("screen", SCREENS)
@settings(max_examples=25, deadline=None)
@given(width=st.integers(20, 210), height=st.integers(3, 60), row=st.integers(0, 40))
def test_any_size_and_any_row(
    boards, standing_estate, screen: str, width: int, height: int, row: int
) -> None:
    every = keys(shown(screen, boards, standing_estate, width, height))
    assert len(set(every)) == len(every)
    here = Attention(cursor=every[row % len(every)])
    page = paint(shown(screen, boards, standing_estate, width, height, attention=here))
    assert len(page.lines) == height
    assert all(line.width <= width for line in page.lines)


@pytest.mark.parametrize("screen", SCREENS)
def test_an_estate_that_asks_for_none_says_how_to(boards, screen: str) -> None:
    view = shown(screen, boards, boards.calm())
    assert "(probes: " in joined(paint(view).lines)
    assert keys(view) == ()
