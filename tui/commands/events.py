"""`twinwatch events`: what happened, newest first."""

from __future__ import annotations

from typing import Annotated

import typer

from estate.document import Event
from estate.fields import EVENT_FIELDS
from estate.language import Words
from tui.commands.show import emit_json
from tui.commands.speech import words_for
from tui.commands.tables import ROLES, Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, Where, checked_filter, milliseconds

_COLUMNS = (Column("TIME"), Column("SEVERITY"), Column("WHERE"), Column("WHAT"))


def events(
    context: typer.Context,
    *,
    where: Where = "",
    since: Annotated[
        str, typer.Option(metavar="AGE", help="Not older than this: 1h, 7d.", show_default=False)
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=5000, help="How many at most.")] = 200,
    as_json: AsJson = False,
) -> None:
    """List what happened, newest first, from the records."""
    from watch.clock import now_ms

    checked_filter(where, EVENT_FIELDS)
    now = now_ms()
    start = now - milliseconds(since, "--since") if since else 0
    client = target_of(context).client()
    rows = client.get("/v1/events", {"since": start, "limit": limit, "where": where})
    if as_json:
        emit_json(rows)
        return
    from estate.wire import from_json

    estate = client.get("/v1/estate")
    zone, words = estate["timezone"], words_for(estate.get("language", ""))
    empty = words.say("no events")
    if where:
        empty = words.say("no event matches {where!r}", where=where)
    told = [_row(from_json(Event, row), now, zone, words) for row in rows]
    emit_table(_COLUMNS, told, empty, words)


def _row(event: Event, now: int, zone: str, words: Words) -> tuple[Cell, ...]:
    from tui.paint.numbers import moment

    severity = event.severity.value
    return (
        Cell(moment(event.at, now, zone, words), "dim"),
        Cell(severity, ROLES[severity]),
        Cell(event.where, "strong"),
        Cell(words.retold(event.what)),
    )
