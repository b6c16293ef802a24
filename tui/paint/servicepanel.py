"""Services on home: those that are not up first, each with its month and what is left of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len

from estate.availability import BudgetRow, DayRow, ServiceRow, percent
from tui.paint import glyphs, numbers
from tui.paint.budgetwords import ROLES, STATES, left, name, state, times
from tui.paint.cells import Line, Span, fit
from tui.paint.glyphs import Glyph
from tui.paint.rows import TEXT, Label, Row, heading, lead
from tui.paint.states import current
from tui.paint.view import View

#: From this width on there is room for the cause and for the month.
WITH_MONTH = 100
#: The worst first; what a newer watch may say comes before what is well.
_ORDER = ("down", "degraded", "unknown")
_BEST, _LEFT, _BURN = 20, 11, 1  # columns from the right
_STATE = 10
#: Days of the ribbon, which loses its colour but for today: only now may be loud.
_MARKS = {"up": "▪", "degraded": "!", "down": "✘", "unknown": "?", "": " "}


def services_panel(view: View, width: int, rows: int, cursor: str) -> list[Line]:
    """The heading, and as many services as `rows`."""
    services = ordered(view)
    lines = [_heading(view, width)]
    for row in services[:rows]:
        lines.append(_line(view, row, width, f"service:{row.key}" == cursor))
    return lines


def ordered(view: View) -> Sequence[ServiceRow]:
    """Services, those that are not up first; else in the estate's order."""
    return sorted(view.document.services, key=lambda row: _rank(row.state))


def _rank(word: str) -> int:
    if word in _ORDER:
        return _ORDER.index(word)
    return len(_ORDER) + (word == "up")


def _heading(view: View, width: int) -> Line:
    say, services = view.words.say, view.document.services
    counts = Counter(row.state for row in services)
    words = [
        f"{counts[word]:,} {state(word, view.words)}" for word in (*_ORDER, "up") if counts[word]
    ]
    note = f"{len(services):,} · {', '.join(words)}"
    if counts["up"] == len(services):
        note = f"{len(services):,} · {say('all up')}"
    if not current(view):  # how many are up nobody knows now
        old = say("{age} old", age=numbers.age(view.now - view.document.at))
        note = f"{len(services):,} · {old}"
    labels = [
        Label(width - _BEST, say("best %")),
        Label(width - _LEFT, say("left")),
        Label(width - _BURN, say("burn 1 h")),
    ]
    said = next((row.budget for row in services if row.budget is not None), None)
    if width >= WITH_MONTH and said is not None:
        month = numbers.month(said.starts, view.document.timezone, view.words)
        labels.insert(0, Label(_month(width) + cell_len(month), month))
    return heading(width, say("SERVICES"), note, labels, action=("screen", "services"))


def _month(width: int) -> int:
    """Where the month's ribbon begins: 31 days and the figures stand behind it."""
    return width - 31 - 28


def _line(view: View, row: ServiceRow, width: int, cursor: bool) -> Line:
    glyph, role = looks(view, row)
    line = lead(width, glyph, cursor=cursor)
    names = 22 if width >= WITH_MONTH else 19
    loud = row.state in ("down", "degraded")
    line.put(TEXT, fit(name(row, view.words), names - 1), "strong b" if loud else "text")
    line.put(TEXT + names, state(row.state, view.words), role)
    end = _month(width) if width >= WITH_MONTH else width - _BEST - 8
    if row.state in STATES:
        line.put(TEXT + names + _STATE, row.cause, "dim", end - 2)
    if width >= WITH_MONTH and row.budget is not None:
        line.to(end).spans(_ribbon(row.budget, row.state))
    _figures(line, row, width)
    return line.line("sel" if cursor else "", f"service:{row.key}")


def looks(view: View, row: ServiceRow) -> tuple[Glyph, str]:
    """The glyph and the role of its state; what the watch said too long ago is none of now."""
    if not current(view):
        return glyphs.UNKNOWN, "unk"
    glyph = glyphs.OK if row.state == "up" else glyphs.glyph(row.state)
    return glyphs.MAINTENANCE if row.planned else glyph, ROLES.get(row.state, "text")


def _ribbon(said: BudgetRow, present: str) -> list[Span]:
    """A mark a day; today's is the present, in its colour."""
    seen = sum(bool(day.worst) for day in said.days)
    past = "".join(map(_mark, said.days[: max(0, seen - 1)]))
    today = [_today(said.days[seen - 1], present)] if seen else []
    return [Span(past, "mute"), *today]


def _mark(day: DayRow) -> str:
    return _MARKS.get(day.worst, "?")


def _today(day: DayRow, present: str) -> Span:
    return Span(_mark(day), "mute" if present == day.worst == "up" else ROLES.get(day.worst, "unk"))


def _figures(line: Row, row: ServiceRow, width: int) -> None:
    said = row.budget
    if said is None:
        line.right(width - _LEFT, numbers.NONE)
        return
    best, burn = percent(said.best), said.burn.get("1h")
    line.right(width - _BEST, best, "text")
    overspent = "crit b" if said.left_best_ms < 0 else "text"
    line.right(width - _LEFT, left(said.left_best_ms), overspent)
    fast = "crit" if burn is not None and burn >= 1 else "dim"
    line.right(width - _BURN, numbers.NONE if burn is None else times(burn), fast)
