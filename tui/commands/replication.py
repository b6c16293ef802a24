"""`twinwatch replication`: database servers, their standbys, and how far these are behind."""

from __future__ import annotations

import typer

from estate.language import Words
from estate.replication import ReplicationRow
from estate.standingfields import REPLICATION_FIELDS
from tui.commands.show import emit_json
from tui.commands.speech import words_of
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, Where, checked_filter

_COLUMNS = (
    Column("HOST"), Column("SITE"), Column("SYSTEM"), Column("ROLE"), Column("PEER"),
    Column("STATE"), Column("SYNC"), Column("BEHIND", ">"), Column("BYTES", ">"),
    Column("AGE", ">"), Column("WHY"),
)  # fmt: skip


def replication(context: typer.Context, *, where: Where = "", as_json: AsJson = False) -> None:
    """List database servers, their standbys, and how far these are behind."""
    checked_filter(where, REPLICATION_FIELDS)
    client = target_of(context).client()
    rows = client.get("/v1/replication", {"where": where})
    if as_json:
        emit_json(rows)
        return
    from estate.wire import from_json

    now, words = client.clock(), words_of(client)
    empty = words.say("the estate has no host asked for its replication")
    if where:
        empty = words.say("no server matches {where!r}", where=where)
    found = [from_json(ReplicationRow, row) for row in rows]
    emit_table(_COLUMNS, [cells for row in found for cells in _rows(row, now, words)], empty, words)


def _rows(row: ReplicationRow, now: int, words: Words) -> list[tuple[Cell, ...]]:
    """A line a stream, and one for a server that has none."""
    from tui.paint.numbers import NONE, UNKNOWN, age, decimal, size

    whose = (
        Cell(row.host, "strong"),
        Cell(row.site),
        Cell(row.system),
        Cell(row.role or UNKNOWN),
    )
    end = (Cell(NONE if row.at is None else age(now - row.at), "dim"), Cell(row.gap))
    if not row.streams:
        return [(*whose, *(Cell(NONE, "dim") for _ in range(5)), *end)]
    return [
        (
            *whose,
            Cell(each.peer),
            Cell(each.state, "text" if each.flowing else "crit b"),
            Cell(each.sync, "dim"),
            Cell(f"{decimal(each.lag_seconds)} s" if each.lag_seconds is not None else UNKNOWN),
            Cell(size(each.lag_bytes), "dim"),
            *end,
        )
        for each in row.streams
    ]
