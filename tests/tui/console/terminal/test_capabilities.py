"""What a terminal can do, without asking Textual; and that Rich would say the same."""

from __future__ import annotations

import io
import os

import pytest
from rich.console import Console

from tui.console.terminal.capabilities import colours_of, erases_in_colour, size_of

TERMS = (
    "xterm", "xterm-256color", "xterm-16color", "tmux-256color", "screen", "screen.xterm-256color",
    "linux", "xterm-kitty", "foot", "vt100", "unknown", "dumb", "",
)  # fmt: skip
COLOUR_TERMS = ("", "truecolor", "24bit", "TrueColor", "yes")


@pytest.mark.parametrize("colour_term", COLOUR_TERMS)
@pytest.mark.parametrize("term", TERMS)
def test_contract_colours_are_what_rich_finds(term: str, colour_term: str) -> None:
    environ = {"TERM": term, "COLORTERM": colour_term}
    found = Console(file=io.StringIO(), force_terminal=True, _environ=environ)._color_system
    assert colours_of(environ) == found


def test_no_color_is_none() -> None:
    assert colours_of({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}) is None


@pytest.mark.parametrize(
    ("term", "erases"), [("xterm-256color", True), ("screen", False), ("linux", False), ("", True)]
)
def test_who_erases_in_colour(term: str, erases: bool) -> None:
    assert erases_in_colour({"TERM": term}) is erases


def test_what_is_no_terminal_has_the_smallest_size_we_draw_for() -> None:
    reading, writing = os.pipe()
    try:
        assert size_of(reading) == (80, 24)
    finally:
        os.close(reading)
        os.close(writing)
