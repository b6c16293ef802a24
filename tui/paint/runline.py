"""The run that needs a look most, as a row of home."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from estate.runs import RunRow
from tui.paint import numbers
from tui.paint.cells import Line
from tui.paint.rows import TEXT, lead
from tui.paint.runclock import elapsed
from tui.paint.runwords import is_open, run_glyph, run_word
from tui.paint.view import View


def foremost(view: View) -> RunRow | None:
    """The open run that needs a look most."""
    return next(iter(by_need(view.document.runs)), None)


def by_need(runs: Iterable[RunRow]) -> list[RunRow]:
    """The open ones, what needs a look most first: what asks, then what is oldest."""
    return sorted(
        filter(is_open, runs),
        key=lambda row: (not row.question, row.state != "needs-decision", row.started_at),
    )


def run_line(view: View, row: RunRow, *, cursor: bool = False) -> Line:
    """That run: what it is, how it is, and its clock at the right."""
    words, end = view.words, view.width - 1
    line = lead(view.width, run_glyph(row), cursor=cursor)
    gone, right = elapsed(row, view.now), list[str]()
    if gone is not None:
        right.append(numbers.duration(gone / 1000))
        if row.target_ms is not None:
            target = numbers.duration(row.target_ms / 1000)
            right[0] = words.say("{gone} of {target}", gone=right[0], target=target)
    others = sum(map(is_open, view.document.runs)) - 1
    right += [words.say_many("+{count:,} run", "+{count:,} runs", others)] if others else []
    decides = row.question and view.past_for is None
    right += [words.say("d decides")] if decides else []
    said = " · ".join(right)
    stop, opens = end - cell_len(said) - 2, ("open", "run", row.id)
    line.put(TEXT, row.runbook or row.id, "strong b", stop, opens)
    if row.drill:
        line.then(f" {words.say('drill')}", "info", stop)
    line.then(f" {run_word(row, words)}", run_glyph(row).role, stop, opens)
    rest = row.question or row.trouble or row.step
    line.then(f" · {rest}" if rest else "", "text" if row.question else "dim", stop, opens)
    late = gone is not None and row.target_ms is not None and gone > row.target_ms
    line.right(end, said, "crit b" if late else "text")
    key = f"run:{row.id}" if view.screen in ("home", "") else ""
    return line.line("sel" if cursor else "", key)
