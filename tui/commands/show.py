"""What commands print: JSON, lines and pairs.

Nothing but the standard library is loaded for it: a script that asks for JSON pays for no more.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any


class NoReader(Exception):  # noqa: N818 - a signal, not a fault
    """Whoever read our output has gone; nothing is to be said about it."""


def emit_json(value: Any) -> None:
    """One JSON value; spread over lines for a person, on one line for a pipe."""
    indent = 2 if sys.stdout.isatty() else None
    emit(json.dumps(value, ensure_ascii=False, indent=indent))


def emit(text: str = "") -> None:
    """A line, or several; raises NoReader when nobody reads them."""
    try:
        print(text)
    except BrokenPipeError:  # typer would end the command here with a status of its own
        raise NoReader from None


def emit_piece(text: str) -> None:
    """A piece of a longer text, as it is; raises NoReader when nobody reads it."""
    try:
        sys.stdout.write(text)
    except BrokenPipeError:
        raise NoReader from None


def emit_pairs(pairs: Sequence[tuple[str, str]], cells: Callable[[str], int] = len) -> None:
    """Names and values, one a line; an empty value leaves its line out.

    `cells` measures names: `rich.cells.cell_len` where they may be Chinese.
    """
    shown = [(name, value) for name, value in pairs if value]
    width = max(cells(name) for name, _ in shown)
    for name, value in shown:
        emit(f"{name}{' ' * (width - cells(name))}  {value}")
