"""The queues screen: the one at the cursor over time and where it waits, then all of them."""

from __future__ import annotations

from estate.language import later
from estate.queues import QueueRow
from tui.paint import frame, numbers, queuewords
from tui.paint.cells import Line, Page, Span
from tui.paint.lists import window
from tui.paint.queuechart import queue_chart
from tui.paint.queuetable import holders, queue_columns, queue_heading, queue_line
from tui.paint.rows import TEXT, Row
from tui.paint.states import standing
from tui.paint.view import View

#: Rows of the list that stay, however small the screen.
_LEAST_LIST = 5
_DAY_SECONDS = 86_400


def paint(view: View) -> Page:
    """The whole screen."""
    rows = queuewords.ordered(view)
    lines = frame.top(view, standing(view))
    known = [queuewords.key(row) for row in rows]
    cursor = known.index(view.attention.cursor) if view.attention.cursor in known else 0
    chosen = rows[cursor] if rows else None
    lines.append(frame.breadcrumb(view, _right(view, chosen)))
    filtering = frame.filter_line(view, len(rows), len(view.document.queues))
    if filtering is not None:
        lines.append(filtering)
    if chosen is not None:
        lines += _about(view, chosen, view.height - 1 - len(lines) - 1)
    columns = queue_columns(view.width)
    lines.append(queue_heading(view, columns))
    room = max(1, view.height - 1 - len(lines))
    first = window(len(rows), room, cursor, view.attention.first)
    at = len(lines) + cursor - first if rows else None
    for index, row in enumerate(rows[first : first + room], first):
        lines.append(queue_line(view, columns, row, cursor=index == cursor))
    if not rows:
        lines.append(Row(view.width).put(TEXT, _nothing(view), "dim", view.width - 1).line())
    return frame.page(view, lines, at, first, len(rows))


def keys(view: View) -> tuple[str, ...]:
    """Every queue that is listed, shown or not."""
    return tuple(map(queuewords.key, queuewords.ordered(view)))


def queues_panel(view: View, width: int, rows: int, cursor: str = "") -> list[Line]:
    """The panel of home: its heading and at most `rows` queues, the worst first, in `width` cells.

    `cursor` is the key of the row under the cursor.
    """
    columns = queue_columns(width)
    lines = [queue_heading(view, columns)]
    for row in queuewords.ordered(view)[:rows]:
        lines.append(queue_line(view, columns, row, cursor=queuewords.key(row) == cursor))
    return lines


def panel_keys(view: View, rows: int) -> tuple[str, ...]:
    """The rows of that panel."""
    return keys(view)[:rows]


def _nothing(view: View) -> str:
    if view.document.queues and view.attention.filter:
        return view.words.say("No queue matches.")
    if view.document.queues:
        return view.words.say("No queue is in trouble.")
    said = "No queues yet: the estate names none (queues: of a service), or none was asked."
    return view.words.say(said)


def _right(view: View, row: QueueRow | None) -> tuple[Span, ...]:
    """Which queue the chart is of, and what becomes of it."""
    if row is None:
        return ()
    spans = [Span(row.name, "strong b"), Span(" ", "text")]
    words = queuewords.outlook(row, view.words)
    spans.append(Span(words, queuewords.outlook_role(row)))
    if row.full_in_seconds and row.full_in_seconds < _DAY_SECONDS:
        at = view.now + int(row.full_in_seconds * 1000)
        moment = numbers.minute(at, view.document.timezone)
        said = later("by {time}") if row.at_least else later("at {time}")
        spans.append(Span(f" {view.words.say(said, time=moment)}", "dim"))
    if row.oldest_seconds is not None and view.width >= 100:
        age = numbers.duration(row.oldest_seconds)
        spans.append(Span(f" · {view.words.say('oldest {age}', age=age)}", "dim"))
    return tuple(spans)


def _about(view: View, row: QueueRow, room: int) -> list[Line]:
    """The chart and what is known besides, in a part of `room` lines; the list keeps the rest."""
    facts = _facts(view, row)
    airy = view.height >= frame.AIRY
    needed = min(len(view.document.queues), room // 2) + len(facts) + 1 + 2 * airy
    height = min(max(3, room // 3), room - max(_LEAST_LIST, needed))
    lines = [Line()] if airy else []
    if height >= 3:
        lines += queue_chart(view, row, height)
    lines += facts
    return [*lines, Line()] if airy else lines


def _facts(view: View, row: QueueRow) -> list[Line]:
    """Who holds it, where it wants to go, and who is missing."""
    say, width = view.words.say, view.width
    facts, label = [], 9
    if where := holders(view, row, width - 1 - TEXT - label):
        facts.append((say("where"), where, "text"))
    if row.destinations:
        to = "  ".join(f"{each.name} {each.count:,}" for each in row.destinations)
        sampled = "  " + say("of those looked at") if row.sampled else ""
        facts.append((_to(view), to + sampled, "text"))
    if row.why and row.depth is not None:
        facts.append((say("unknown"), view.words.retold(row.why), "unk"))
    lines = []
    for name, text, role in facts:
        line = Row(width).put(TEXT, name, "dim", TEXT + label)
        lines.append(line.put(TEXT + label, text, role, width - 1).line())
    return lines


def _to(view: View) -> str:
    """The label of where messages want to go."""
    return view.words.say_in("of messages", "to")
