"""`twinwatch problems`: what is wrong, worst first, consequences under their causes."""

from __future__ import annotations

import typer

from estate.document import Problem
from estate.fields import PROBLEM_FIELDS
from estate.language import Words
from tui.commands.show import emit_json
from tui.commands.speech import words_for
from tui.commands.tables import ROLES, Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, Where, checked_filter

_COLUMNS = (
    Column("SEVERITY"), Column("WHERE"), Column("SINCE", ">"), Column("WHO"), Column("UNTIL"),
    Column("ID"), Column("WHAT — WHY"),
)  # fmt: skip


def problems(context: typer.Context, *, where: Where = "", as_json: AsJson = False) -> None:
    """List what is wrong, worst first, consequences under their causes."""
    checked_filter(where, PROBLEM_FIELDS)
    client = target_of(context).client()
    rows = client.get("/v1/problems", {"where": where})
    if as_json:
        emit_json(rows)
        return
    from estate.wire import from_json

    estate = client.get("/v1/estate")
    now, zone, words = client.clock(), estate["timezone"], words_for(estate.get("language", ""))
    empty = words.say("no problems")
    if where:
        empty = words.say("no problem matches {where!r}", where=where)
    told = [_row(from_json(Problem, row), now, zone, words) for row in rows]
    emit_table(_COLUMNS, told, empty, words)


def _row(problem: Problem, now: int, zone: str, words: Words) -> tuple[Cell, ...]:
    from tui.paint.numbers import age, moment

    severity = problem.severity.value
    # A consequence is told by its indentation, and counts under its cause.
    where = f"  {problem.where}" if problem.parent else problem.where
    return (
        Cell(severity, "dim" if problem.parent else ROLES[severity]),
        Cell(where, "dim" if problem.parent else "strong"),
        Cell(age(now - problem.since), "dim"),
        Cell(problem.owner or _nobody(problem, words), "text" if problem.owner else "warn"),
        Cell("" if problem.until is None else moment(problem.until, now, zone, words), "dim"),
        Cell(problem.id, "dim"),
        Cell(" — ".join(words.retold(each) for each in (problem.what, problem.why) if each)),
    )


def _nobody(problem: Problem, words: Words) -> str:
    """Of what came back from somebody's hands it is said: nobody may know of it."""
    return words.say("nobody") if problem.returned is None else words.say("returned")
