"""`twinwatch tenants`: each tenant's month over all services that serve it, the worst off first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import typer

from estate.availability import AllTenantsRow, TenantRow
from estate.availability import percent as exact_percent
from estate.language import Words
from tui.commands.show import emit_json
from tui.commands.speech import words_of
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson
from watch.client import Client
from watch.error import WatchError

_COLUMNS = (
    Column("TENANT"), Column("NAME"), Column("DOWN", ">"), Column("UNKNOWN", ">"),
    Column("BEST", ">"), Column("WORST", ">"), Column("SERVICES"), Column("GROUPS"),
)  # fmt: skip

#: How a watch refuses what it has never heard of; with --at it says that this has no past.
_NOT_ASKED_SO_FAR = (404, 400)


def tenants(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List tenants with their month: down, unseen, best and worst case, what they share."""
    client = target_of(context).client()
    found = client.get("/v1/tenants")
    if as_json:
        emit_json(found)
        return
    from estate.wire import from_json

    words = words_of(client)
    shown = [_row(from_json(TenantRow, row), words) for row in found]
    together = all_together(client) if found else ()
    shown += [_together(from_json(AllTenantsRow, row), words) for row in together]
    emit_table(_COLUMNS, shown, words.say("the estate names no tenants"), words)


def all_together(client: Client) -> Sequence[Any]:
    """What all tenants lost together, a row or none; none from a watch that was not restarted since
    the upgrade. Raises WatchError."""
    try:
        return cast("Sequence[Any]", client.get("/v1/tenants/all"))
    except WatchError as error:
        if error.status in _NOT_ASKED_SO_FAR:
            return ()
        raise


def _row(row: TenantRow, words: Words) -> tuple[Cell, ...]:
    from tui.paint.budgetwords import left

    return (
        Cell(row.key, "strong"),
        Cell(row.names.get(words.language) or row.name),
        Cell(left(row.down_ms)),
        Cell(left(row.unknown_ms), "unk" if row.unknown_ms else "dim"),
        Cell(exact_percent(row.best)),
        Cell(exact_percent(row.worst)),
        Cell(" ".join(row.services), "dim"),
        Cell(" ".join(row.groups), "dim"),
    )


def _together(row: AllTenantsRow, words: Words) -> tuple[Cell, ...]:
    from tui.paint.budgetwords import left

    return (
        Cell(words.say("(any)"), "dim"),
        Cell(words.say("while any of them is without"), "dim"),
        Cell(left(row.down_ms)),
        Cell(left(row.unknown_ms), "unk" if row.unknown_ms else "dim"),
        Cell(exact_percent(row.best)),
        Cell(exact_percent(row.worst)),
        Cell(""),
        Cell(""),
    )
