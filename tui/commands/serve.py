"""`twinwatch serve`: the console in a browser, to look at."""

from __future__ import annotations

from typing import Annotated

import typer

from tui.commands.show import emit
from tui.commands.target import target_of
from watch.error import SourceError


def serve(
    context: typer.Context,
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="On 127.0.0.1; 0 takes a free one.")
    ] = 8000,
) -> None:
    """Show the console in a browser, read-only, on loopback, until ctrl-c."""
    try:
        from tui.serve.page import Page
    except ImportError:
        why = "textual-serve is not installed"
        todo = "pip install 'twinwatch[serve]'"
        raise SourceError("no page can be served", "twinwatch serve", why, todo) from None
    socket = target_of(context).attached().socket
    page = Page(socket, port)
    emit(
        f"open {page.address}\nlooks only; from your own machine: ssh -L "
        f"{page.port}:127.0.0.1:{page.port} THIS-BASTION; ctrl-c ends it"
    )
    page.show()
