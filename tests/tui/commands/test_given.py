"""Inputs and secrets of a run: from the line, from a file, or typed unseen."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from estate.plans import InputView
from tui.commands.given import complete, parsed, secrets_in
from watch.error import SourceError

INPUTS = (
    InputView("words", "line", "What to say"),
    InputView("pin", "secret", "The pin"),
    InputView("key", "secret", "The key"),
)


def test_values_are_taken_as_they_stand() -> None:
    assert parsed(["a=b=c", "b= x ", "c=", "d=$(x)\n"]) == {
        "a": "b=c", "b": " x ", "c": "", "d": "$(x)\n",
    }  # fmt: skip


def test_only_missing_secrets_are_asked_for() -> None:
    asked: list[str] = []

    def ask(say: str) -> str:
        asked.append(say)
        return "typed"

    given = complete(INPUTS, {}, {"pin": "from the file"}, ask)
    assert given == {"pin": "from the file", "key": "typed"}
    assert asked == ["The key: "]


def test_where_nobody_sits_nobody_is_asked() -> None:
    assert complete(INPUTS, {"words": "x"}, {}, None) == {"words": "x"}


def test_secrets_come_from_a_file_or_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "s").write_text("pin=a b=c\n\nkey='x'\n")
    assert secrets_in(str(tmp_path / "s")) == {"pin": "a b=c", "key": "'x'"}
    monkeypatch.setattr("sys.stdin", io.StringIO("pin=1\n"))
    assert secrets_in("-") == {"pin": "1"}
    assert secrets_in("") == {}


def test_a_line_that_is_no_secret_is_named_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("pin=1\nhush\n")
    with pytest.raises(SourceError) as raised:
        secrets_in(str(tmp_path / "s"))
    assert str(raised.value) == (
        f"no secrets can be read — {tmp_path}/s:2 — a line without = — write NAME=VALUE"
    )
