"""`twinwatch certs`: every certificate, in files and as served, the first to expire first."""

from __future__ import annotations

import typer

from estate.certificates import CertificateRow
from estate.language import Words
from estate.standingfields import CERTIFICATE_FIELDS
from tui.commands.show import emit_json
from tui.commands.speech import words_of
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, Where, checked_filter

_COLUMNS = (
    Column("LEFT", ">"), Column("NAME"), Column("SITE"), Column("HOST"), Column("SOURCE"),
    Column("PLACE"), Column("SERIAL"), Column("UNTIL"), Column("ISSUER"), Column("AGE", ">"),
    Column("WHY"),
)  # fmt: skip


def certs(context: typer.Context, *, where: Where = "", as_json: AsJson = False) -> None:
    """List certificates, in files and as they are served, the first to expire first."""
    checked_filter(where, CERTIFICATE_FIELDS)
    client = target_of(context).client()
    rows = client.get("/v1/certificates", {"where": where})
    if as_json:
        emit_json(rows)
        return
    from estate.wire import from_json
    from tui.paint.certificates import first_to_expire

    now, words = client.clock(), words_of(client)
    estate = client.get("/v1/estate")
    found = first_to_expire([from_json(CertificateRow, row) for row in rows])
    empty = words.say("the estate names no certificate")
    if where:
        empty = words.say("no certificate matches {where!r}", where=where)
    emit_table(_COLUMNS, [_row(row, now, estate["timezone"], words) for row in found], empty, words)


def _row(row: CertificateRow, now: int, zone: str, words: Words) -> tuple[Cell, ...]:
    from tui.paint.cells import tail
    from tui.paint.certificates import days, role_of
    from tui.paint.numbers import NONE, UNKNOWN, age, day

    left = row.left_ms(now)
    return (
        Cell(UNKNOWN if left is None else days(left, words), role_of(left)),
        Cell(row.name, "strong"),
        Cell(row.site),
        Cell(row.host),
        Cell(row.source),
        Cell(row.place, "dim"),
        Cell(tail(row.serial, 12), "dim"),
        Cell(NONE if row.not_after is None else day(row.not_after, zone, words)),
        Cell(row.issuer, "dim"),
        Cell(NONE if row.at is None else age(now - row.at), "dim"),
        Cell(row.gap),
    )
