"""A line that is being typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.console.prompts.prompt import Candidate, Prompt

KEYS = ["a", "b", "space", "backspace", "delete", "left", "right", "home", "end"]
KEYS += ["ctrl+w", "ctrl+u", "ctrl+k", "tab", "up", "down", "f5"]


def typed(*keys: str, prompt: Prompt | None = None) -> Prompt:
    line = prompt or Prompt("command")
    for key in keys:
        line = line.pressed(key)
    return line


@pytest.mark.parametrize(
    ("keys", "text", "column"),
    [
        ("h o s t", "host", 4),
        ("h o left X", "hXo", 2),
        ("a space b", "a b", 3),
        ("a b backspace", "a", 1),
        ("a b home delete", "b", 0),
        ("a b space c ctrl+w", "ab", 2),
        ("a b left ctrl+u", "b", 0),
        ("a b left ctrl+k", "a", 1),
        ("a home end b", "ab", 2),
        ("電 郵 left x", "電x郵", 2),
        ("a f5", "a", 1),
    ],
)
def test_editing(keys: str, text: str, column: int) -> None:
    line = typed(*keys.split())
    assert (line.text, line.column) == (text, column)


@given(st.lists(st.sampled_from(KEYS), max_size=40))
def test_the_cursor_stays_in_the_line(keys: list[str]) -> None:
    line = typed(*keys, prompt=Prompt("palette").offering([Candidate("ab"), Candidate("abc")]))
    assert 0 <= line.column <= len(line.text)


def test_tab_takes_what_all_candidates_begin_with_and_then_the_chosen_one() -> None:
    line = typed("h").offering([Candidate("home"), Candidate("hosts"), Candidate("host")])
    assert line.pressed("tab").text == "ho"
    assert line.pressed("down").pressed("down").pressed("tab").text == "hosts"
    assert line.pressed("up").pressed("tab").text == "host"


def test_a_palette_always_has_a_choice_and_a_command_only_when_asked() -> None:
    offered = [Candidate("home"), Candidate("hosts")]
    assert Prompt("palette").offering(offered).choice == Candidate("home")
    assert Prompt("command").offering(offered).choice is None
    assert Prompt("palette").offering([]).choice is None


@given(st.integers(0, 30), st.integers(4, 200), st.integers(1, 60), st.integers(0, 29))
def test_its_lines_fit(many: int, width: int, height: int, downs: int) -> None:
    line = Prompt("palette").offering([Candidate(f"host h{n}", "host") for n in range(many)])
    for _ in range(downs):
        line = line.pressed("down")
    lines = line.lines(width, height)
    assert len(lines) <= max(1, height - 2)
    assert all(each.width <= width for each in lines)


def test_the_chosen_candidate_is_on_the_screen() -> None:
    line = Prompt("palette").offering([Candidate(f"host h{n}") for n in range(30)])
    for _ in range(17):
        line = line.pressed("down")
    assert any("▌ host h17" in each.text for each in line.lines(80, 24))
