"""Rows built from left to right at fixed columns: the grid every screen stands on.

Column 0 is the cursor, column 1 the state glyph, column 2 the mark, and text starts at `TEXT`.
One column at the right stays free.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from tui.paint.cells import Line, Span, fit
from tui.paint.glyphs import Glyph
from tui.paint.numbers import NONE, UNKNOWN

TEXT = 3

Action = tuple[str, ...]


class Label(NamedTuple):
    """Words of a heading that end before cell `end`."""

    end: int
    words: str
    role: str = "dim"


class Row:
    """One line under construction. Columns only grow: what is put later stands further right."""

    __slots__ = ("_at", "_spans", "_width")

    def __init__(self, width: int) -> None:
        self._spans: list[Span] = []
        self._at = 0
        self._width = width

    @property
    def at(self) -> int:
        """The first free column."""
        return self._at

    def to(self, column: int) -> Row:
        """Blanks up to `column`."""
        column = min(column, self._width)
        if column > self._at:
            self._spans.append(Span(" " * (column - self._at)))
            self._at = column
        return self

    def put(
        self, column: int, text: str, role: str = "text", end: int = 0, action: Action = ()
    ) -> Row:
        """`text` at `column` (or where the row has got to), cut with "…" at `end`."""
        self.to(column)
        room = (min(end, self._width) if end else self._width) - self._at
        if room <= 0 or not text:
            return self
        if not text.isprintable():  # the last gate: nothing that acts on a terminal passes it
            text = "".join(each if each.isprintable() else "\ufffd" for each in text)
        cells = len(text) if text.isascii() else cell_len(text)
        if cells > room:
            text, cells = fit(text, room), room
        self._spans.append(Span(text, role, action))
        self._at += cells
        return self

    def then(self, text: str, role: str = "text", end: int = 0, action: Action = ()) -> Row:
        """`text` right behind what stands there."""
        return self.put(self._at, text, role, end, action)

    def right(self, end: int, text: str, role: str = "text", unit: str = "") -> Row:
        """`text` and its dim `unit`, ending before column `end`.

        What is no figure stands where the figures do, dim and without a unit. A figure without room
        is not cut, for what is left of 12:40 would be another figure: "…" stands in its place.
        """
        start = end - cell_len(text) - cell_len(unit)
        if start < self._at and text.lstrip("≥≤+−-")[:1].isdecimal():
            text, unit, start = "…", "", end - 1
        if text in (NONE, UNKNOWN):
            return self.put(start, text, "dim", end - cell_len(unit))
        self.put(start, text, role, end - cell_len(unit))
        return self.then(unit, "dim", end) if unit else self

    def spans(self, spans: Iterable[Span]) -> Row:
        """Ready-made spans, one behind the other."""
        for span in spans:
            self.put(self._at, span.text, span.role, 0, span.action)
        return self

    def line(self, bar: str = "", key: str = "", bar_cells: int = 0) -> Line:
        """The finished row."""
        return Line(tuple(self._spans), bar, key, bar_cells)


def lead(width: int, glyph: Glyph | None, *, cursor: bool = False, marked: bool = False) -> Row:
    """A row with its first three columns filled: cursor, state glyph, mark."""
    row = Row(width).put(0, "▌" if cursor else " ", "info")
    if glyph is not None:
        row.put(1, glyph.symbol, glyph.role)
    if marked:
        row.put(2, "*", "info b")
    return row


def heading(
    width: int,
    title: str,
    note: str = "",
    columns: Sequence[Label] = (),
    *,
    start: int = TEXT,
    end: int = 0,
    action: Action = (),
) -> Line:
    """`TITLE  note ───── column ── column`, each column's words ending before the given cell."""
    end = end or width - 1
    row = Row(min(end, width)).put(start, title, "strong b", action=action)
    if note:
        row.then("  ").then(note, "dim")
    row.then(" ")
    for column_end, words, role in columns:
        begin = column_end - cell_len(words) - 1
        if begin < row.at:  # no room left for this column's words
            continue
        row.then("─" * (begin - row.at), "faint").then(f" {words}", role)
        if row.at < end:
            row.then(" ")
    return row.then("─" * (end - row.at), "faint").line()


def beside(left: Line, right: Line, column: int) -> Line:
    """Two lines as one, the right one starting at `column`; cursor, key and bar are the left's."""
    edge = left.bar_cells or column - 4
    spans, at = list(left.spans), left.width
    for stop in (edge, column):  # two blanks, so that the bar ends with the left line
        if stop > at:
            spans.append(Span(" " * (stop - at)))
            at = stop
    return Line((*spans, *right.spans), left.bar, left.key or right.key, edge)


def clipped(line: Line, width: int) -> Line:
    """`line` in `width` cells at the most, cut with "…"."""
    if line.width <= width:
        return line
    row = Row(width).spans(line.spans)
    return Line(row.line().spans, line.bar, line.key, min(line.bar_cells, width))
