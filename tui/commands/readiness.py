"""`twinwatch readiness`: could each service move to its other site now, and every reason why not.

It ends with 0 where every service that was asked for is ready, with 1 where one is not, and with 3
where that is not known, of one or of all: unknown is never ready.
"""

from __future__ import annotations

from typing import Annotated

import typer

from estate.language import Words
from estate.readiness import FindingRow, ReadinessRow, Verdict
from tui.commands.show import emit_json
from tui.commands.speech import words_of
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson
from watch.client import Client
from watch.error import WatchError

NOT_READY, NOT_KNOWN = 1, 3

_SERVICES = (
    Column("SERVICE"), Column("READY"), Column("TO"), Column("P50", ">"), Column("P90", ">"),
    Column("LIMIT", ">"), Column("LAST DONE", ">"), Column("TOOK", ">"), Column("REASON"),
)  # fmt: skip
_FINDINGS = (
    Column("BEARING"), Column("ASKED"), Column("FOUND"), Column("BY"), Column("AGE", ">"),
    Column("REMEDY"),
)  # fmt: skip


def readiness(
    context: typer.Context,
    service: Annotated[
        str, typer.Argument(metavar="[SERVICE]", help="All about one.", show_default=False)
    ] = "",
    *,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask its hosts now; nothing is changed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List which services could move to their other site now, within the time promised.

    Exit status: 0 all are ready, 1 one is not, 3 it is not known.
    """
    client = target_of(context).client()
    found = _found(client, service, ask=ask)
    rows = [row for _, row in found]
    if as_json:
        emit_json([raw for raw, _ in found])
    else:
        _emit(rows, client, one=bool(service))
    raise typer.Exit(_status(rows))


def _found(
    client: Client, service: str, *, ask: bool
) -> list[tuple[dict[str, object], ReadinessRow]]:
    """The rows as they came, and as values."""
    from estate.wire import from_json

    if ask:
        wanted = [service] if service else [row["key"] for row in client.get("/v1/readiness")]
        for key in wanted:
            client.post("/v1/readiness/ask", {"service": key})
    rows = client.get("/v1/readiness")
    if service:
        rows = [row for row in rows if row["key"] == service]
        if not rows:
            why = "it is none of those that are meant to move"
            do = "twinwatch readiness lists them"
            raise WatchError("no such service", service, why, do, status=404)
    return [(row, from_json(ReadinessRow, row)) for row in rows]


def _status(rows: list[ReadinessRow]) -> int:
    verdicts = {row.verdict for row in rows}
    if Verdict.NOT_READY in verdicts:
        return NOT_READY
    return 0 if verdicts == {Verdict.READY} else NOT_KNOWN


def _emit(rows: list[ReadinessRow], client: Client, *, one: bool) -> None:
    now, words = client.clock(), words_of(client)
    empty = words.say("nothing is known yet of a service that is meant to move")
    emit_table(_SERVICES, [_service(row, now, words) for row in rows], empty, words)
    for row in rows if one else ():
        emit_table(_FINDINGS, [_finding(each, now, words) for each in row.findings], "", words)


def _service(row: ReadinessRow, now: int, words: Words) -> tuple[Cell, ...]:
    from tui.paint.numbers import NONE, age
    from tui.paint.readywords import VERDICT_ROLES, VERDICTS, span, why

    said = why(row.against[0], words) if row.against else ""
    return (
        Cell(row.key, "strong"),
        Cell(words.say(VERDICTS[row.verdict]), VERDICT_ROLES[row.verdict]),
        Cell(row.to),
        Cell(span(row.p50_ms)),
        Cell(span(row.p90_ms)),
        Cell(span(row.limit_ms), "dim"),
        Cell(NONE if row.done_at is None else age(now - row.done_at), "dim"),
        Cell(span(row.took_ms)),
        Cell(said),
    )


def _finding(each: FindingRow, now: int, words: Words) -> tuple[Cell, ...]:
    from tui.paint.numbers import NONE, age
    from tui.paint.readywords import BEARING_GLYPHS, BEARINGS

    return (
        Cell(words.say(BEARINGS[each.bearing]), BEARING_GLYPHS[each.bearing].role),
        Cell(words.retold(each.asked)),
        Cell(words.retold(each.said)),
        Cell(each.source, "dim"),
        Cell(NONE if each.at is None else age(now - each.at), "dim"),
        Cell(words.retold(each.todo)),
    )
