"""`twinwatch unack`: take an acknowledgement back."""

from __future__ import annotations

from typing import Annotated

import typer

from tui.commands.show import emit, emit_json
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, acknowledged_like


def unack(
    context: typer.Context,
    problem: Annotated[str, typer.Argument(metavar="PROBLEM", autocompletion=acknowledged_like)],
    *,
    as_json: AsJson = False,
) -> None:
    """Take the acknowledgement of a problem back: it returns as new."""
    client = target_of(context).client()
    said = client.post("/v1/acknowledgements/withdraw", {"problem": problem})
    if as_json:
        emit_json(said)
    else:
        emit(f"{problem}: nobody has acknowledged it")
