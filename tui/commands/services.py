"""`twinwatch services`: how each service is, since when and why, and what is left of its month."""

from __future__ import annotations

import typer

from estate.availability import ServiceRow
from estate.language import Words
from tui.commands.show import emit_json
from tui.commands.speech import words_of
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson

_COLUMNS = (
    Column("SERVICE"), Column("NAME"), Column("STATE"), Column("SINCE", ">"), Column("MS", ">"),
    Column("LEFT", ">"), Column("WHY"),
)  # fmt: skip


def services(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List services with their state, and what is left of each one's budget this month."""
    client = target_of(context).client()
    rows = client.get("/v1/services")
    if as_json:
        emit_json(rows)
        return
    from estate.wire import from_json

    now, words = client.clock(), words_of(client)
    shown = [_row(from_json(ServiceRow, row), now, words) for row in rows]
    emit_table(_COLUMNS, shown, words.say("the estate names no services"), words)


def _row(row: ServiceRow, now: int, words: Words) -> tuple[Cell, ...]:
    from tui.paint.budgetwords import ROLES, left, name, state
    from tui.paint.numbers import NONE, age

    return (
        Cell(row.key, "strong"),
        Cell(name(row, words)),
        Cell(state(row.state, words), ROLES.get(row.state, "text")),
        Cell(NONE if row.since is None else age(now - row.since), "dim"),
        Cell(NONE if row.milliseconds is None else f"{row.milliseconds:.1f}", "dim"),
        Cell(NONE if row.budget is None else left(row.budget.left_best_ms)),
        Cell(row.cause),
    )
