"""Tables in a pipe and on a terminal: aligned, coloured by state, and never markup."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tui.commands.tables import ROLES, Cell, Column, emit_table
from tui.paint.cells import ROLES as PAINTED

TWINWATCH = Path(sys.executable).with_name("twinwatch")


def test_columns_are_aligned_by_cells_not_by_characters(capsys: pytest.CaptureFixture[str]) -> None:
    emit_table(
        (Column("TENANT"), Column("USED", ">"), Column("WHY")),
        [(Cell("保安局"), Cell("15:47"), Cell("a")), (Cell("Security"), Cell("5"), Cell(""))],
        "none",
    )
    assert capsys.readouterr().out.splitlines() == [
        "TENANT     USED  WHY",
        "保安局    15:47  a",
        "Security      5",
    ]


def test_an_empty_table_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    emit_table((Column("A"),), [], "no problems")
    assert capsys.readouterr().out == "no problems\n"


def test_every_state_has_a_role_that_is_painted() -> None:
    assert {role.removesuffix(" b") for role in ROLES.values()} <= set(PAINTED)


def on_terminal(*arguments: object, **environ: str) -> str:
    """What `twinwatch` writes to a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [TWINWATCH, *map(str, arguments)],
        stdin=theirs, stdout=theirs, stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environ},
    ) as command:  # fmt: skip
        os.close(theirs)
        said = b""
        try:
            while part := os.read(ours, 65_536):
                said += part
        except OSError:  # Linux says so when the other end has closed
            pass
        os.close(ours)
        assert command.wait(30) == 0
    return said.decode()


def test_on_a_terminal_states_have_colour_and_text_from_hosts_has_none(watch_socket: Path) -> None:
    said = on_terminal("--socket", watch_socket, "hosts")
    bare = re.sub(r"\x1b\[[0-9;]*m", "", said)
    assert "\x1b" not in bare  # nothing but colours
    assert re.search(r"\x1b\[1;91mlost", said)
    assert "[red]x[/red]" in " ".join(bare.split())
    assert "\\x1b[2J" in bare


def test_no_colour_where_none_is_wanted(watch_socket: Path) -> None:
    said = on_terminal("--socket", watch_socket, "problems", NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*(3|9)[0-7]m", said)
    assert "nobody" in said
