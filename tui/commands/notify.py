"""`twinwatch notify`: who is told of problems, how that goes, and a test of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from estate.language import Words
from tui.commands.contract import FAILED
from tui.commands.show import emit, emit_json
from tui.commands.speech import words_of
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson
from watch.client import Client

#: A target is waited for as long as the watch waits, and a moment.
_PATIENCE_SECONDS = 60.0

notify = typer.Typer(
    help="Who is told of problems, and a test of it.",
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
)


@notify.callback()
def listed(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the targets of notices, and how each of them does. Exit 1 if one can't be told."""
    if context.invoked_subcommand is not None:
        return
    client = target_of(context).client()
    said = client.get("/v1/notify")
    if as_json:
        emit_json(said)
    else:
        _tell(client, said)
    if said["trouble"] or any(
        "failing_since" in row or "letter_why" in row for row in said["targets"]
    ):
        raise typer.Exit(FAILED)


def _tell(client: Client, said: dict[str, Any]) -> None:
    from tui.paint.numbers import moment
    from watch.clock import now_ms

    zone, words, now = client.get("/v1/estate")["timezone"], words_of(client), now_ms()
    if said["trouble"]:
        emit(said["trouble"])
        if not said["targets"]:
            return  # there is a file: that nobody is told is because of it
    columns = (
        Column("TARGET"), Column("BY"), Column("TOLD"), Column("WAITING", ">"), Column("WHY NOT"),
    )  # fmt: skip
    rows = [
        (
            Cell(row["name"], "strong"),
            Cell(row["service"]),
            Cell(moment(row["sent_at"], now, zone, words) if "sent_at" in row else "–", "dim"),
            Cell(str(row.get("waiting", 0) + row.get("letters", 0))),
            Cell(_why_not(row, words), "warn"),
        )
        for row in said["targets"]
    ]
    emit_table(columns, rows, words.say("nobody is told of problems: no notify.yaml"), words)


def _why_not(row: dict[str, Any], words: Words) -> str:
    """Why it did not take notices, and why no handover."""
    letter = row.get("letter_why", "")
    said = words.say("the last handover: {why}", why=letter) if letter else ""
    return "; ".join(filter(None, (row.get("why", ""), said)))


@notify.command()
def test(
    context: typer.Context,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent now; send nothing.")
    ] = False,
    target: Annotated[
        str, typer.Option("--target", metavar="NAME", help="Only this one.", show_default=False)
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Send a test to every target. Exit 1 if one did not take it.

    One that is sent handovers gets a file with it, as these have. With --dry-run nothing is sent:
    it shows what each would be told of what is wrong now, and whether it is sent handovers.
    """
    client = Client(target_of(context).client().socket, _PATIENCE_SECONDS)
    body = {"dry_run": dry_run, "target": target}
    words = None if as_json else words_of(client)
    rows = client.post("/v1/notify/test", body)
    if words is None:
        emit_json(rows)
    else:
        for row in rows:
            _tell_test(row, dry_run=dry_run)
        if not rows:
            emit(words.say("nobody is told of problems: no notify.yaml"))
    if not dry_run and any(not row["sent"] for row in rows):
        raise typer.Exit(FAILED)


def _tell_test(row: dict[str, Any], *, dry_run: bool) -> None:
    whom = f"{row['target']} ({row['service']})"
    if not dry_run:
        emit(f"{whom}: {'it was taken' if row['sent'] else row['why']}")
        return
    many = len(row["notices"])
    told = f"{many} to be told of" if many else "nothing to be told of"
    emit(f"{whom}: {told}{'; every handover that is offered' if row.get('handovers') else ''}")
    for line in (row["title"], *row["body"].splitlines()):
        if line:
            emit(f"    {line}")
