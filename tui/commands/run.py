"""`twinwatch run`: begin a run, and follow it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from estate.plans import PlanView
from tui.commands.given import Secrets, Set, asking, complete, parsed, secrets_in
from tui.commands.show import emit, emit_json
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, runbooks_like
from watch.client import Client


def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="RUNBOOK", autocompletion=runbooks_like)],
    *,
    set_: Set = None,
    secrets: Secrets = "",
    drill: Annotated[bool, typer.Option("--drill", help="As a drill.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Begin it, and don't follow.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for the record.", show_default=False)] = "",
    waive: Annotated[
        bool, typer.Option("--waive", help="Pass over reasons that may be waived.")
    ] = False,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Take locks that another run holds.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Begin a run, and follow it until it ends or asks; it goes on without this command.

    Exit 0 succeeded, 1 failed or refused, 4 a person must say something.
    """
    client = target_of(context).attached()
    given = given_for(client, name, set_, secrets, drill=drill)
    body = {
        "runbook": name, "set": given, "drill": drill, "reason": reason, "waive": waive,
        "take_over": take_over,
    }  # fmt: skip
    begin(client, body, detach=detach, as_json=as_json)


def begin(client: Client, body: dict[str, Any], *, detach: bool, as_json: bool) -> None:
    """Begin a run, and follow it unless `detach`. Raises WatchError, and Exit with its status."""
    from tui.commands.following import follow

    row: dict[str, Any] = client.post("/v1/runs", body)
    if detach:
        if as_json:
            emit_json(row)
        else:
            emit(f"{row['id']} begun; twinwatch runs show {row['id']} --follow")
        return
    try:
        status = follow(client, row["id"], as_json=as_json)
    except KeyboardInterrupt:
        emit(f"{row['id']} goes on; twinwatch runs show {row['id']} --follow")
        raise
    if status:
        raise typer.Exit(status)


def given_for(
    client: Client, name: str, pairs: list[str] | None, secrets: str, *, drill: bool
) -> dict[str, str]:
    """All inputs of a run of the runbook `name`; secrets that are missing are asked for."""
    from estate.wire import from_json

    plain, hidden = parsed(pairs or ()), secrets_in(secrets)
    known = client.post(
        "/v1/plan", {"runbook": name, "set": {**plain, **hidden}, "drill": drill, "ask": False}
    )
    inputs = from_json(PlanView, known).inputs
    return complete(inputs, plain, hidden, asking())
