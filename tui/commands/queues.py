"""`twinwatch queues`: what waits, how it moves, and when it will be full or empty."""

from __future__ import annotations

import typer

from estate.language import Words
from estate.queuefields import QUEUE_FIELDS
from estate.queues import QueueRow
from tui.commands.show import emit_json
from tui.commands.speech import words_of
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, Where, checked_filter

_COLUMNS = (
    Column("QUEUE"), Column("SITE"), Column("STATE"), Column("DEPTH", ">"), Column("OLDEST", ">"),
    Column("PER MIN", ">"), Column("FORECAST"), Column("WHY"),
)  # fmt: skip


def queues(context: typer.Context, *, where: Where = "", as_json: AsJson = False) -> None:
    """List queues with their depth, their oldest entry, how they move, and what becomes of them."""
    checked_filter(where, QUEUE_FIELDS)
    client = target_of(context).client()
    rows = client.get("/v1/queues", {"where": where})
    if as_json:
        emit_json(rows)
        return
    from estate.wire import from_json

    words = words_of(client)
    shown = [_row(from_json(QueueRow, row), words) for row in rows]
    none = words.say("no queues are watched")
    if where:
        none = words.say("no queue matches {where!r}", where=where)
    emit_table(_COLUMNS, shown, none, words)


def _row(row: QueueRow, words: Words) -> tuple[Cell, ...]:
    from tui.paint.queuewords import change, depth, oldest, outlook, outlook_role, role

    loud = role(row) if row.state != "ok" else "text"
    return (
        Cell(row.name, "strong"),
        Cell(row.site, "dim"),
        Cell(words.say(row.state), loud),
        Cell(depth(row), loud),
        Cell(oldest(row), "dim"),
        Cell(change(row), "dim"),
        Cell("" if row.depth is None else outlook(row, words), outlook_role(row)),
        Cell(words.retold(row.why)),
    )
