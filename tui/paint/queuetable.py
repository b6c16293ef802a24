"""Queues as rows of a table: the same columns on their screen and on home."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len

from estate.queues import QueueRow
from tui.paint import glyphs, numbers, queuewords
from tui.paint.cells import Line, cut, elided
from tui.paint.charts import flat, spark_spans
from tui.paint.rows import TEXT, Label, heading, lead
from tui.paint.states import current
from tui.paint.view import View

#: From this width on there is room for what comes and what leaves; then for who holds most of it.
_RATES, _HOLDERS = 110, 170
_CELL_MINUTES = 2


class QueueColumns(NamedTuple):
    """Where columns end on a line of some width; 0 where there is no room for one."""

    width: int
    name: int
    depth: int
    oldest: int
    spark: int  # where it starts
    cells: int
    came: int
    left: int
    change: int
    outlook: int
    holders: int  # where they start


def queue_columns(width: int) -> QueueColumns:
    """The columns of a page of `width` cells."""
    if width >= _HOLDERS:
        return QueueColumns(width, 40, 51, 61, 64, 30, 104, 114, 124, 143, 146)
    if width >= _RATES:
        free = width - 120
        return QueueColumns(
            width,
            25 + free,
            34 + free,
            43 + free,
            46 + free,
            30,
            85 + free,
            94 + free,
            103 + free,
            width - 1,
            0,
        )
    cells = 8 if width >= 76 else 0
    spark = max(0, width - 1 - 17 - 9 - cells)
    oldest = spark - 2 if width >= 60 else 0
    depth = (oldest or spark) - (9 if cells else 8)  # a narrow page leaves the names more
    return QueueColumns(
        width, depth - 8, depth, oldest, spark, cells, 0, 0, width - 18, width - 1, 0
    )


def queue_heading(view: View, columns: QueueColumns) -> Line:
    """`QUEUES  26 · 3 rising ── depth ── oldest ── 60 min ── … forecast`."""
    say = view.words.say
    span = say("{minutes} min", minutes=_CELL_MINUTES * columns.cells)
    title = say("QUEUES")
    room = columns.depth - cell_len(say("depth")) - 2 - (TEXT + cell_len(title) + 3)
    note = queuewords.note(view.document.queues, view.words, room)
    labels = [
        Label(columns.depth, say("depth")),
        Label(columns.oldest, say("oldest")),
        Label(columns.spark + columns.cells if columns.cells else 0, span),
        Label(columns.came, say("in/min")),
        Label(columns.left, say("out/min")),
        Label(columns.change, say("per min")),
        Label(columns.outlook, say("forecast")),
    ]
    if columns.holders:
        where = say("most of it on")
        labels.append(Label(columns.holders + cell_len(where), where))
    shown = [label for label in labels if label.end > 0]
    return heading(columns.width, title, note, shown, action=("screen", "queues"))


def queue_line(view: View, columns: QueueColumns, row: QueueRow, *, cursor: bool) -> Line:
    """One queue."""
    loud = queuewords.loud(row)
    role = queuewords.role(row)
    fresh = current(view)
    glyph = queuewords.glyph(row) if fresh else glyphs.UNKNOWN
    line = lead(columns.width, glyph, cursor=cursor)
    name = elided(row.name, max(1, columns.name - TEXT))
    strong = "strong b" if row.state == "critical" or cursor else "text" if loud else "dim"
    line.put(TEXT, name, strong, columns.name)
    figure = "strong b" if row.state == "critical" else "text"
    line.right(columns.depth, queuewords.depth(row), queuewords.believed(view, row, figure))
    if columns.oldest:
        plain = "text" if loud else "dim"
        line.right(columns.oldest, queuewords.oldest(row), queuewords.believed(view, row, plain))
    if columns.cells:
        line.to(columns.spark)
        line.spans(
            (flat(columns.cells),)
            if row.depth is None
            else spark_spans(_spark(row), columns.cells, role, _top(row))
        )
    if row.depth is None:  # its words need all the room that there is
        words = cut(queuewords.outlook(row, view.words), columns.outlook - line.at - 2)
        return line.right(columns.outlook, words, "unk").line("sel" if cursor else "", _key(row))
    if columns.came:
        for end, rate in ((columns.came, row.in_per_minute), (columns.left, row.out_per_minute)):
            line.right(end, numbers.NONE if rate is None else numbers.count(rate), "dim")
    if columns.change:
        moving = f"{role} b" if loud and row.trend == "rising" else "dim"
        line.right(columns.change, queuewords.change(row), moving)
    outlook, role = queuewords.outlook(row, view.words), queuewords.outlook_role(row)
    if not fresh:  # what was foreseen then is no forecast of now
        outlook = view.words.say("{age} old", age=numbers.age(view.now - view.document.at))
        role = "unk"
    words = cut(outlook, max(0, columns.outlook - line.at - 1))
    line.right(columns.outlook, words, role)
    if columns.holders:
        room = columns.width - 1 - columns.holders
        line.put(columns.holders, holders(view, row, room), "dim", columns.width - 1)
    return line.line("sel" if cursor else "", _key(row))


def holders(view: View, row: QueueRow, room: int) -> str:
    """Which hosts hold most of it, as many as fit: "mta-c03 3,904  mta-c04 1,822  and 9 others"."""
    known = [f"{part.host} {part.depth:,}" for part in row.parts if part.depth]
    rest = max(0, row.hosts - row.missing - len(known))
    for most in range(len(known), 0, -1):
        left = rest + len(known) - most
        others = (view.words.say("and {count:,} others", count=left),) if left else ()
        text = "  ".join((*known[:most], *others))
        if cell_len(text) <= room:
            return text
    return cut(known[0], room) if known else ""


def _key(row: QueueRow) -> str:
    return queuewords.key(row)


def _spark(row: QueueRow) -> tuple[float | None, ...]:
    return tuple(None if cell is None else float(cell) for cell in row.spark)


def _top(row: QueueRow) -> float:
    """The greatest of the hour, or four times what is usual: what wobbles must not look like a
    storm."""
    known = sorted(cell for cell in row.spark if cell is not None)
    return float(max(known[-1], 4 * known[(len(known) - 1) // 2], 1)) if known else 1.0
