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
    client = target.attached()
    if target.plain or not takes_console(os.environ):
        _await_first_board(client)
        emit(_board_as_text(client))
        return 0
    from tui.console.app import run

    return run(client.socket)


def takes_console(environ: Mapping[str, str]) -> bool:
    """Whether there is a terminal that can show the console; says why, where there is one that
    can't: what it does not know of cursors it prints as rubbish.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    term = environ.get("TERM", "")
    if term not in ("", "dumb"):
        return True
    why = f"TERM={term} can't move a cursor" if term else "TERM is not set"
    print(
        f"twinwatch: {why}, so this is the board as text; the console needs a terminal and its "
        "name: TERM=xterm twinwatch",
        file=sys.stderr,
    )
    return False


def _await_first_board(client: Client) -> None:
    until = time.monotonic() + _FIRST_SECONDS
    while client.get("/v1/status")["hosts"].get("connecting") and time.monotonic() < until:
        time.sleep(0.1)


def _board_as_text(client: Client) -> str:
    from estate.wire import document_from_json
    from tui.paint.plain import plain
    from tui.paint.view import View
    from watch.clock import now_ms

    document = document_from_json(client.get("/v1/board"))
    return plain(View(document, now_ms(), width=120, height=40)).rstrip()
