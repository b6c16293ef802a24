"""Readiness on home: one line a service, could it move now, and the first reason why not."""

from __future__ import annotations

from collections import Counter

from estate.readiness import ReadinessRow, Verdict
from tui.paint.cells import Line, fit
from tui.paint.readywords import (
    VERDICT_GLYPHS,
    VERDICT_ROLES,
    VERDICTS,
    called,
    in_short,
    span,
    verdict,
    worst_first,
)
from tui.paint.rows import TEXT, Label, heading, lead
from tui.paint.view import View

_P50, _P90 = 10, 1  # columns from the right


def readiness_panel(view: View, width: int, rows: int, cursor: str) -> list[Line]:
    """The heading, and as many services as `rows`, those that could not move first."""
    lines = [_heading(view, width)]
    for row in worst_first(view.document.readiness)[:rows]:
        lines.append(_line(view, row, width, key_of(row) == cursor))
    return lines


def key_of(row: ReadinessRow) -> str:
    """The row's key; `service:` is the same service in the panel of services."""
    return f"readiness:{row.key}"


def _heading(view: View, width: int) -> Line:
    say, counts = view.words.say, Counter(row.verdict for row in view.document.readiness)
    words = [f"{counts[each]:,} {say(VERDICTS[each])}" for each in Verdict if counts[each]]
    labels = [Label(width - _P50, "p50"), Label(width - _P90, "p90")]
    return heading(
        width, say("READINESS"), ", ".join(words), labels, action=("screen", "readiness")
    )


def _line(view: View, row: ReadinessRow, width: int, cursor: bool) -> Line:
    line = lead(width, VERDICT_GLYPHS[row.verdict], cursor=cursor)
    names = 22 if width >= 100 else 15
    line.put(TEXT, fit(called(row, view.words), names - 1), "text")
    role = VERDICT_ROLES[row.verdict] if row.verdict is not Verdict.READY else "dim"
    line.put(TEXT + names, verdict(row, view.words), role)
    at = TEXT + names + 11
    line.put(max(at, line.at + 1), in_short(row, view.words), "dim", width - _P50 - 7)
    line.right(width - _P50, span(row.p50_ms), "text")
    line.right(width - _P90, span(row.p90_ms), "dim")
    return line.line("sel" if cursor else "", key_of(row))
