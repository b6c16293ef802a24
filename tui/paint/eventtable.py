"""Events as rows: when · where · what happened."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from estate.document import Event, Severity
from estate.language import ENGLISH, Words
from tui.paint import glyphs, numbers
from tui.paint.cells import Line, elided
from tui.paint.glyphs import Glyph
from tui.paint.rows import TEXT, lead
from tui.paint.states import longest_name
from tui.paint.view import View

#: Cells that the name of a place is given at the most.
_MOST_WHERE = 14


def event_key(event: Event) -> str:
    """The `Line.key` of an event's row."""
    return f"event:{event.id}"


def event_glyph(event: Event, words: Words = ENGLISH) -> Glyph:
    """What became well is a ✓, not a dot: something was done. Distrust has the glyph of lists."""
    # In the person's language, or in English where the records do not know how it was said.
    distrust = ("→ untrusted", f"→ {words.say('untrusted')}")
    if any(each in event.what for each in distrust) and event.severity is not Severity.OK:
        return glyphs.UNTRUSTED
    return glyphs.DONE if event.severity is Severity.OK else glyphs.GLYPHS[event.severity.value]


@dataclass(frozen=True, slots=True)
class EventTable:
    """The columns for one width; `dated` rows of another day say which, instead of when."""

    width: int
    where: int
    dated: bool = True

    def line(self, view: View, event: Event, cursor: bool) -> Line:
        """One event as a line."""
        row = lead(self.width, event_glyph(event, view.words), cursor=cursor)
        row.put(TEXT, self._when(view, event), "dim")
        start = TEXT + 10
        row.put(start, elided(event.where, self.where), "text")
        row.put(start + self.where + 1, event.what, "dim", self.width - 1)
        return row.line("sel" if cursor else "", event_key(event))

    def _when(self, view: View, event: Event) -> str:
        timezone = view.document.timezone
        date, today = (
            numbers.day(at, timezone, view.words, weekday=False) for at in (event.at, view.now)
        )
        return date if self.dated and date != today else numbers.clock(event.at, timezone)


def event_table(view: View, width: int, *, dated: bool = True) -> EventTable:
    """Columns for `width` cells; places get what the longest host's name asks for, in reason, and
    what others of that length do: "handover" was "han…ver" among hosts of seven letters.
    """
    places = (cell_len(event.where) for event in view.document.events)
    named = max((cells for cells in places if cells <= _MOST_WHERE), default=0)
    return EventTable(width, max(7, named, min(_MOST_WHERE, longest_name(view.document))), dated)
