"""The catalogue: every runbook there is, and why those that can't be run can't."""

from __future__ import annotations

from estate.plans import RunbookRow
from tui.paint import frame, glyphs, numbers
from tui.paint.asked import awaited
from tui.paint.cells import Line, Page, fit
from tui.paint.listing import filling
from tui.paint.rows import TEXT, Label, heading, lead
from tui.paint.states import standing
from tui.paint.view import View

_NAME = 28


def paint(view: View) -> Page:
    """The whole screen."""
    say, width, rows = view.words.say, view.width, view.runbooks or ()
    lines = [*frame.top(view, standing(view)), frame.breadcrumb(view)]
    labels = [Label(width - 10, say("steps")), Label(width - 1, say("target"))]
    wrong = sum(bool(row.problem) for row in rows)
    note = f"{len(rows):,}" + (f", {say('{count:,} refused', count=wrong)}" if wrong else "")
    lines.append(heading(width, say("RUNBOOKS"), note if rows else "", labels))
    said = say("Asking the watch which there are.")
    if view.runbooks is not None:
        said = say("No runbook is here. twinwatch runbook list says where they are looked for.")
    return filling(
        view,
        lines,
        rows,
        keys(view),
        lambda row, cursor: _line(view, row, cursor),
        nothing=awaited(view, said),
    )


def keys(view: View) -> tuple[str, ...]:
    """Every runbook, shown or not."""
    return tuple(map(_key, view.runbooks or ()))


def _key(row: RunbookRow) -> str:
    return f"runbook:{row.name}" if not row.problem else f"refused:{row.file}"


def _line(view: View, row: RunbookRow, cursor: bool) -> Line:
    say, width = view.words.say, view.width
    line = lead(width, glyphs.WARNING if row.problem else glyphs.OK, cursor=cursor)
    line.put(TEXT, fit(row.name, _NAME), "strong b" if cursor else "text")
    end = width - 16
    if row.problem:
        line.put(TEXT + _NAME + 1, row.problem, "warn", width - 1)
        return line.line("sel" if cursor else "", _key(row))
    line.put(TEXT + _NAME + 1, row.title, "text", end)
    notes = [say("has a drill")] if row.drill else []
    notes += [say("sensitive")] if row.sensitive else []
    if notes and line.at < end - 2:
        line.then(f"  {' · '.join(notes)}", "dim", end)
    line.right(width - 10, numbers.count(row.steps), "dim")
    target = numbers.duration(row.target_ms / 1000) if row.target_ms else numbers.NONE
    return line.right(width - 1, target, "text").line("sel" if cursor else "", _key(row))
