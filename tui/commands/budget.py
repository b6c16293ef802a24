"""`twinwatch budget`: what was promised this month, what is proven, what is left, and how long."""

from __future__ import annotations

import typer

from estate.availability import AllTenantsRow, BudgetRow, ServiceRow, both_cases
from estate.availability import percent as exact_percent
from estate.language import Words
from tui.commands.show import emit_json
from tui.commands.speech import words_of
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.tenants import all_together
from tui.commands.wanted import AsJson

_COLUMNS = (
    Column("SERVICE"), Column("MONTH"), Column("VERDICT"), Column("DOWN", ">"),
    Column("UNKNOWN", ">"), Column("DEGRADED", ">"), Column("LIMIT", ">"), Column("LEFT", ">"),
    Column("BEST", ">"), Column("WORST", ">"), Column("NET", ">"), Column("BURN 1 H", ">"),
    Column("FAILOVERS", ">"), Column("AT WORST"),
)  # fmt: skip


#: The key of what all tenants lost together; no service is called so, for its brackets.
ANY_TENANT = "(any tenant)"


def budget(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show each service's month: lost, unseen, left, both cases, verdict, the worst forecast."""
    client = target_of(context).client()
    found = [row for row in client.get("/v1/services") if row.get("budget")]
    tenants = all_together(client)
    if as_json:
        budgets = [{"key": row["key"], **row["budget"]} for row in found]
        emit_json([*budgets, *({"key": ANY_TENANT, **row} for row in tenants)])
        return
    from estate.wire import from_json

    words, now = words_of(client), client.clock()
    rows = (from_json(ServiceRow, row) for row in found)
    shown = [_row(row.key, row.budget, now, words) for row in rows if row.budget is not None]
    shown += [_tenants(from_json(AllTenantsRow, row), words) for row in tenants if shown]
    emit_table(_COLUMNS, shown, words.say("the estate promises nothing of its services"), words)


def _tenants(said: AllTenantsRow, words: Words) -> tuple[Cell, ...]:
    """The time in which any tenant was without: nothing is promised of it."""
    from tui.paint.budgetwords import left
    from tui.paint.numbers import NONE

    nothing = Cell(NONE, "dim")
    return (
        Cell(words.say("(any tenant)"), "dim"),
        Cell(said.month, "dim"),
        nothing,
        Cell(left(said.down_ms)),
        Cell(left(said.unknown_ms), "unk" if said.unknown_ms else "dim"),
        *(nothing,) * 3,
        Cell(exact_percent(said.best)),
        Cell(exact_percent(said.worst)),
        *(nothing,) * 4,
    )


def _row(key: str, said: BudgetRow, now: int, words: Words) -> tuple[Cell, ...]:
    from tui.paint.budgetwords import VERDICT_ROLES, left, times, verdict, worst_forecast
    from tui.paint.numbers import NONE

    burn = said.burn.get("1h")
    return (
        Cell(key, "strong"),
        Cell(said.month, "dim"),
        Cell(verdict(said.verdict, words), VERDICT_ROLES.get(said.verdict, "text")),
        Cell(left(said.down_ms)),
        Cell(left(said.unknown_ms), "unk" if said.unknown_ms else "dim"),
        Cell(left(said.degraded_ms), "text" if said.degraded_ms else "dim"),
        Cell(left(said.limit_ms), "dim"),
        Cell(left(said.left_best_ms)),
        Cell(exact_percent(said.best)),
        Cell(exact_percent(said.worst)),
        Cell(exact_percent(said.net_best), "dim"),
        Cell(NONE if burn is None else times(burn)),
        Cell(failovers_cell(said)),
        Cell(worst_forecast(said, now, words), "dim"),
    )


def failovers_cell(said: BudgetRow) -> str:
    """How many more the limit bears: the next column's worst is another thing."""
    from tui.paint.numbers import NONE, count

    if said.failovers_left is None:
        return NONE
    return both_cases(count(said.failovers_left), count(said.failovers_at_worst))
