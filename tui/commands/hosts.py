"""`twinwatch hosts`: a row a host."""

from __future__ import annotations

from typing import Annotated

import typer

from estate.document import HostRow
from estate.fields import HOST_FIELDS
from estate.samples import Reach
from estate.states import host_word
from tui.commands.show import emit_json
from tui.commands.speech import words_of
from tui.commands.tables import ROLES, Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, Where, checked_filter, hosts_like
from watch.error import SourceError

_COLUMNS = (
    Column("STATE"), Column("HOST"), Column("SITE"), Column("GROUPS"), Column("CPU %", ">"),
    Column("MEM %", ">"), Column("DISK %", ">"), Column("IN", ">"), Column("OUT", ">"),
    Column("AGE", ">"), Column("WHY"),
)  # fmt: skip


def hosts(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="HOST",
            help="All that is known of one.",
            show_default=False,
            autocompletion=hosts_like,
        ),
    ] = "",
    *,
    where: Where = "",
    as_json: AsJson = False,
) -> None:
    """List hosts, their state and last figures; or all that is known of one."""
    checked_filter(where, HOST_FIELDS)
    _check_name(name, where)
    client = target_of(context).client()
    if name:
        from tui.commands.host import show_host

        show_host(client, name, as_json=as_json)
        return
    rows = client.get("/v1/hosts", {"where": where})
    if as_json:
        emit_json(rows)
        return
    from estate.wire import from_json

    now, words = client.clock(), words_of(client)
    empty = words.say("the estate names no host")
    if where:
        empty = words.say("no host matches {where!r}", where=where)
    emit_table(_COLUMNS, [_row(from_json(HostRow, row), now) for row in rows], empty, words)


def _check_name(name: str, where: str) -> None:
    """A host is asked for by a name that can be one, and by nothing else."""
    if name and where:
        what, why = "two choices at once", "a host that is named needs no filter"
        raise SourceError(what, f"{name} and --where {where}", why, "drop one")
    if "/" in name:  # in a path of the watch's API it would ask for something else
        raise SourceError("no such host", name, "no name holds a /", "twinwatch hosts lists them")


def _row(row: HostRow, now: int) -> tuple[Cell, ...]:
    from tui.paint.numbers import NONE, age, percent, rate

    word = host_word(row, now, every_ms=0)  # the watch says itself which hosts are late
    state = row.severity.value if row.reach is Reach.LIVE else word
    # What an unreachable host last said is not what it says: the console shows none of it either.
    known = row.values if row.reach in (Reach.LIVE, Reach.LATE) else {}

    def figure(metric: str) -> Cell:
        return Cell(percent(known.get(metric)) if known else NONE)

    def flow(metric: str) -> Cell:
        return Cell(rate(known.get(metric)) if known else NONE)

    return (
        Cell(state, ROLES.get(state, "text")),
        Cell(row.name, "strong"),
        Cell(row.site),
        Cell(",".join(row.groups), "dim"),
        *(figure(metric) for metric in ("cpu", "mem", "disk")),
        *(flow(metric) for metric in ("net_in", "net_out")),
        Cell(NONE if row.at is None else age(now - row.at), "dim"),
        Cell(row.cause.what if row.cause else row.why),
    )
