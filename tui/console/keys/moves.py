"""What keys do to the person's attention: pure functions, no screen and no clock.

`rows` are the keys of all rows that the cursor can stand on, in the order in which the screen
lists them (`tui.paint.keys`); `page` is how many of them a screenful holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from estate.language import Words
from tui.paint.matching import fields_of, in_english
from tui.paint.view import Attention

SORTS = ("state", "name", "cpu", "mem", "disk", "net", "age")
SPANS = ("1h", "24h", "7d")

Move = Callable[[Attention, Sequence[str], int], Attention]


def position(attention: Attention, rows: Sequence[str]) -> int:
    """Where the cursor is in `rows`; 0 when its row is gone or was never chosen."""
    try:
        return rows.index(attention.cursor)
    except ValueError:
        return 0


def row_at(attention: Attention, rows: Sequence[str]) -> str:
    """The key of the row that the cursor is on, "" where there is none."""
    return rows[position(attention, rows)] if rows else ""


def to(attention: Attention, rows: Sequence[str], row: int) -> Attention:
    """The cursor on `row`, or on the nearest there is."""
    if not rows:
        return attention
    return replace(attention, cursor=rows[min(max(row, 0), len(rows) - 1)])


def filtered(attention: Attention, text: str, screen: str, words: Words) -> Attention:
    """The list of `screen` under the filter `text`, whose states are typed as `words` say them;
    with what is wrong about it, where it can't be read."""
    from estate.filter import FilterError, parse  # no first paint has a filter

    error = ""
    try:
        parse(in_english(text, words), fields_of(screen))
    except FilterError as wrong:
        error = str(wrong)
    return replace(attention, filter=text, filter_error=error)


def _by(step: Callable[[int], int]) -> Move:
    def move(attention: Attention, rows: Sequence[str], page: int) -> Attention:
        return to(attention, rows, position(attention, rows) + step(page))

    return move


def _round(step: int) -> Move:
    def move(attention: Attention, rows: Sequence[str], page: int) -> Attention:
        if not rows:
            return attention
        return to(attention, rows, (position(attention, rows) + step) % len(rows))

    return move


def _top(attention: Attention, rows: Sequence[str], page: int) -> Attention:
    return to(attention, rows, 0)


def _bottom(attention: Attention, rows: Sequence[str], page: int) -> Attention:
    return to(attention, rows, len(rows) - 1)


def _sort(attention: Attention, rows: Sequence[str], page: int) -> Attention:
    following = (SORTS.index(attention.sort) + 1) % len(SORTS) if attention.sort in SORTS else 0
    return replace(attention, sort=SORTS[following], descending=True)


def _reverse(attention: Attention, rows: Sequence[str], page: int) -> Attention:
    return replace(attention, descending=not attention.descending)


def _mark(attention: Attention, rows: Sequence[str], page: int) -> Attention:
    if not rows:
        return attention
    here = rows[position(attention, rows)]
    marked = replace(attention, cursor=here, marks=attention.marks ^ {here})
    return to(marked, rows, position(marked, rows) + 1)


def _mark_between(attention: Attention, rows: Sequence[str], page: int) -> Attention:
    """From the nearest mark above the cursor (else below it) to the cursor."""
    here = position(attention, rows)
    marked = [place for place, row in enumerate(rows) if row in attention.marks]
    if not marked:
        return _mark(attention, rows, page)
    other = max((m for m in marked if m <= here), default=min(marked))
    between = rows[min(here, other) : max(here, other) + 1]
    return replace(attention, marks=attention.marks | frozenset(between))


def _mark_all(attention: Attention, rows: Sequence[str], page: int) -> Attention:
    return replace(attention, marks=attention.marks | frozenset(rows))


def _unmark(attention: Attention, rows: Sequence[str], page: int) -> Attention:
    return replace(attention, marks=frozenset())


def _faults(attention: Attention, rows: Sequence[str], page: int) -> Attention:
    return replace(attention, faults_only=not attention.faults_only)


def _zoom(attention: Attention, rows: Sequence[str], page: int) -> Attention:
    return replace(attention, zoom="" if attention.zoom else "list")


def _fold(attention: Attention, rows: Sequence[str], page: int) -> Attention:
    if not rows:
        return attention
    here = rows[position(attention, rows)].removeprefix("fold:")
    return replace(attention, unfolded=attention.unfolded ^ {here})


def _next_host(attention: Attention, rows: Sequence[str], page: int) -> Attention:
    return replace(attention, pane=attention.pane + 1)


def _next_pane(attention: Attention, rows: Sequence[str], page: int) -> Attention:
    """The output alone, then the record alone, then everything."""
    following = {"": "output", "output": "record"}
    return replace(attention, zoom=following.get(attention.zoom, ""))


def _unfold_step(attention: Attention, rows: Sequence[str], page: int) -> Attention:
    """The text of the step that the cursor is on, whichever of its rows, and away again."""
    if not rows:
        return attention
    step = ":".join(rows[position(attention, rows)].split(":")[:2])
    return replace(attention, unfolded=attention.unfolded ^ {step})


#: Moves by the ids of their bindings.
MOVES: dict[str, Move] = {
    "cursor.down": _by(lambda page: 1),
    "cursor.up": _by(lambda page: -1),
    "cursor.half_down": _by(lambda page: max(1, page // 2)),
    "cursor.half_up": _by(lambda page: -max(1, page // 2)),
    "cursor.page_down": _by(lambda page: max(1, page - 1)),
    "cursor.page_up": _by(lambda page: -max(1, page - 1)),
    "cursor.top": _top,
    "cursor.bottom": _bottom,
    "filter.next": _round(1),
    "filter.previous": _round(-1),
    "list.sort": _sort,
    "list.reverse": _reverse,
    "list.faults": _faults,
    "list.zoom": _zoom,
    "list.fold": _fold,
    "run.host": _next_host,
    "run.output": _next_pane,
    "plan.unfold": _unfold_step,
    "marks.toggle": _mark,
    "marks.between": _mark_between,
    "marks.all": _mark_all,
    "marks.none": _unmark,
}
