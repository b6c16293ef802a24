"""The console for a browser: Textual's own driver draws it, and it only looks.

Whoever sits at a browser is not whom the kernel sees at the watch's socket. So this console gives
up the right to change anything, at the watch, and writes no files on the bastion.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterable

from tui.console.asking.attention import AttentionOverSocket
from tui.console.asking.board import WatchOverSocket
from tui.console.asking.runs import RunsOverSocket
from tui.console.keys.keymap import Binding, Keymap, rebound
from tui.console.opening.terminal import clock, session_at
from tui.console.session.session import Session
from tui.console.window.app import TwinwatchApp
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


#: What these do a browser may not: they would ask for all that it needs, then be refused. What is
#: but a question stays, and the watch says why it does not answer.
_REFUSED = (
    *("ack", "arm", "silence", "answer.", "handover."),
    *("plan.start", "run.waive", "run.pause", "run.abort"),
)


def keys_to_look(bindings: Iterable[Binding]) -> Keymap:
    """`bindings` without those that change something: no key, no footer, no line of help."""
    changing = [each.id for each in bindings if each.id.startswith(_REFUSED)]
    return Keymap(rebound(dict.fromkeys(changing, ()), bindings))


def end_with(page: int) -> None:
    """End this process once nobody holds the other end of the pipe `page`: the server that was
    killed can't say so. Nothing is lost, for this console keeps nothing."""
    hung_up = select.poll()
    hung_up.register(page, 0)  # POLLHUP and POLLERR are told in any case
    hung_up.poll()
    os._exit(0)  # its loop would write to a pipe that is gone, and wait for it


def run(socket: str) -> int:
    """Show the watch at `socket` to a browser until it goes away; the exit status."""
    threading.Thread(target=end_with, args=(0,), daemon=True).start()
    client = Client(socket, looks_only=True)
    session = session_at({**os.environ, **_TERMINAL})
    session.keymap = keys_to_look(session.keymap.bindings)
    app = TwinwatchApp(
        session,
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
