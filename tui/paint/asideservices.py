"""The aside's sections of services: could each move now, and whom the month was worst for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from estate.availability import ServiceRow, percent
from estate.readiness import ReadinessRow, Verdict
from tui.paint import numbers
from tui.paint.budgetwords import forecast, left, state, times, used_up
from tui.paint.cells import Line, fit
from tui.paint.readywords import (
    BEARING_GLYPHS,
    VERDICT_GLYPHS,
    called,
    in_short,
    span,
    why,
    worst_first,
)
from tui.paint.rows import Label, Row, heading
from tui.paint.view import View

_NAMES = 20


def failover(view: View, width: int, rows: int) -> list[Line]:
    """Every service that is meant to move, those that could not first, in so many `rows`."""
    say, ready = view.words.say, worst_first(view.document.readiness)
    labels = [Label(width - 9, "p50"), Label(width, "p90")]
    lines = [_head(width, say("FAILOVER"), say("can we, now"), labels)]
    for row in ready[: rows - 2]:
        glyph = VERDICT_GLYPHS[row.verdict]
        line = Row(width).put(0, glyph.symbol, glyph.role)
        line.put(2, fit(called(row, view.words), _NAMES - 1), "text")
        line.put(2 + _NAMES, in_short(row, view.words), "dim", width - 15)
        line.right(width - 9, span(row.p50_ms), "text")
        lines.append(line.right(width, span(row.p90_ms), "dim").line())
    if (last := _last_done(view)) is not None:
        lines.append(last)
    return lines


def _last_done(view: View) -> Line | None:
    """The last time that any of them was done, and how long it took."""
    done = [row for row in view.document.readiness if row.done_at is not None]
    if not done:
        return None
    row = max(done, key=lambda each: each.done_at or 0)
    day = numbers.day(row.done_at or 0, view.document.timezone, view.words, weekday=False)
    say = view.words.say
    said = say("Last drill {day}: {runbook}, {time}.", day=day, runbook=row.runbook,
               time=span(row.took_ms))  # fmt: skip
    if row.in_earnest:
        said = say("Last failover {day}: {runbook}, {time}.", day=day, runbook=row.runbook,
                   time=span(row.took_ms))  # fmt: skip
    return Row(71).put(0, said, "dim").line()


def tenants(view: View, width: int, rows: int) -> list[Line]:
    """The tenants that were worst off this month, in so many `rows`."""
    say, known = view.words.say, view.document.tenants
    labels = [Label(width - 20, say("down")), Label(width - 10, say("unseen")),
              Label(width, say("best %"))]  # fmt: skip
    lines = [_head(width, say("TENANTS"), f"{len(known):,}", labels)]
    for row in known[: rows - 2]:
        line = Row(width).put(0, fit(row.key, 7), "text")
        called = row.names.get(view.words.language) or row.name
        line.put(8, called, "dim", width - 28)
        line.right(width - 20, left(row.down_ms), "text" if row.down_ms else "dim")
        line.right(width - 10, left(row.unknown_ms), "unk" if row.unknown_ms else "dim")
        lines.append(line.right(width, percent(row.best), "text").line())
    more = len(known) - (len(lines) - 1)
    if more > 0:
        lines.append(Row(width).put(0, say("{count:,} more", count=more), "dim").line())
    return lines


# ── the row under the cursor ──


def selected_service(view: View, row: ServiceRow) -> Iterator[tuple[str, str, str]]:
    """What is known of a service: label, text and role."""
    say, words = view.words.say, view.words
    since = "" if row.since is None else f" {numbers.age(view.now - row.since)}"
    yield say("state"), f"{state(row.state, words)}{since}", "text"
    if row.cause:
        yield say("why"), row.cause, "dim"
    for probe in row.probes[:2]:
        answer = probe.cause or f"{numbers.decimal(probe.milliseconds)} ms"
        yield say("probe"), f"{probe.probe}: {answer}", "text" if probe.ok else "crit"
    if (said := row.budget) is not None:
        yield say("left"), f"{left(said.left_best_ms)} / {left(said.limit_ms)}", "text"
        yield say("month's pace"), forecast(said, said.at_month_pace_ms, words), "text"
        gone = "crit" if said.used_up_at is not None else "dim"
        yield say("if it stays"), used_up(said, view.now, words), gone
        rates = "  ".join(f"{window} {times(rate)}" for window, rate in said.burn.items())
        yield say("burn"), rates or numbers.NONE, "text"


def selected_readiness(view: View, row: ReadinessRow) -> Iterable[tuple[str, str, str]]:
    """What stands against a move, each with its remedy."""
    say = view.words.say
    if row.verdict is Verdict.READY:
        yield say("passed"), in_short(row, view.words), "text"
    for each in row.against[:3]:
        yield say("why not"), why(each, view.words), BEARING_GLYPHS[each.bearing].role
        yield say("remedy"), view.words.retold(each.todo), "dim"


def _head(width: int, title: str, note: str, labels: list[Label]) -> Line:
    return heading(width, title, note, labels, start=0, end=width)
