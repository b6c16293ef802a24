"""`twinwatch patches`: what waits to be installed, the most exposed hosts first."""

from __future__ import annotations

import typer

from estate.language import Words
from estate.patches import PatchRow
from estate.standingfields import PATCH_FIELDS
from tui.commands.show import emit_json
from tui.commands.speech import words_of
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, Where, checked_filter

_COLUMNS = (
    Column("HOST"), Column("SITE"), Column("SECURITY", ">"), Column("PENDING", ">"),
    Column("RESTART"), Column("APPLIED", ">"), Column("LISTS", ">"), Column("RELEASE"),
    Column("STATE"), Column("AGE", ">"), Column("WHY"),
)  # fmt: skip


def patches(context: typer.Context, *, where: Where = "", as_json: AsJson = False) -> None:
    """List what waits to be installed on each host, security first."""
    checked_filter(where, PATCH_FIELDS)
    client = target_of(context).client()
    rows = client.get("/v1/patches", {"where": where})
    if as_json:
        emit_json(rows)
        return
    from estate.wire import from_json
    from tui.paint.patches import most_exposed

    now, words = client.clock(), words_of(client)
    found = most_exposed([from_json(PatchRow, row) for row in rows])
    empty = words.say("the estate has no host asked for its packages")
    if where:
        empty = words.say("no host matches {where!r}", where=where)
    emit_table(_COLUMNS, [_row(row, now, words) for row in found], empty, words)


def _row(row: PatchRow, now: int, words: Words) -> tuple[Cell, ...]:
    from tui.paint.numbers import NONE, age, count
    from tui.paint.patches import due

    def since(at: int | None) -> str:
        return NONE if at is None else age(now - at)

    return (
        Cell(row.host, "strong"),
        Cell(row.site),
        Cell(count(row.security), "warn" if row.security else "text"),
        Cell(count(row.pending)),
        Cell(due(row.reboot, words), "warn" if row.reboot else "dim"),
        Cell(since(row.applied_at), "dim"),
        Cell(since(row.listed_at), "dim"),
        Cell(row.release, "dim"),
        Cell(row.installed, "dim"),
        Cell(since(row.at), "dim"),
        Cell(row.gap),
    )
