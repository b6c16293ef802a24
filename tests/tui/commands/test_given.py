"""Inputs and secrets of a run: from the line, from a file, or typed unseen."""

from __future__ import annotations

import io
import os
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
    (tmp_path / "s").chmod(0o600)
    assert secrets_in(str(tmp_path / "s")) == {"pin": "a b=c", "key": "'x'"}
    monkeypatch.setattr("sys.stdin", io.StringIO("pin=1\n"))
    assert secrets_in("-") == {"pin": "1"}
    assert secrets_in("") == {}


def test_a_line_that_is_no_secret_is_named_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("pin=1\nhush\n")
    (tmp_path / "s").chmod(0o600)
    with pytest.raises(SourceError) as raised:
        secrets_in(str(tmp_path / "s"))
    assert str(raised.value) == (
        f"no secrets can be read — {tmp_path}/s:2 — a line without = — write NAME=VALUE"
    )


@pytest.mark.parametrize(
    ("line", "why", "todo"),
    [
        ("=hunter2", "a line without a name", "write NAME=VALUE"),
        ("pin=hunter2", "a name that stands there twice", "keep one"),
    ],
)
def test_nothing_of_a_refused_file_is_shown(tmp_path: Path, line: str, why: str, todo: str) -> None:
    (tmp_path / "s").write_text(f"pin=1\n\n{line}\n")
    (tmp_path / "s").chmod(0o600)
    with pytest.raises(SourceError) as raised:
        secrets_in(str(tmp_path / "s"))
    assert str(raised.value) == f"no secrets can be read — {tmp_path}/s:3 — {why} — {todo}"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "s").write_text("pin=1\n")
    (tmp_path / "s").chmod(mode)
    with pytest.raises(SourceError) as raised:
        secrets_in(str(tmp_path / "s"))
    assert str(raised.value) == (
        f"the secrets are refused — {tmp_path}/s — others can read them — chmod 600 {tmp_path}/s"
    )


def test_a_pipe_is_nobody_elses(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"pin=1\n")
    os.close(writer)
    assert secrets_in(f"/dev/fd/{reader}") == {"pin": "1"}
    os.close(reader)
