"""`twinwatch` without a verb: the console, on a watch that is started if there is none."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping

from tui.commands.show import emit
from tui.commands.target import Target
from watch.client import Client

#: How long a board that is printed once waits for hosts that are still being connected to.
_FIRST_SECONDS = 3.0


def open_console(target: Target) -> int:
    """Open the console, or print the board as text where there is no terminal; an exit status."""
    as_text = target.plain or target.at is not None
    if not as_text and takes_console(os.environ):
        from tui.console.opening.terminal import run

        return run(target.attached, starts=target.socket is None)
    client = target.attached()
    if not as_text:
        tell_why_text(os.environ)
    if client.at is None:
        _await_first_board(client)
    emit(_board_as_text(client))
    return 0


def takes_console(environ: Mapping[str, str]) -> bool:
    """Whether there is a terminal that can show the console.

    What one that can't does not know of cursors, it prints as rubbish.
    """
    return _at_terminal() and environ.get("TERM", "") not in ("", "dumb")


def tell_why_text(environ: Mapping[str, str]) -> None:
    """Say to a person at a terminal why they get text; nothing where they could get a console."""
    if takes_console(environ) or not _at_terminal():
        return
    term = environ.get("TERM", "")
    why = f"TERM={term} can't move a cursor" if term else "TERM is not set"
    print(
        f"twinwatch: {why}, so this is the board as text; the console needs a terminal and its "
        "name: TERM=xterm twinwatch",
        file=sys.stderr,
    )


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _await_first_board(client: Client) -> None:
    until = time.monotonic() + _FIRST_SECONDS
    while client.get("/v1/status")["hosts"].get("connecting") and time.monotonic() < until:
        time.sleep(0.1)


def _board_as_text(client: Client) -> str:
    from estate.wire import document_from_json
    from tui.commands.speech import words_for
    from tui.paint.plain import plain
    from tui.paint.view import View

    document = document_from_json(client.get("/v1/board"))
    words = words_for(document.language)
    return plain(View(document, client.clock(), width=120, height=40, words=words)).rstrip()
