"""A list under a heading, with a few lines below about the row at the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tui.paint import frame
from tui.paint.cells import Line, Page, Span
from tui.paint.lists import window
from tui.paint.rows import TEXT, Row
from tui.paint.states import standing
from tui.paint.view import View

T = TypeVar("T")


def filling(
    view: View,
    top: Sequence[Line],
    rows: Sequence[T],
    keys: Sequence[str],
    line: Callable[[T, bool], Line],
    *,
    nothing: Sequence[Line],
) -> Page:
    """The whole screen: the lines of `top`, and as many rows as there is room for below. `keys` are
    those of all rows, `line` draws one, told whether the cursor is on it; `nothing` stands where
    there is no row."""
    if not rows:
        return frame.page(view, [*top, *nothing], None, 0, 0)
    cursor = keys.index(view.attention.cursor) if view.attention.cursor in keys else 0
    room = max(0, view.height - len(top) - 1)
    first = window(len(rows), room, cursor, view.attention.first)
    shown = enumerate(rows[first : first + room], first)
    drawn = [line(row, number == cursor) for number, row in shown]
    return frame.page(view, [*top, *drawn], len(top) + cursor - first, first, len(rows))


def listed(
    view: View,
    heading: Line,
    rows: Sequence[T],
    line: Callable[[T, bool], Line],
    about: Callable[[T, int], Sequence[Line]],
    *,
    empty: str,
    note: str = "",
) -> Page:
    """The whole screen: `line` draws a row, told whether the cursor is on it; `about` says more of
    that row in so many lines at the most; `empty` is said where there is no row, and `note` at the
    right of the title."""
    right = (Span(note, "dim"),) if note and rows else ()
    lines = [*frame.top(view, standing(view)), frame.breadcrumb(view, right), heading]
    if not rows:
        lines.append(Row(view.width).put(TEXT, empty, "dim", view.width - 1).line())
        return frame.page(view, lines)
    known = [line(row, False).key for row in rows]
    cursor = known.index(view.attention.cursor) if view.attention.cursor in known else 0
    space = view.height - 1 - len(lines)
    more = list(about(rows[cursor], max(0, space - min(len(rows), space // 2) - 1)))
    room = max(1, space - len(more) - (1 if more else 0))
    first = window(len(rows), room, cursor, view.attention.first)
    at = len(lines) + cursor - first
    shown = enumerate(rows[first : first + room], first)
    lines += [line(row, number == cursor) for number, row in shown]
    if more:
        lines += [Line(), *more]
    return frame.page(view, lines, at, first, len(rows))
