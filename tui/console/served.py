"""The console for a browser: Textual's own driver draws it, and it only looks.

Whoever sits at a browser is not whom the kernel sees at the watch's socket. So this console gives
up the right to change anything, at the watch, and writes no files on the bastion.
"""

from __future__ import annotations

import os

from tui.console.app import clock, session_at
from tui.console.asking import WatchOverSocket
from tui.console.askingattention import AttentionOverSocket
from tui.console.askingruns import RunsOverSocket
from tui.console.session import Session
from tui.console.window import TwinwatchApp
from watch.client import Client, stream

#: What the page's terminal (xterm.js) can do, whatever terminal the server was started from.
_TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


class NoCabinet:
    """No files for somebody who is not there."""

    def save(self, name: str, value: str) -> None:
        """Refused: the setting holds in this console."""
        raise PermissionError("a browser keeps no settings here")

    def export(self, session: Session) -> str:
        """Refused."""
        raise PermissionError("a browser writes no files here: export from a terminal")


def run(socket: str) -> int:
    """Show the watch at `socket` to a browser until it goes away; the exit status."""
    client = Client(socket, looks_only=True)
    app = TwinwatchApp(
        session_at({**os.environ, **_TERMINAL}),
        WatchOverSocket(client),
        lambda: stream(client.socket),
        NoCabinet(),
        RunsOverSocket(client),
        heeded=AttentionOverSocket(client),
        clock=clock,
        driver=None,
    )
    app.run()
    return app.return_code or 0
