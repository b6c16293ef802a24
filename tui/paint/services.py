"""The services screen: how each one is, since when and why, and the probes that say so."""

from __future__ import annotations

from estate.availability import ServiceRow, SightRow
from tui.paint import frame, glyphs, numbers
from tui.paint.budgetwords import left, looked_percent, name, state
from tui.paint.cells import Line, Page, fit
from tui.paint.lists import window
from tui.paint.rows import TEXT, Label, Row, heading, lead
from tui.paint.servicepanel import looks
from tui.paint.states import standing
from tui.paint.view import View

_STATE = 12
#: Rows kept for what is said of the service at the cursor.
_ASIDE = 7


def paint(view: View) -> Page:
    """The whole screen."""
    say, width, rows = view.words.say, view.width, view.document.services
    lines = [*frame.top(view, standing(view)), frame.breadcrumb(view)]
    names = _name_cells(view)
    labels = [
        Label(TEXT + names + 1 + _STATE + 8, say("since")),
        Label(TEXT + names + 1 + _STATE + 16, say("ms")),
        Label(TEXT + names + 1 + _STATE + 24, say("left")),
    ]
    lines.append(heading(width, say("SERVICES"), f"{len(rows):,}" if rows else "", labels))
    known = [_key(row) for row in rows]
    cursor = known.index(view.attention.cursor) if view.attention.cursor in known else 0
    seen_from = len(rows[cursor].sights) if rows else 0
    room = max(1, view.height - 1 - len(lines) - _ASIDE - seen_from)
    first = window(len(rows), room, cursor, view.attention.first)
    at = len(lines) + cursor - first if rows else None
    for index, row in enumerate(rows[first : first + room], first):
        lines.append(_line(view, row, index == cursor))
    if rows:
        lines += _about(view, rows[cursor])
    else:
        said = say("The estate names no services.")
        lines.append(Row(width).put(TEXT, said, "dim", width - 1).line())
    return frame.page(view, lines, at, first, len(rows))


def keys(view: View) -> tuple[str, ...]:
    """Every service, shown or not."""
    return tuple(map(_key, view.document.services))


def _key(row: ServiceRow) -> str:
    return f"service:{row.key}"


def _name_cells(view: View) -> int:
    return 28 if view.width >= 100 else 18


def _line(view: View, row: ServiceRow, cursor: bool) -> Line:
    width, names = view.width, _name_cells(view)
    glyph, role = looks(view, row)
    line = lead(width, glyph, cursor=cursor)
    line.put(TEXT, fit(name(row, view.words), names), "strong b" if cursor else "text")
    at = TEXT + names + 1
    line.put(at, state(row.state, view.words), role, at + _STATE)
    since = numbers.NONE if row.since is None else numbers.age(view.now - row.since)
    line.right(at + _STATE + 8, since, "dim")
    slowest = numbers.NONE if row.milliseconds is None else numbers.count(row.milliseconds)
    line.right(at + _STATE + 16, slowest, "dim")
    rest = numbers.NONE if row.budget is None else left(row.budget.left_best_ms)
    line.right(at + _STATE + 24, rest, "text")
    line.put(at + _STATE + 26, row.cause, "dim", width - 1)
    return line.line("sel" if cursor else "", _key(row))


def _about(view: View, row: ServiceRow) -> list[Line]:
    """The probes of the service at the cursor, each with its last answer, and who asks."""
    say, width = view.words.say, view.width
    age = numbers.NONE if row.at is None else numbers.age(view.now - row.at)
    asked = ", ".join(row.vantages) or say("nobody")
    note = say("asked by {vantages}, {age} ago", vantages=asked, age=age)
    if len(row.vantages) == 1:
        note = f"{note} · {say('one vantage')}"
    lines = [Line(), heading(width, say("PROBES"), f"{name(row, view.words)} · {note}")]
    for probe in row.probes[: _ASIDE - 3]:
        line = lead(width, glyphs.OK if probe.ok else glyphs.CAUSE)
        line.put(TEXT, probe.probe, "text", width // 2)
        line.right(width // 2 + 9, numbers.decimal(probe.milliseconds), "dim", " ms")
        lines.append(line.put(width // 2 + 11, probe.cause, "crit", width - 1).line())
    return [*lines, *(_sight(view, row, each) for each in row.sights)]


def _sight(view: View, row: ServiceRow, sight: SightRow) -> Line:
    """What one vantage saw last, and for how much of the month so far it looked."""
    say, width = view.words.say, view.width
    glyph = {"o": glyphs.OK, "x": glyphs.CAUSE}.get(sight.seen, glyphs.glyph("unknown"))
    line = lead(width, glyph)
    line.put(TEXT, say("seen from {vantage}", vantage=sight.vantage), "text", width // 2)
    if row.budget is not None:
        share = looked_percent(sight, row.budget, view.now)
        line.right(width // 2 + 9, str(share), "dim", "%")
    said = {"o": say("well"), "x": sight.cause}.get(sight.seen)
    role = {"o": "dim", "x": "crit"}.get(sight.seen, "unk")
    if said is None:
        age = numbers.NONE if sight.at is None else numbers.age(view.now - sight.at)
        said = sight.cause or say("no data, last {age} ago", age=age)
    return line.put(width // 2 + 11, said, role, width - 1).line()
