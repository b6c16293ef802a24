"""One row for the month of the service that is tightest: used, left, how fast it goes."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from estate.availability import BudgetRow, ServiceRow, percent
from tui.paint import numbers
from tui.paint.budgetwords import left, name, times
from tui.paint.cells import Line, Span, cut
from tui.paint.charts import bar
from tui.paint.rows import TEXT, Row
from tui.paint.view import View

#: A burn at which the budget lasts exactly the month.
_SUSTAINED = 1.0


def tightest(services: Sequence[ServiceRow]) -> ServiceRow | None:
    """The service with the least left of its limit, as a share of it; None if nothing is promised.

    One that is used up by what goes on now comes first.
    """
    promised = [row for row in services if row.budget is not None and row.budget.limit_ms > 0]
    return min(promised, key=_tightness, default=None)


def _tightness(row: ServiceRow) -> tuple[bool, float]:
    said = row.budget
    assert said is not None
    return said.used_up_at is None, said.left_best_ms / said.limit_ms


def budget_strip(view: View, row: ServiceRow, width: int) -> Line:
    """`E-mail 2026-11 ━━━───  used 3:10 of 21:36   left 18:26   best 99.988%   1 h 0.0×`."""
    said, roomy = row.budget, width >= 100
    assert said is not None
    role = _role(said)
    line = Row(width).to(TEXT)
    line.then(
        cut(name(row, view.words), 20 if roomy else 12), "strong", action=("screen", "budget")
    )
    line.then(f" {numbers.month(said.starts, view.document.timezone, view.words)} ", "dim")
    share = min(1.0, max(0.0, said.down_ms / said.limit_ms))
    line.spans(bar(share, 36 if roomy else 16, role if role != "text" else "dim"))
    for words in _words(view, said, role, roomy):
        gap = 3 if roomy else 2
        if line.at + gap + sum(cell_len(span.text) for span in words) <= width - 1:
            line.to(line.at + gap).spans(words)
    return line.line()


def _words(view: View, said: BudgetRow, role: str, roomy: bool) -> list[tuple[Span, ...]]:
    """What is said of the budget, most needed first: what does not fit is left out."""
    say = view.words.say
    used, limit = left(said.down_ms), left(said.limit_ms)
    groups = [
        (Span(f"{say('used')} ", "dim"), Span(used, "text"),
         Span(f" {say('of {limit}', limit=limit)}" if roomy else "", "dim")),
        (Span(f"{say('left')} ", "dim"), Span(left(said.left_best_ms), f"{role} b")),
    ]  # fmt: skip
    if said.used_up_at is not None and said.used_up_at > view.now:
        at = numbers.clock(said.used_up_at, view.document.timezone)
        groups.append((Span(say("gone {time}", time=at), "crit b"),))
    else:
        best = f"{percent(said.best)}%"
        groups.append((Span(f"{say('best')} ", "dim"), Span(best, "text")))
    burn = said.burn.get("1h")
    if burn is not None:
        fast = "crit b" if burn >= _SUSTAINED else "text"
        groups.append((Span("1 h ", "dim"), Span(times(burn), fast)))
    if said.unknown_ms:
        unseen = say("{time} unseen", time=left(said.unknown_ms))
        groups.append((Span(unseen, "unk"),))
    return groups


def _role(said: BudgetRow) -> str:
    if said.left_best_ms < 0 or said.used_up_at is not None:
        return "crit"
    return "warn" if said.left_best_ms * 2 < said.limit_ms else "text"
