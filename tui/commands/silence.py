"""`twinwatch silence`: problems that wake nobody for a while; or which there are."""

from __future__ import annotations

from typing import Annotated

import typer

from estate.attention import Silence
from estate.fields import PROBLEM_FIELDS
from estate.language import Words
from tui.commands.show import emit, emit_json
from tui.commands.speech import words_for
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, For, Reason, checked_filter, milliseconds, required

_COLUMNS = (Column("ID"), Column("WHERE"), Column("WHO"), Column("UNTIL"), Column("REASON"))


def silence(
    context: typer.Context,
    *,
    where: Annotated[
        str, typer.Option("--where", metavar="FILTER", help="The problems that it is about.")
    ] = "",
    reason: Reason = "",
    for_: For = "",
    as_json: AsJson = False,
) -> None:
    """Silence the problems that a filter selects. Without one, list the silences that hold.

    They stay counted, are never green, and return as new when the time is up. A problem of several
    hosts is silenced where the filter selects each of them.
    """
    if where or reason or for_:
        required(where, "--where", "say which problems: 'site:recovery kind:disk'")
        checked_filter(where, PROBLEM_FIELDS)
        required(reason, "--reason", "say why: it is for the record, and for who looks at it next")
        span = milliseconds(required(for_, "--for", "nothing is quiet for ever: 2h"), "--for")
        client = target_of(context).client()
        said = client.post("/v1/silences", {"where": where, "reason": reason, "for_ms": span})
        if as_json:
            emit_json(said)
        else:
            emit(f"{said['id']} silences {said['where']}; twinwatch unsilence {said['id']} ends it")
        return
    client = target_of(context).client()
    rows = client.get("/v1/silences")
    if as_json:
        emit_json(rows)
        return
    from estate.wire import from_json

    estate = client.get("/v1/estate")
    zone, words = estate["timezone"], words_for(estate.get("language", ""))
    told = [_row(from_json(Silence, row), zone, words) for row in rows]
    emit_table(_COLUMNS, told, words.say("nothing is silenced"), words)


def _row(said: Silence, zone: str, words: Words) -> tuple[Cell, ...]:
    from tui.paint.numbers import moment
    from watch.clock import now_ms

    return (
        Cell(said.id, "strong"),
        Cell(said.where),
        Cell(said.owner),
        Cell(moment(said.until, now_ms(), zone, words)),
        Cell(said.reason, "dim"),
    )
