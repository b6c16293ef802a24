"""The timeline: of which moments boards are kept, how each was, and what had happened by then."""

from __future__ import annotations

from collections.abc import Sequence

from estate.document import Event
from estate.past import Moment, apart_ms
from tui.paint import frame, glyphs, numbers
from tui.paint.cells import Line, Page
from tui.paint.eventtable import event_glyph
from tui.paint.glyphs import Glyph
from tui.paint.lists import window
from tui.paint.rows import TEXT, Row, heading, lead
from tui.paint.states import standing
from tui.paint.view import View

#: The strip stands for this long.
STRIP_MS = 86_400_000
#: Columns of a row: the time, what was wrong, what had happened.
_WRONG, _HAPPENED = TEXT + 16, TEXT + 42


def paint(view: View) -> Page:
    """The whole screen."""
    say, moments = view.words.say, view.moments or ()
    lines = frame.top(view, standing(view))
    lines.append(frame.breadcrumb(view))
    note = view.words.say_many("{count:,} moment", "{count:,} moments", len(moments))
    lines.append(heading(view.width, say("TIMELINE"), note if moments else ""))
    if moments:
        lines += _strip(view, moments)
    cursor = next((at for at, key in enumerate(keys(view)) if key == view.attention.cursor), 0)
    room = max(0, view.height - len(lines) - 1)
    first = window(len(moments), room, cursor, view.attention.first)
    at = len(lines) + cursor - first if moments else None
    for index, moment in enumerate(moments[first : first + room], first):
        before = moments[index + 1].at if index + 1 < len(moments) else 0
        lines.append(_line(view, moment, before, index == cursor))
    if not moments:
        lines.append(Row(view.width).put(TEXT, _nothing(view), "dim").line())
    return frame.page(view, lines, at, first, len(moments))


def keys(view: View) -> tuple[str, ...]:
    """Every moment, shown or not."""
    return tuple(f"moment:{each.at}" for each in view.moments or ())


def _nothing(view: View) -> str:
    say = view.words.say
    if view.unanswered:
        return view.unanswered
    if view.moments is None:
        return say("Asking the watch which moments it has kept.")
    return say("No moment is kept yet: the first one is after ten seconds.")


def _line(view: View, moment: Moment, before: int, cursor: bool) -> Line:
    """One moment: when, what was wrong, and the last that had happened since the one before."""
    words, zone = view.words, view.document.timezone
    row = lead(view.width, _glyph(moment), cursor=cursor)
    date, today = (
        numbers.day(at, zone, words, weekday=False) for at in (moment.at, view.document.at)
    )
    when = numbers.clock(moment.at, zone)
    shown = view.past_for is not None and moment.at == view.document.at
    row.put(TEXT, when if date == today else f"{date} {when}", "strong b" if shown else "text")
    row.put(_WRONG, _wrong(view, moment), "text", _HAPPENED - 1)
    if shown:
        row.put(_HAPPENED, words.say("this is what you look at"), "info b")
    elif blind := _blind(view, moment.at, before):
        # Of a time in which nobody may have watched, an event tells only how it ended.
        row.put(_HAPPENED, blind, "unk", view.width - 1)
    elif (event := _last(view.document.events, before, moment.at)) is not None:
        found = event_glyph(event)
        row.put(_HAPPENED, found.symbol, found.role).then(f" {event.where} ", "text")
        row.then(event.what, "dim", view.width - 1)
    return row.line("sel" if cursor else "", f"moment:{moment.at}")


def _blind(view: View, at: int, before: int) -> str:
    """For how long no board was kept before `at`, where one should have been; "" where not."""
    now = view.now + (view.past_for or 0)
    if not before or at - before <= apart_ms(now - before):
        return ""
    return view.words.say("no board for {age} until then", age=numbers.age(at - before))


def _wrong(view: View, moment: Moment) -> str:
    say = view.words.say
    said = [
        say("{count} critical", count=moment.critical) if moment.critical else "",
        say("{count} warning", count=moment.warning) if moment.warning else "",
    ]
    return " · ".join(filter(None, said)) or say("nothing wrong")


def _last(events: Sequence[Event], after: int, until: int) -> Event | None:
    return next((each for each in events if after < each.at <= until), None)


def _glyph(moment: Moment) -> Glyph:
    if moment.critical:
        return glyphs.CAUSE
    return glyphs.WARNING if moment.warning else glyphs.OK


def _strip(view: View, moments: Sequence[Moment]) -> list[Line]:
    """The last day, oldest first: the worst of each cell's span; blank where nothing was kept."""
    cells = max(1, view.width - TEXT - 2)
    end = max(view.now, moments[0].at) + 1
    start = end - STRIP_MS
    worst: list[Moment | None] = [None] * cells
    for each in moments:
        if each.at >= start:
            place = min(cells - 1, (each.at - start) * cells // STRIP_MS)
            known = worst[place]
            if known is None or (known.critical, known.warning) < (each.critical, each.warning):
                worst[place] = each
    row = Row(view.width).to(TEXT)
    for found in worst:
        glyph = _glyph(found) if found is not None else Glyph(" ", "dim")
        row.then(glyph.symbol, glyph.role)
    zone = view.document.timezone
    axis = Row(view.width).put(TEXT, numbers.minute(start, zone), "dim")
    middle, last = numbers.minute(start + STRIP_MS // 2, zone), numbers.minute(end, zone)
    axis.put(TEXT + cells // 2 - 2, middle, "dim")
    axis.right(view.width - 2, last, "dim")
    return [row.line(), axis.line(), Line()]
