"""`twinwatch note add|list|close`: what the next shift should know, in people's own words."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from estate.handover import Note
from estate.language import Words
from tui.commands.show import emit, emit_json
from tui.commands.speech import words_for, words_of
from tui.commands.tables import ROLES, Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, Reason, milliseconds, required

note = typer.Typer(
    help="What the next shift should know: incidents, notes, the watch list.",
    rich_markup_mode=None,
    add_completion=False,
)

_COLUMNS = (
    Column("ID"), Column("KIND"), Column("SEVERITY"), Column("WHAT"), Column("NEXT STEP"),
    Column("OWNER"), Column("PROMISED UNTIL"), Column("BY"),
)  # fmt: skip


@note.command()
def add(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What it is, or what may come.")],
    *,
    kind: Annotated[str, typer.Option(metavar="KIND", help="incident, note or watch.")] = "note",
    severity: Annotated[
        str, typer.Option(metavar="WORD", help="critical, warning, unknown, ok.")
    ] = "warning",
    tenants: Annotated[
        str, typer.Option(metavar="KEYS", help="Tenants affected, with commas.")
    ] = "",
    hypothesis: Annotated[str, typer.Option(metavar="TEXT", help="What it may be.")] = "",
    tried: Annotated[str, typer.Option(metavar="TEXT", help="What was tried.")] = "",
    next_step: Annotated[
        str, typer.Option("--next", metavar="TEXT", help="What to do next, or if it comes.")
    ] = "",
    owner: Annotated[str, typer.Option(metavar="NAME", help="Who has it; else you.")] = "",
    call: Annotated[str, typer.Option(metavar="WHOM", help="Whom to call.")] = "",
    promised: Annotated[
        str, typer.Option(metavar="SPAN", help="It was promised within: 30m, 4h.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Take a note down; it stands in every handover until it is closed."""
    client = target_of(context).client()
    taken_down = {
        "text": required(text, "TEXT", "say what the next shift should know"),
        "kind": kind,
        "severity": severity,
        "tenants": [each.strip() for each in tenants.split(",") if each.strip()],
        "hypothesis": hypothesis,
        "tried": tried,
        "next_step": next_step,
        "owner": owner,
        "call": call,
        "promised_ms": milliseconds(promised, "--promised") if promised else None,
    }
    words = None if as_json else words_of(client)
    said = client.post("/v1/notes", taken_down)
    if words is None:
        emit_json(said)
        return
    closing = f"twinwatch note close {said['id']}"
    emit(words.say("{note}: noted; {command} ends it", note=said["id"], command=closing))


@note.command("list")
def list_(
    context: typer.Context,
    *,
    closed: Annotated[bool, typer.Option("--all", help="Those that are closed, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List notes that are open, the oldest first."""
    client = target_of(context).client()
    rows = [row for row in client.get("/v1/notes") if closed or "closed" not in row]
    if as_json:
        emit_json(rows)
        return
    from estate.wire import from_json

    estate = client.get("/v1/estate")
    zone, words = estate["timezone"], words_for(estate.get("language", ""))
    told = [_row(from_json(Note, row), zone, words) for row in rows]
    emit_table(_COLUMNS, told, words.say("nobody has noted anything"), words)


@note.command()
def close(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID")],
    *,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Close a note; it stays on record, with who closed it and why."""
    required(reason, "--reason", "say why it is over: it is for the record")
    client = target_of(context).client()
    words = None if as_json else words_of(client)
    said = client.post(f"/v1/notes/{quote(name, safe='')}/close", {"why": reason})
    if words is None:
        emit_json(said)
    else:
        emit(words.say("{note}: closed", note=said["id"]))


def _row(note: Note, zone: str, words: Words) -> tuple[Cell, ...]:
    from tui.paint.numbers import moment
    from watch.clock import now_ms

    promised = note.promised_until
    now = now_ms()
    late = promised is not None and promised <= now
    text = note.text if note.closed is None else f"{note.text} ({note.closed.why})"
    return (
        Cell(note.id, "strong"),
        Cell(note.kind.value),
        Cell(note.severity, ROLES.get(note.severity, "text")),
        Cell(text),
        Cell(note.next_step),
        Cell(note.owner),
        Cell("" if promised is None else moment(promised, now, zone, words),
             "crit" if late else "text"),
        Cell(note.by, "dim"),
    )  # fmt: skip
