"""`twinwatch report`: what happened in a time that is over, as a document."""

from __future__ import annotations

from typing import Annotated

import typer

from tui.commands.moment import moment
from tui.commands.snapshot import Form, Language, Output, form_of, put, snapshot_of
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, required

#: The watch reads its records and the journals of runs for it.
_PATIENCE_SECONDS = 60.0


def report(
    context: typer.Context,
    *,
    start: Annotated[
        str,
        typer.Option("--from", metavar="TIME", help="02:10, 2h ago, 2026-11-20 02:10."),
    ] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="As --from; else now.")] = "",
    form: Form = "",
    language: Language = "",
    output: Output = "",
    as_json: AsJson = False,
) -> None:
    """Tell what happened between two moments: events, runs and their effects, who had what.

    It is a document like a handover: kept as JSON it is rendered anew by `twinwatch snapshot
    render`.
    """
    required(start, "--from", "say from when: --from 02:10")
    wanted = form_of("json" if as_json else form, output)
    client = target_of(context).client().patient(_PATIENCE_SECONDS)
    zone, now = client.get("/v1/estate")["timezone"], client.clock()
    asked = {
        "start": moment(start, now, zone, "--from"),
        "end": moment(end, now, zone, "--to") if end else now,
    }
    made = snapshot_of(client, client.get("/v1/report", asked))
    put(made, wanted, language, output)
