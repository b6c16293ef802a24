"""`twinwatch handover`: offered by the outgoing engineer, answered and signed by the incoming."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from estate.handover import Answered, Handover
from estate.language import Words
from tui.commands.show import emit, emit_json
from tui.commands.speech import words_for
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, milliseconds
from watch.client import Client

handover = typer.Typer(
    help="A change of shift: offer what is open, take it item by item, sign for it.",
    rich_markup_mode=None,
    add_completion=False,
)

#: A snapshot is frozen for it: the watch reads its records and the journals of runs.
_PATIENCE_SECONDS = 60.0

Name = Annotated[str, typer.Argument(metavar="[ID]", help="The last one if not said.")]
Items = Annotated[
    list[str] | None,
    typer.Option("--item", metavar="ITEM", help="Which; all that nothing was said of."),
]
Why = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why, for the record.", show_default=False)
]

_LIST = (
    Column("ID"), Column("OFFERED"), Column("BY"), Column("ITEMS", ">"), Column("OPEN", ">"),
    Column("OWNER"), Column("STATE"),
)  # fmt: skip
_ITEMS = (
    Column("ITEM"), Column("WHERE"), Column("WHAT"), Column("ANSWER"), Column("BY"),
    Column("REASON"),
)  # fmt: skip


@handover.command()
def offer(
    context: typer.Context,
    *,
    since: Annotated[
        str, typer.Option(metavar="AGE", help="From so long ago; else the shift's start.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Freeze what is known now and offer it to the next shift; you own it until they sign."""
    from watch.clock import now_ms

    start = now_ms() - milliseconds(since, "--since") if since else None
    asked = target_of(context).client()
    patient = Client(asked.socket, _PATIENCE_SECONDS, at=asked.at)
    said = patient.post("/v1/handovers", {"start": start})
    if as_json:
        emit_json(said)
        return
    offered = said["offered"]
    many = len(offered.get("items", ()))
    emit(f"{offered['id']}: {many} items, sha256 {offered['sha256']}")
    emit("the incoming engineer reads it: twinwatch handover show --document > handover.json")


@handover.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List changes of shift, the newest first."""
    client = target_of(context).client()
    rows = client.get("/v1/handovers")
    if as_json:
        emit_json(rows)
        return
    from estate.wire import from_json

    estate = client.get("/v1/estate")
    zone, words = estate["timezone"], words_for(estate.get("language", ""))
    told = [_row(from_json(Handover, row), zone, words) for row in rows]
    emit_table(_LIST, told, words.say("nothing was handed over yet"), words)


@handover.command()
def show(
    context: typer.Context,
    name: Name = "last",
    *,
    document: Annotated[
        bool, typer.Option("--document", help="The frozen document itself, as JSON.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show every item of a handover and what was said of it; or the document that it is about."""
    client = target_of(context).client()
    if document:
        _emit_document(client, name)
        return
    known = _one(client, name)
    if as_json:
        emit_json(known)
        return
    from estate.wire import from_json

    estate = client.get("/v1/estate")
    words = words_for(estate.get("language", ""))
    found = from_json(Handover, known)
    answers = {each.item: each for each in found.answers}
    told = [
        (
            Cell(each.id, "strong"),
            Cell(each.where),
            Cell(each.what),
            *_answer(answers.get(each.id), words),
        )
        for each in found.offered.items
    ]
    emit(f"{found.offered.id}  sha256 {found.offered.sha256}")
    emit_table(_ITEMS, told, words.say("nothing is open"), words)


@handover.command()
def accept(
    context: typer.Context, name: Name = "last", *, item: Items = None, why: Why = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Accept items: they will be yours once you sign."""
    _answered(context, name, "accepted", item, why, as_json=as_json)


@handover.command()
def question(
    context: typer.Context, name: Name = "last", *, item: Items = None, why: Why = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Question items, and say what is not clear."""
    _answered(context, name, "questioned", item, why, as_json=as_json)


@handover.command()
def refuse(
    context: typer.Context, name: Name = "last", *, item: Items = None, why: Why = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Refuse items, and say why."""
    _answered(context, name, "refused", item, why, as_json=as_json)


@handover.command()
def sign(context: typer.Context, name: Name = "last", *, as_json: AsJson = False) -> None:
    """Take a handover over: you sign the hash of its document, which is computed here anew."""
    from snapshots.reading import sha256, snapshot_from

    client = target_of(context).client()
    made = snapshot_from(client.get(f"/v1/handovers/{quote(name, safe='')}"))
    path = f"/v1/handovers/{quote(made.id, safe='')}/sign"
    said = client.post(path, {"sha256": sha256(made)})
    if as_json:
        emit_json(said)
    else:
        emit(f"{made.id}: signed by {said['signed']['by']}, sha256 {said['signed']['sha256']}")


def _answered(
    context: typer.Context,
    name: str,
    answer: str,
    items: list[str] | None,
    why: str,
    *,
    as_json: bool,
) -> None:
    client = target_of(context).client()
    path = f"/v1/handovers/{quote(name, safe='')}/answer"
    said = client.post(path, {"answer": answer, "items": items or [], "why": why})
    if as_json:
        emit_json(said)
        return
    known = {each["item"] for each in said.get("answers", ())}
    left = [each for each in said["offered"].get("items", ()) if each["id"] not in known]
    done = "all are answered: twinwatch handover sign" if not left else f"{len(left)} are left"
    emit(f"{said['offered']['id']}: {answer}; {done}")


def _one(client: Client, name: str) -> Any:
    """A handover as it stands; raises SourceError when there is none of that id."""
    from watch.error import SourceError

    rows = client.get("/v1/handovers")
    for row in rows:
        if name in ("last", row["offered"]["id"]):
            return row
    do = "twinwatch handover list has them"
    raise SourceError("no such handover", name, "there is none of that id", do)


def _emit_document(client: Client, name: str) -> None:
    from snapshots.reading import snapshot_bytes, snapshot_from
    from tui.commands.show import emit_piece

    made = snapshot_from(client.get(f"/v1/handovers/{quote(name, safe='')}"))
    emit_piece(snapshot_bytes(made).decode())


def _row(known: Handover, zone: str, words: Words) -> tuple[Cell, ...]:
    from tui.paint.numbers import moment
    from watch.clock import now_ms

    now = now_ms()
    if known.signed is not None:
        state, role = words.say("signed"), "good"
    elif known.superseded:
        state, role = words.say("superseded"), "dim"
    elif known.overdue(now):
        state, role = words.say("overdue"), "crit"
    else:
        state, role = words.say("offered"), "warn"
    return (
        Cell(known.offered.id, "strong"),
        Cell(moment(known.offered.at, now, zone, words)),
        Cell(known.offered.by),
        Cell(str(len(known.offered.items))),
        Cell(str(len(known.unanswered))),
        Cell(known.owner),
        Cell(state, role),
    )


def _answer(said: Answered | None, words: Words) -> tuple[Cell, Cell, Cell]:
    if said is None:
        return Cell("–", "dim"), Cell(""), Cell("")
    role = "good" if said.answer.value == "accepted" else "warn"
    return Cell(said.answer.value, role), Cell(said.by), Cell(said.why, "dim")
