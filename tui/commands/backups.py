"""`twinwatch backups`: the newest copy of each backup, the most overdue first."""

from __future__ import annotations

import typer

from estate.backups import BackupRow
from estate.language import Words
from estate.standingfields import BACKUP_FIELDS
from tui.commands.show import emit_json
from tui.commands.speech import words_of
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, Where, checked_filter

_COLUMNS = (
    Column("NAME"), Column("SITE"), Column("HOST"), Column("OLD", ">"), Column("WITHIN", ">"),
    Column("SIZE", ">"), Column("COPIES", ">"), Column("PLACE"), Column("AGE", ">"), Column("WHY"),
)  # fmt: skip


def backups(context: typer.Context, *, where: Where = "", as_json: AsJson = False) -> None:
    """List the newest copy of each backup, and how old it is."""
    checked_filter(where, BACKUP_FIELDS)
    client = target_of(context).client()
    rows = client.get("/v1/backups", {"where": where})
    if as_json:
        emit_json(rows)
        return
    from estate.wire import from_json

    now, words = client.clock(), words_of(client)
    empty = words.say("the estate names no backup")
    if where:
        empty = words.say("no backup matches {where!r}", where=where)
    found = [from_json(BackupRow, row) for row in rows]
    emit_table(_COLUMNS, [_row(row, now, words) for row in found], empty, words)


def _row(row: BackupRow, now: int, words: Words) -> tuple[Cell, ...]:
    from tui.paint.numbers import NONE, UNKNOWN, age, count, size
    from tui.paint.numbers import oldness as oldness_of

    old, within = row.age_ms(now), row.objective_ms
    late = old is not None and within is not None and old > within
    oldness = words.say("no copy") if row.copies == 0 else UNKNOWN
    return (
        Cell(row.name, "strong"),
        Cell(row.site),
        Cell(row.host),
        Cell(
            oldness if old is None else oldness_of(old),
            "crit b" if late or row.copies == 0 else "text",
        ),
        Cell(NONE if within is None else oldness_of(within), "dim"),
        Cell(size(row.size_bytes)),
        Cell(NONE if row.copies is None else count(row.copies), "dim"),
        Cell(row.place, "dim"),
        Cell(NONE if row.at is None else age(now - row.at), "dim"),
        Cell(row.gap),
    )
