"""The certificates screen: as agreed, in any size, and never surer than what is known."""

from __future__ import annotations

import os
from dataclasses import replace
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
    f"certificates-{w}x{h}{'' if language == 'en' else '-zh-Hant'}": (w, h, language)
    for w, h in ((80, 24), (120, 40), (200, 50))
    for language in ("en", "zh-Hant")
    if language == "en" or w == 80
}


def view(boards, document, width, height, **parts):
    given = {
        "screen": "certificates",
        "trail": ("home", "certificates"),
        "keys": Keymap().footer("certificates", without=frozenset({"runs.decide"})),
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


def test_what_is_served_and_is_not_in_the_file_is_said_before_anything_else(
    boards, incident
) -> None:
    drawn = joined(paint(view(boards, incident, 120, 40)).lines)
    assert "not what lies in the file is served: mbx-c02" in drawn
    assert "central has an older one" in drawn


def test_unknown_comes_before_what_is_well_and_is_not_zero_days(boards, incident) -> None:
    first, second, *_ = keys(view(boards, incident, 80, 24))
    assert (first, second) == ("certificate:old.example", "certificate:smime.example")
    lines = joined(paint(view(boards, incident, 80, 24)).lines).splitlines()
    row = next(line for line in lines if "smime.example" in line)
    assert " ? " in row
    assert "0 d" not in row


def test_hostile_names_stay_text(boards, incident) -> None:
    odd = replace(incident.certificates[0], name="x\x1b[2J", issuer="\u202eevil", gap="a\nb")
    drawn = joined(paint(view(boards, replace(incident, certificates=(odd,)), 80, 24)).lines)
    assert all(each.isprintable() or each == "\n" for each in drawn)
