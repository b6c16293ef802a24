"""The runs screen: every run on record, those that are open first, then the newest."""

from __future__ import annotations

from estate.runs import RunRow
from tui.paint import frame, numbers
from tui.paint.cells import Line, Page, fit
from tui.paint.listing import filling
from tui.paint.rows import TEXT, Label, Row, heading, lead
from tui.paint.runclock import elapsed
from tui.paint.runwords import is_open, run_glyph, run_rest, run_word
from tui.paint.states import standing
from tui.paint.view import View

#: Cells of a run's name.
_ID = 20


def paint(view: View) -> Page:
    """The whole screen."""
    rows, say = listed(view), view.words.say
    lines = [*frame.top(view, standing(view)), frame.breadcrumb(view)]
    going = sum(map(is_open, rows))
    note = say("{count:,} open", count=going) if going else say("none open")
    clock = Label(view.width - 11, say("clock"))
    lines.append(
        heading(view.width, say("RUNS"), note, [clock, Label(view.width - 1, say("since"))])
    )
    return filling(
        view,
        lines,
        rows,
        keys(view),
        lambda row, cursor: _line(view, row, cursor),
        nothing=(_nothing(view),),
    )


def keys(view: View) -> tuple[str, ...]:
    """Every run, shown or not."""
    return tuple(f"run:{row.id}" for row in listed(view))


def listed(view: View) -> list[RunRow]:
    """The board's runs are newer than what was asked for, and win over it."""
    known = {row.id: row for row in (*(view.runs or ()), *view.document.runs)}
    rows = [known[name] for name in sorted(known, reverse=True)]
    return [*filter(is_open, rows), *(row for row in rows if not is_open(row))]


def _line(view: View, row: RunRow, cursor: bool) -> Line:
    words, width, timezone = view.words, view.width, view.document.timezone
    line = lead(width, run_glyph(row), cursor=cursor)
    name = max(20, width // 5)
    line.put(TEXT, fit(row.id, _ID), "strong b" if is_open(row) else "text")
    if width >= 100:
        line.put(TEXT + _ID + 2, fit(row.runbook, name), "text")
    said = run_word(row, words)
    if row.drill:
        said = f"{words.say('drill')}, {said}"
    at = TEXT + _ID + 2 + (name if width >= 100 else 0)
    line.put(at, said, run_glyph(row).role if is_open(row) else "dim", width - 20)
    rest = run_rest(row) or (row.runbook if width < 100 else "")
    line.then(f" · {rest}" if rest else "", "text" if row.question else "dim", width - 20)
    gone = elapsed(row, view.now)
    late = gone is not None and row.target_ms is not None and gone > row.target_ms
    shown = numbers.NONE if gone is None else numbers.duration(gone / 1000)
    line.right(width - 11, shown, "crit" if late else "text")
    since = numbers.moment(row.ended_at or row.since, view.now, timezone, words)
    if len(since) > 8:
        since = since.rpartition(" ")[0]
    line.right(width - 1, since, "dim")
    return line.line("sel" if cursor else "", f"run:{row.id}")


def _nothing(view: View) -> Line:
    say = view.words.say
    row = Row(view.width).put(TEXT, say("No run is on record. "), "dim").then(":runbooks", "info")
    return row.then(say(" shows what can be run"), "dim").line()
