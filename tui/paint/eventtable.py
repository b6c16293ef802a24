"""Events as rows: when · where · what happened."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from estate.document import Event, Severity
from tui.paint import glyphs, numbers
from tui.paint.cells import Line
from tui.paint.rows import TEXT, lead
from tui.paint.view import View


def event_key(event: Event) -> str:
    return f"event:{event.id}"


def event_line(view: View, event: Event, where: int, width: int, cursor: bool) -> Line:
    """One event; `where` is the width of its middle column."""
    well = event.severity is Severity.OK
    glyph = glyphs.DONE if well else glyphs.GLYPHS[event.severity.value]
    line = lead(width, glyph, cursor=cursor)
    line.put(TEXT, _when(view, event), "dim")
    start = TEXT + 10
    line.put(start, event.where, "text", start + where)
    line.put(start + where + 1, event.what, "dim", width - 1)
    return line.line("sel" if cursor else "", event_key(event))


def where_width(events: Sequence[Event]) -> int:
    """The width that the places of `events` ask for, in reason."""
    return max(7, min(14, max((cell_len(event.where) for event in events), default=0)))


def _when(view: View, event: Event) -> str:
    """The time of day; the date where that is another day's."""
    timezone = view.document.timezone
    date = numbers.day(event.at, timezone, weekday=False)
    if date == numbers.day(view.now, timezone, weekday=False):
        return numbers.clock(event.at, timezone)
    return date
