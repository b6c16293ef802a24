"""The rooms of the console: a first page is not kept waiting by what a room says of itself."""

from __future__ import annotations

import ast
from pathlib import Path

CONSOLE = Path(__file__).parents[3] / "tui" / "console"


def test_a_room_says_what_it_is_and_loads_nothing() -> None:
    rooms = sorted(CONSOLE.rglob("__init__.py"))
    assert CONSOLE / "terminal" / "__init__.py" in rooms
    more = [room for room in rooms if len(ast.parse(room.read_text("utf-8")).body) != 1]
    silent = [room for room in rooms if not ast.get_docstring(ast.parse(room.read_text("utf-8")))]
    assert (more, silent) == ([], [])


def test_every_file_is_in_a_room() -> None:
    assert [path.name for path in CONSOLE.glob("*.py")] == ["__init__.py"]
