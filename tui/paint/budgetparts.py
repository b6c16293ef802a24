"""Parts of the budget screen: the curve of what is left, the verdict in words, the tenants."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from estate.availability import BudgetRow, ServiceRow, TenantRow, percent
from estate.document import Series
from tui.paint import numbers
from tui.paint.budgetwords import (
    VERDICT_ROLES,
    failovers,
    forecast,
    left,
    looked_percent,
    name,
    times,
    used_up,
)
from tui.paint.budgetwords import verdict as say_verdict
from tui.paint.cells import Line, fit
from tui.paint.charts import Frame, line_chart
from tui.paint.rows import TEXT, Label, Row, heading
from tui.paint.view import View

_DAY_MS = 86_400_000
_AXIS = 9
_WORD = 14  # cells of the words before a figure
_HALF = 100  # tenants stand in two columns from here on


def burn_down(view: View, row: ServiceRow, said: BudgetRow, width: int, rows: int) -> list[Line]:
    """What was left at the end of each day, of the limit; to come is blank."""
    title = view.words.say("BURN-DOWN")
    note = f"{name(row, view.words)} · {left(said.limit_ms)}"
    lines = [heading(width, title, note)]
    columns, height = max(1, width - TEXT - _AXIS - 1), max(1, rows - 2)
    spent = accumulate(day.down_ms for day in said.days if day.worst)
    # A day of 23 or 25 hours moves the curve by a dot, no figure.
    points = tuple(
        (said.starts + number * _DAY_MS, value, value, value)
        for number, value in enumerate(max(0.0, float(said.limit_ms - lost)) for lost in spent)
    )
    paper = Frame(columns, height, said.starts, said.ends, float(said.limit_ms), role="text")
    chart = line_chart(Series("left", said.starts, said.ends, _DAY_MS, points), paper)
    for number, spans in enumerate(chart):
        axis = {0: left(said.limit_ms), height - 1: left(0)}.get(number, "")
        lines.append(Row(width).to(TEXT).right(TEXT + _AXIS - 1, axis, "mute").to(TEXT + _AXIS)
                     .spans(spans).line())  # fmt: skip
    days = len(said.days)
    foot = Row(width).to(TEXT + _AXIS)
    for day in (1, 5, 10, 15, 20, 25, days):
        foot.put(TEXT + _AXIS + (day - 1) * columns // days, str(day), "mute")
    lines.append(foot.line())
    return lines


def verdict(view: View, row: ServiceRow, said: BudgetRow, width: int, rows: int) -> list[Line]:
    """The month in words: verdict, bounds, what governs, three forecasts side by side, burn."""
    lines = [heading(width, view.words.say("VERDICT"), name(row, view.words))]
    for word, text, role in _facts(view, row, said):
        line = Row(width).put(TEXT, fit(word, _WORD), "dim").put(TEXT + _WORD + 1, text, role)
        lines.append(line.line())
    return lines[:rows]


def _facts(view: View, row: ServiceRow, said: BudgetRow) -> Iterator[tuple[str, str, str]]:
    say = view.words.say
    yield (
        say("verdict"),
        say_verdict(said.verdict, view.words),
        VERDICT_ROLES.get(said.verdict, "text"),
    )
    seen = say("only what was seen down")
    yield say("best"), f"{percent(said.best, 4)}%  {seen}", "text"
    unseen = say("with {time} unseen", time=left(said.unknown_ms))
    yield say("worst"), f"{percent(said.worst, 4)}%  {unseen}", "unk" if said.unknown_ms else "text"
    if said.degraded_ms:
        yield say("degraded"), say("{time}, counts as up", time=left(said.degraded_ms)), "text"
    if said.maintenance_ms:
        planned = say("{time} down in it, counts", time=left(said.maintenance_ms))
        yield say("planned work"), planned, "text"
    if said.net_best is not None:
        net = f"{percent(said.net_best, 4)}%  {say('but for planned work')}"
        yield say("net best"), net, "text"
    if row.sights:
        shares = (f"{each.vantage} {looked_percent(each, said, view.now)}%" for each in row.sights)
        yield say("seen from"), ", ".join(shares), "text"
    flat = "" if said.flat_limit_ms is None else f", {say('flat')} {left(said.flat_limit_ms)}"
    yield say("governs"), f"{left(said.limit_ms)} ({said.objective}{flat})", "text"
    yield say("month's pace"), forecast(said, said.at_month_pace_ms, view.words), "text"
    yield say("last 24 h"), forecast(said, said.at_day_pace_ms, view.words), "text"
    gone = said.used_up_at is not None
    yield say("if it stays"), used_up(said, view.now, view.words), "crit b" if gone else "dim"
    rates = "  ".join(f"{window} {times(rate)}" for window, rate in said.burn.items())
    yield say("burn"), rates or numbers.NONE, "text"
    if said.failovers_left is not None:
        role = "text" if said.failovers_left == said.failovers_at_worst else "unk"
        yield say("failovers left"), failovers(said, view.words), role


def tenants(view: View, width: int, room: int) -> list[Line]:
    """Every tenant that there is room for, the worst off first; two side by side on a wide page."""
    rows = view.document.tenants
    if not rows or room < 3:
        return []
    say = view.words.say
    note = say("{count:,}, down while any of their services is", count=len(rows))
    labels = [Label(width - 10, say("down")), Label(width - 1, say("best %"))]
    lines = [Line(), heading(width, say("TENANTS"), note, labels)]
    columns = 2 if width >= _HALF else 1
    cells, most = width // columns, room - 2
    for number in range(min(most, -(-len(rows) // columns))):
        line = Row(width)
        for column in range(columns):
            index = number + column * -(-len(rows) // columns)
            if index < len(rows):
                _tenant(view, line, rows[index], column * cells, cells)
        lines.append(line.line())
    return lines


def _tenant(view: View, line: Row, row: TenantRow, start: int, cells: int) -> None:
    called = row.names.get(view.words.language) or row.name
    end = start + cells - 20
    line.put(start + TEXT, fit(row.key, 8), "strong").put(start + TEXT + 9, called, "text", end)
    line.right(start + cells - 10, left(row.down_ms), "text" if row.down_ms else "dim")
    line.right(start + cells - 1, percent(row.best), "text")
