"""docs/console.md lists the keys and the states that there are."""

from __future__ import annotations

import os
import re
from pathlib import Path

from estate.states import STATES
from tui.console.keys.keymap import BINDINGS, shown
from tui.console.prompts.commands import COMMANDS
from watch.languages import words_in

PAGE = Path(__file__).parents[3] / "docs" / "console.md"
BETWEEN = re.compile(r"(<!-- keys -->\n).*?(<!-- end of keys -->)", re.DOTALL)


def table() -> str:
    rows = ["| key | does | on | id |", "|---|---|---|---|"]
    for binding in BINDINGS:
        keys = " ".join(f"`{shown(key)}`" for key in binding.keys)
        rows.append(f"| {keys} | {binding.words} | {', '.join(binding.screens)} | {binding.id} |")
    return "\n".join(rows) + "\n"


def test_every_key_is_listed() -> None:
    text = PAGE.read_text()
    wanted = BETWEEN.sub(lambda found: found[1] + table() + found[2], text)
    if os.environ.get("UPDATE_GOLDENS"):
        PAGE.write_text(wanted)
    assert text == wanted, "UPDATE_GOLDENS=1 draws it anew"


def test_every_state_stands_with_the_word_that_filters_take() -> None:
    say = words_in("zh-Hant").say
    text = PAGE.read_text()
    missing = [state for state in STATES if f"| {say(state)} | `{state}` |" not in text]
    assert missing == []


def test_every_command_is_listed() -> None:
    """The paragraph of commands has each that completion offers, and no other."""
    listed = PAGE.read_text().partition("## Commands")[2].partition("tab completes")[0]
    words = {each.split()[0] for each in re.findall(r"`([a-z][^`]*)`", listed)}
    assert words == {name for name, _ in COMMANDS}
