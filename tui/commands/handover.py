"""`twinwatch handover`: offered by the outgoing engineer, answered and signed by the incoming."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from estate.handover import Answer, Handover, Item
from estate.language import Words, later
from tui.commands.show import emit, emit_json
from tui.commands.speech import words_for, words_of
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
#: Who answers or signs says what they have read: another may have been offered since.
Read = Annotated[str, typer.Argument(metavar="ID", help="The one that you read.")]
Items = Annotated[
    list[str] | None,
    typer.Option("--item", metavar="ITEM", help="Which; else all that is left."),
]
Why = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why, for the record.", show_default=False)
]

_LIST = (
    Column("ID"), Column("OFFERED"), Column("BY"), Column("ITEMS", ">"), Column("OPEN", ">"),
    Column("OWNER"), Column("STATE"),
)  # fmt: skip
_ITEMS = (
    Column("ITEM"), Column("WHERE"), Column("WHAT"), Column("OWNER"), Column("ANSWER"),
    Column("BY"), Column("REASON"),
)  # fmt: skip
_TALK = (Column("TIME"), Column("ITEM"), Column("BY"), Column("ANSWER"), Column("REASON"))
_ANSWERS = {
    Answer.ACCEPTED: later("accepted"),
    Answer.QUESTIONED: later("questioned"),
    Answer.REFUSED: later("refused"),
}


@handover.command()
def offer(
    context: typer.Context,
    *,
    since: Annotated[
        str, typer.Option(metavar="AGE", help="From so long ago; else the shift's start.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent, to whom; offer nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Freeze what is known now and offer it to the next shift; you own it until they sign.

    With --dry-run nothing is offered or sent: it shows the letter that each target would get.
    """
    from watch.clock import now_ms

    start = now_ms() - milliseconds(since, "--since") if since else None
    asked = target_of(context).client()
    words = None if as_json else words_of(asked)
    body = {"start": start, "dry_run": dry_run}
    said = asked.patient(_PATIENCE_SECONDS).post("/v1/handovers", body)
    if words is None:
        emit_json(said)
        return
    if dry_run:
        _tell_letters(said, words)
        return
    offered = said["offered"]
    many = len(offered.get("items", ()))
    emit(words.say_many("{handover}: {count:,} item, sha256 {sha256}",
                        "{handover}: {count:,} items, sha256 {sha256}", many,
                        handover=offered["id"], sha256=offered["sha256"]))  # fmt: skip
    read = f"twinwatch handover show {offered['id']}"
    emit(words.say("the incoming engineer reads it: {command}", command=read))


def _tell_letters(rows: list[dict[str, Any]], words: Words) -> None:
    from tui.paint.numbers import size

    for row in rows:
        emit(f"{row['target']} ({row['service']})")
        for line in (row["title"], *row["body"].splitlines()):
            emit(f"    {line}")
        if file := row.get("attachment"):
            emit("    " + words.say("with {file} ({kind}, {size})", file=file["name"],
                           kind=file["kind"], size=size(file["bytes"])))  # fmt: skip
    if not rows:
        emit(words.say("nobody is sent handovers: no handovers: in notify.yaml"))
    emit(words.say("nothing was offered or sent"))


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
    told = [_item(found, each, words) for each in found.offered.items]
    emit(f"{found.offered.id}  sha256 {found.offered.sha256}")
    emit_table(_ITEMS, told, words.say("nothing is open"), words)
    _emit_talk(found, estate["timezone"], words)
    if found.signed is None and not found.superseded:
        todo = f"twinwatch handover accept {found.offered.id}, then sign"
        emit(words.say("to take it over: {command}", command=todo))


@handover.command()
def accept(
    context: typer.Context, name: Read, *, item: Items = None, why: Why = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Accept items: they will be yours once you sign."""
    _answered(context, name, "accepted", item, why, as_json=as_json)


@handover.command()
def question(
    context: typer.Context, name: Read, *, item: Items = None, why: Why = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Question items, and say what is not clear."""
    _answered(context, name, "questioned", item, why, as_json=as_json)


@handover.command()
def refuse(
    context: typer.Context, name: Read, *, item: Items = None, why: Why = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Refuse items, and say why."""
    _answered(context, name, "refused", item, why, as_json=as_json)


@handover.command()
def sign(context: typer.Context, name: Read, *, as_json: AsJson = False) -> None:
    """Take a handover over: you sign the hash of its document, which is computed here anew."""
    from snapshots.reading import read_snapshot, sha256_of

    client = target_of(context).client()
    content = _document(client, name)
    read_snapshot(content)  # nobody signs what can't be shown
    words = None if as_json else words_of(client)
    path = f"/v1/handovers/{quote(name, safe='')}/sign"
    said = client.post(path, {"sha256": sha256_of(content)})
    if words is None:
        emit_json(said)
        return
    signed = said["signed"]
    emit(words.say("{handover}: signed by {person}, sha256 {sha256}", handover=name,
                   person=signed["by"], sha256=signed["sha256"]))  # fmt: skip
    for each in said.get("answers", ()):
        if each["answer"] == "refused":
            emit(words.say("{item} was refused: it stays with {person}", item=each["item"],
                           person=said["offered"]["by"]))  # fmt: skip


@handover.command()
def reply(
    context: typer.Context, name: Read, text: Annotated[str, typer.Argument(metavar="TEXT")], *,
    item: Annotated[
        list[str] | None,
        typer.Option("--item", metavar="ITEM", help="Which; all that was questioned or refused."),
    ] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Reply to what was questioned or refused; it stands beside it, also in a later handover."""
    client = target_of(context).client()
    path = f"/v1/handovers/{quote(name, safe='')}/reply"
    words = None if as_json else words_of(client)
    said = client.post(path, {"text": text, "items": item or []})
    if words is None:
        emit_json(said)
    else:
        emit(words.say("{handover}: replied", handover=name))


def _answered(
    context: typer.Context,
    name: str,
    answer: str,
    items: list[str] | None,
    why: str,
    *,
    as_json: bool,
) -> None:
    from estate.wire import from_json

    client = target_of(context).client()
    path = f"/v1/handovers/{quote(name, safe='')}/answer"
    words = None if as_json else words_of(client)
    said = client.post(path, {"answer": answer, "items": items or [], "why": why})
    if words is None:
        emit_json(said)
        return
    known = from_json(Handover, said)
    # Who spoke last is who asks; they sign once they have said something of every item themselves.
    left = known.left_for(known.answers[-1].by) if known.answers else ()
    done = words.say("all are answered: {command}", command=f"twinwatch handover sign {name}")
    if left:
        done = words.say_many("{count:,} is left", "{count:,} are left", len(left))
    word = words.say(_ANSWERS[Answer(answer)])
    emit(words.say("{handover}: {answer}; {done}", handover=name, answer=word, done=done))


def _one(client: Client, name: str) -> Any:
    """A handover as it stands; raises SourceError when there is none of that id."""
    from watch.error import SourceError

    rows = client.get("/v1/handovers", {"limit": 1 if name == "last" else None})
    for row in rows:
        if name in ("last", row["offered"]["id"]):
            return row
    do = "twinwatch handover list has them"
    raise SourceError("no such handover", name, "there is none of that id", do)


def _document(client: Client, name: str) -> bytes:
    """The document as it was received, which is what its hash is of."""
    return "".join(client.pieces(f"/v1/handovers/{quote(name, safe='')}", {})).encode()


def _emit_document(client: Client, name: str) -> None:
    from snapshots.reading import read_snapshot
    from tui.commands.show import emit_piece

    content = _document(client, name)
    read_snapshot(content)
    emit_piece(content.decode())


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


def _item(known: Handover, item: Item, words: Words) -> tuple[Cell, ...]:
    said = next((each for each in known.answers if each.item == item.id), None)
    answer = (Cell("–", "dim"), Cell(""), Cell(""))
    if said is not None:
        role = "good" if said.answer is Answer.ACCEPTED else "warn"
        word = words.say(_ANSWERS[said.answer])
        answer = Cell(word, role), Cell(said.by), Cell(said.why, "dim")
    what, owner = words.retold(item.what), known.owner_of(item.id)
    return Cell(item.id, "strong"), Cell(item.where), Cell(what), Cell(owner), *answer


def _emit_talk(known: Handover, zone: str, words: Words) -> None:
    """What was asked, in this handover and in those before that nobody signed, and the replies."""
    from tui.paint.numbers import moment
    from watch.clock import now_ms

    now, talk = now_ms(), []
    for each in (*known.carried, *known.answers):
        if each.answer is not Answer.ACCEPTED:
            word = words.say(_ANSWERS[each.answer])
            if each.handover != known.offered.id:
                word = words.say("{answer} in {handover}", answer=word, handover=each.handover)
            talk.append((each.at, each.item, each.by, word, each.why))
    talk += [(each.at, each.item, each.by, words.say("replied"), each.text)
             for each in known.replies]  # fmt: skip
    told = [
        (Cell(moment(at, now, zone, words)), Cell(item, "strong"), Cell(by), Cell(word), Cell(text))
        for at, item, by, word, text in sorted(talk)
    ]
    if told:
        emit_table(_TALK, told, "", words)
