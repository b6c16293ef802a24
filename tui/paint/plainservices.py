"""Services, their budgets and vantages in words, a line each that makes sense when read alone."""

from __future__ import annotations

from collections.abc import Iterator

from estate.availability import ServiceRow, percent
from tui.paint import numbers
from tui.paint.budgetwords import left, name, state, verdict
from tui.paint.view import View


def services(view: View) -> list[str]:
    """Every service, in the estate's order; nothing where the estate has none."""
    rows, say = view.document.services, view.words.say
    if not rows:
        return []
    lines = [say("Services: {count:,}", count=len(rows))]
    for row in rows:
        lines.append("; ".join(_service(view, row)))
    return [*lines, *_vantages(view)]


def _service(view: View, row: ServiceRow) -> Iterator[str]:
    say, zone = view.words.say, view.document.timezone
    yield f"{name(row, view.words)}: {state(row.state, view.words)}"
    if row.planned:
        yield say("planned work now")
    if row.since is not None:
        since = numbers.moment(row.since, view.now, zone, view.words)
        lasted = numbers.duration((view.now - row.since) / 1000)
        yield say("since {time} ({lasted})", time=since, lasted=lasted)
    if row.cause:
        yield row.cause
    budget = row.budget
    if budget is None:
        return
    limit = numbers.duration(budget.limit_ms / 1000)
    if budget.left_best_ms < 0:
        yield say("{over} over {limit} of {month}", over=left(-budget.left_best_ms), limit=limit,
                  month=budget.month)  # fmt: skip
    else:
        yield say("{left} left of {limit} in {month}", left=left(budget.left_best_ms), limit=limit,
                  month=budget.month)  # fmt: skip
    if budget.unknown_ms:
        unseen = numbers.duration(budget.unknown_ms / 1000)
        yield say("{span} of it not seen", span=unseen)
    if budget.best is not None and budget.worst is not None:
        best, worst = percent(budget.best), percent(budget.worst)
        yield say("best {best}%, worst {worst}%", best=best, worst=worst)
    yield verdict(budget.verdict, view.words)


def _vantages(view: View) -> Iterator[str]:
    say, zone = view.words.say, view.document.timezone
    for row in view.document.vantages:
        if row.state == "here":
            yield say("Asked from {vantage}, here.", vantage=row.name)
        elif row.state == "heard":
            yield say("Asked from {vantage}, which is heard.", vantage=row.name)
        else:
            since = numbers.moment(row.since or view.now, view.now, zone, view.words)
            yield say(
                "Vantage {vantage} is silent since {time}: {why}.",
                vantage=row.name,
                time=since,
                why=row.why,
            )
