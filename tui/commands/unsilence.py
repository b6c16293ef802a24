"""`twinwatch unsilence`: end a silence before its time."""

from __future__ import annotations

from typing import Annotated

import typer

from tui.commands.show import emit, emit_json
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, silences_like


def unsilence(
    context: typer.Context,
    silence: Annotated[str, typer.Argument(metavar="SILENCE", autocompletion=silences_like)],
    *,
    as_json: AsJson = False,
) -> None:
    """End a silence, by its id of `silence`: what it hid returns as new."""
    client = target_of(context).client()
    said = client.post(f"/v1/silences/{silence}/withdraw")
    if as_json:
        emit_json(said)
    else:
        emit(f"{silence}: {said['where']} is silenced no more")
