"""The budget screen: every service's month day by day, and what becomes of the one at the cursor.

Nothing is rounded up: 99.9499…% is never shown as 99.95%, and what nobody saw is drawn as such.
"""

from __future__ import annotations

from rich.cells import cell_len

from estate.availability import BudgetRow, DayRow, ServiceRow, percent
from tui.paint import frame, glyphs
from tui.paint.budgetparts import burn_down, tenants, verdict
from tui.paint.budgetwords import STATES, left, name, state
from tui.paint.cells import Line, Page, Span, fit
from tui.paint.lists import window
from tui.paint.rows import TEXT, Label, Row, beside, heading, lead
from tui.paint.states import standing
from tui.paint.view import View

#: Columns from the right: worst, best, left, used.
_WORST, _BEST, _LEFT, _USED = 1, 10, 19, 27
_FIGURES = 35
#: A day of the ribbon by its worst state.
_MARKS = {
    "up": Span("▪", "dim"),
    "degraded": Span("!", "warn"),
    "down": Span("✘", "crit b"),
    "unknown": Span("?", "unk"),
    "": Span("·", "faint"),
}
#: Days of the ribbon that are worth showing, where there is no room for a month.
_LEAST_DAYS = 5
#: Rows that the part under the list needs to be worth showing.
_LEAST_BELOW = 8
_SIDE_BY_SIDE = 100
_VERDICT_CELLS = 54


def paint(view: View) -> Page:
    """The whole screen."""
    lines = [*frame.top(view, standing(view)), frame.breadcrumb(view)]
    rows = promised(view)
    known = [_key(row) for row in rows]
    cursor = known.index(view.attention.cursor) if view.attention.cursor in known else 0
    if not rows:
        lines.append(heading(view.width, view.words.say("BUDGETS")))
        said = view.words.say("The estate promises nothing: give services an objective.")
        lines.append(Row(view.width).put(TEXT, said, "dim", view.width - 1).line())
        return frame.page(view, lines)
    room = view.height - 1 - len(lines)
    shown = min(len(rows), max(1, room - 2 - _LEAST_BELOW))
    first = window(len(rows), shown, cursor, view.attention.first)
    lines.append(_heading(view, rows[cursor]))
    at = len(lines) + cursor - first
    for index, row in enumerate(rows[first : first + shown], first):
        lines.append(_line(view, row, index == cursor))
    lines.append(_legend(view, rows[cursor]))
    lines += _below(view, rows[cursor], view.height - 1 - len(lines))
    return frame.page(view, lines, at, first, len(rows))


def keys(view: View) -> tuple[str, ...]:
    """Every service that promises something, shown or not."""
    return tuple(map(_key, promised(view)))


def promised(view: View) -> list[ServiceRow]:
    """Services with a budget, in the estate's order."""
    return [row for row in view.document.services if row.budget is not None]


def _key(row: ServiceRow) -> str:
    return f"service:{row.key}"


def _name_cells(view: View) -> int:
    return 24 if view.width >= _SIDE_BY_SIDE else 10


def _ribbon_cells(view: View) -> int:
    """Cells between a service's name and its figures; what a month needs is not always there."""
    room = view.width - TEXT - _name_cells(view) - 1 - _FIGURES
    return room if room >= _LEAST_DAYS else 0


def _day_cells(view: View) -> int:
    """Cells of a day: two where the ribbon has room for them."""
    return 2 if _ribbon_cells(view) >= 62 else 1


def _days(view: View, said: BudgetRow) -> range:
    """The month's days, from 0, or the last of those that have been where not all have room."""
    room, total = _ribbon_cells(view) // _day_cells(view), len(said.days)
    end = min(total, max(room, sum(bool(day.worst) for day in said.days)))
    return range(max(0, end - room), end) if room < total else range(total)


def _heading(view: View, row: ServiceRow) -> Line:
    say, width = view.words.say, view.width
    labels = [
        Label(width - _USED, say("used")),
        Label(width - _LEFT, say("left")),
        Label(width - _BEST, say("best %")),
        Label(width - _WORST, say("worst %")),
    ]
    title, month = say("BUDGETS"), row.budget.month if row.budget else ""
    free = width - _USED - cell_len(labels[0].words) - TEXT - cell_len(title) - 4
    return heading(width, title, month if cell_len(month) <= free else "", labels)


def _line(view: View, row: ServiceRow, cursor: bool) -> Line:
    said, width, names = row.budget, view.width, _name_cells(view)
    assert said is not None
    line = lead(width, glyphs.OK if row.state == "up" else glyphs.glyph(row.state), cursor=cursor)
    line.put(TEXT, fit(name(row, view.words), names), "strong b" if cursor else "text")
    line.to(TEXT + names + 1)
    gap = " " * (_day_cells(view) - 1)
    line.spans(
        span
        for day in _days(view, said)
        for span in (_mark(said.days[day]), Span(gap))
        if span.text
    )
    line.right(width - _USED, left(said.down_ms), "text" if said.down_ms else "dim")
    line.right(width - _LEFT, left(said.left_best_ms), _role_of_left(said))
    line.right(width - _BEST, _short(said.best), "text")
    line.right(width - _WORST, _short(said.worst), "unk" if said.unknown_ms else "text")
    return line.line("sel" if cursor else "", _key(row))


def _mark(day: DayRow) -> Span:
    return _MARKS.get(day.worst, _MARKS["unknown"])


def _role_of_left(said: BudgetRow) -> str:
    if said.left_best_ms < 0:
        return "crit b"
    return "warn" if said.left_best_ms * 2 < said.limit_ms else "text"


def _short(share: str | None) -> str:
    """Seven cells: 99.9575, or 100.000."""
    text = percent(share, 4)
    return text if len(text) <= 7 else percent(share, 3)


def _legend(view: View, row: ServiceRow) -> Line:
    """What the marks that are shown mean, and how many days they are if not the whole month."""
    line, say, said = Row(view.width).to(TEXT), view.words.say, row.budget
    assert said is not None
    shown = _days(view, said)
    to_come = any(not said.days[day].worst for day in shown)
    if 0 < len(shown) < len(said.days):
        days = say("days {first}–{last}", first=shown.start + 1, last=shown.stop)
        line.then(f"{days}   ", "mute")
    for word in ("up", *STATES) if shown else ():
        if word or to_come:
            line.spans((_MARKS[word], Span(f" {state(word, view.words)}   ", "mute")))
    return line.line()


def _below(view: View, row: ServiceRow, room: int) -> list[Line]:
    """The service at the cursor, in `room` rows: its curve, its verdict, and the tenants."""
    if room < 4 or row.budget is None:
        return []
    if view.width < _SIDE_BY_SIDE:
        return verdict(view, row, row.budget, view.width, room)
    width = view.width - _VERDICT_CELLS - 2
    rows = min(room, 12)
    right = verdict(view, row, row.budget, _VERDICT_CELLS, room)
    curve = burn_down(view, row, row.budget, width, rows)
    blank = Line()
    lines = [
        beside(curve[n] if n < len(curve) else blank, right[n] if n < len(right) else blank, width)
        for n in range(max(len(curve), len(right)))
    ]
    return [*lines, *tenants(view, view.width, room - len(lines))]
