"""The events screen: what happened, newest first, under the day on which it happened."""

from __future__ import annotations

from estate.document import Event
from tui.paint import frame, numbers
from tui.paint.cells import Line, Page
from tui.paint.eventtable import event_key, event_table
from tui.paint.lists import window
from tui.paint.matching import event_test
from tui.paint.rows import TEXT, Row, heading
from tui.paint.states import standing
from tui.paint.view import View


def paint(view: View) -> Page:
    """The whole screen."""
    listed, say = _listed(view), view.words.say
    lines = frame.top(view, standing(view))
    lines.append(frame.breadcrumb(view))
    filtering = frame.filter_line(view, len(listed), len(view.document.events))
    if filtering is not None:
        lines.append(filtering)
    note = say("the last {count:,}", count=len(view.document.events))
    lines.append(heading(view.width, say("EVENTS"), note))
    rows = _rows(view, listed)
    cursor = next(
        (at for at, row in enumerate(rows) if not isinstance(row, str) and _is_cursor(view, row)),
        1 if rows else 0,
    )
    room = max(0, view.height - len(lines) - 1)
    first = window(len(rows), room, cursor, view.attention.first)
    if first == 1:  # the day above the first event comes back with it
        first = 0 if cursor < room else 1
    table = event_table(view, view.width, dated=False)
    at = len(lines) + cursor - first if rows else None
    for index, row in enumerate(rows[first : first + room], first):
        if isinstance(row, str):
            lines.append(Row(view.width).put(TEXT, row, "dim").line("band"))
        else:
            lines.append(table.line(view, row, index == cursor))
    if not rows:
        lines.append(_nothing(view))
    return frame.page(view, lines, at, first, len(rows))


def keys(view: View) -> tuple[str, ...]:
    """Every event of the list, shown or not."""
    return tuple(event_key(event) for event in _listed(view))


def _listed(view: View) -> list[Event]:
    matches, faults_only = event_test(view), view.attention.faults_only
    return [
        event
        for event in view.document.events
        if matches(event) and not (faults_only and event.severity.value in ("ok", "maintenance"))
    ]


def _rows(view: View, listed: list[Event]) -> list[str | Event]:
    """Events with the days between them."""
    rows: list[str | Event] = []
    before = ""
    for event in listed:
        day = numbers.day(event.at, view.document.timezone, view.words)
        if day != before:
            rows.append(day)
            before = day
        rows.append(event)
    return rows


def _is_cursor(view: View, event: Event) -> bool:
    return event_key(event) == view.attention.cursor


def _nothing(view: View) -> Line:
    row, say = Row(view.width), view.words.say
    if view.document.events:
        row.put(TEXT, say("No event matches. "), "dim").then("esc", "info")
        return row.then(say(" clears the filter"), "dim").line()
    return row.put(TEXT, say("Nothing has happened yet."), "dim").line()
