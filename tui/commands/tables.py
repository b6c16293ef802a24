"""Tables that commands print: aligned text in a pipe, colour on a terminal, markup nowhere.

rich is loaded for a terminal only.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from estate.document import Severity
from estate.language import ENGLISH, Words
from estate.samples import Reach
from tui.commands.show import emit

#: Severity and reach in the roles of `tui.paint.cells`.
ROLES: dict[str, str] = {
    Severity.CRITICAL: "crit b",
    Severity.WARNING: "warn",
    Severity.UNKNOWN: "unk",
    Severity.MAINTENANCE: "info",
    Severity.OK: "text",
    Reach.UNREACHABLE: "crit b",
    Reach.REFUSED: "crit b",
    Reach.FROZEN: "crit b",
    Reach.UNTRUSTED: "unk b",
    Reach.LATE: "unk",
    Reach.CONNECTING: "dim",
    "lost": "crit b",
    "down": "info",
    "behind": "crit",
}


class Cell(NamedTuple):
    """A value of a table, in a role of `tui.paint.cells`."""

    text: str
    role: str = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading in English, and "<" or ">" for where its values stand."""

    title: str
    align: str = "<"


def emit_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    empty: str,
    words: Words = ENGLISH,
) -> None:
    """A table under its headings in `words`, or the sentence `empty` where there are no rows."""
    columns = [replace(column, title=words.say(column.title)) for column in columns]
    if not rows:
        emit(empty)
    elif sys.stdout.isatty():
        _emit_rich(columns, rows)
    else:
        _emit_plain(columns, rows)


def _emit_plain(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
    from rich.cells import cell_len

    lines = [[column.title for column in columns], *([cell.text for cell in row] for row in rows)]
    widths = [max(map(cell_len, texts)) for texts in zip(*lines, strict=True)]
    for line in lines:
        padded = (
            " " * (width - cell_len(text)) + text
            if column.align == ">"
            else text + " " * (width - cell_len(text))
            for column, text, width in zip(columns, line, widths, strict=True)
        )
        emit("  ".join(padded).rstrip())


def _emit_rich(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from tui.paint.theme import THEMES

    style = THEMES["ansi"].style
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=style("dim"))
    for column in columns:
        last = column is columns[-1]
        table.add_column(
            Text(column.title),
            justify="right" if column.align == ">" else "left",
            no_wrap=not last,
            overflow="ellipsis",
        )
    for row in rows:
        table.add_row(*(Text(cell.text, style=style(cell.role)) for cell in row))
    Console(highlight=False, markup=False, emoji=False).print(table)
