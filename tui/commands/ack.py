"""`twinwatch ack`: say that you have a problem, why, and for how long; or who has which."""

from __future__ import annotations

from typing import Annotated

import typer

from estate.attention import Acknowledgement
from estate.language import Words
from tui.commands.show import emit, emit_json
from tui.commands.speech import words_for
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, For, Reason, milliseconds, problems_like, required

_COLUMNS = (
    Column("PROBLEM"), Column("SEVERITY"), Column("WHO"), Column("UNTIL"), Column("REASON"),
)  # fmt: skip


def ack(
    context: typer.Context,
    problem: Annotated[str, typer.Argument(metavar="[PROBLEM]", autocompletion=problems_like)] = "",
    *,
    reason: Reason = "",
    for_: For = "",
    as_json: AsJson = False,
) -> None:
    """Acknowledge a problem, by its id of `problems`: you have it. Without one, list who has which.

    It returns to everybody, as new, when the time is up or when it gets worse.
    """
    if problem:
        required(reason, "--reason", "say why: it is for the record, and for who looks at it next")
        span = milliseconds(required(for_, "--for", "nothing is quiet for ever: 2h"), "--for")
        client = target_of(context).client()
        body = {"problem": problem, "reason": reason, "for_ms": span}
        zone = "" if as_json else client.get("/v1/estate")["timezone"]  # a failure is before it
        said = client.post("/v1/acknowledgements", body)
        if as_json:
            emit_json(said)
        else:
            emit(f"{said['problem']}: {said['owner']} has it until {_when(said['until'], zone)}")
        return
    client = target_of(context).client()
    rows = client.get("/v1/acknowledgements")
    if as_json:
        emit_json(rows)
        return
    from estate.wire import from_json

    estate = client.get("/v1/estate")
    zone, words = estate["timezone"], words_for(estate.get("language", ""))
    told = [_row(from_json(Acknowledgement, row), zone, words) for row in rows]
    emit_table(_COLUMNS, told, words.say("nobody has acknowledged anything"), words)


def _row(said: Acknowledgement, zone: str, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(said.problem, "strong"),
        Cell(said.severity),
        Cell(said.owner),
        Cell(_when(said.until, zone, words)),
        Cell(said.reason, "dim"),
    )


def _when(at: int, zone: str, words: Words | None = None) -> str:
    from estate.language import ENGLISH
    from tui.paint.numbers import moment
    from watch.clock import now_ms

    return moment(at, now_ms(), zone, words or ENGLISH)
