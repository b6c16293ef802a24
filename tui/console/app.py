"""Opening the console: from a watch's socket to a first paint as early as can be.

The board is asked for while Textual, 150 ms of import, is loaded.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tui.console.keys import read_keys
from tui.console.settings import OLD_TERMINALS, config_home, read_settings
from watch.client import Client, stream
from watch.error import WatchError

if TYPE_CHECKING:
    from estate.document import Document

#: A console that waits longer for its first board opens without it, and says so.
FIRST_BOARD_SECONDS = 1.5


def run(socket: Path, environ: Mapping[str, str] = os.environ) -> int:
    """Show the watch behind `socket` until the person leaves; returns the exit status.

    Raises WatchError when no watch answers there.
    """
    # What is imported stays: looking for garbage in it costs 20 ms of a first paint.
    gc.disable()
    fetch = _Fetch(socket)
    fetch.start()
    if environ.get("TERM", "dumb").startswith(OLD_TERMINALS):
        # Textual reads this when it is imported; the question would stand on the screen.
        os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    from tui.console.asking import HomeCabinet, WatchOverSocket
    from tui.console.session import Session, Terminal
    from tui.console.window import TwinwatchApp

    home = config_home(environ)
    settings, wrong = read_settings(home / "settings.yaml")
    keymap, clashing = read_keys(home / "keys.yaml")
    encoding = sys.__stderr__.encoding if sys.__stderr__ else "ascii"
    session = Session(
        settings,
        keymap,
        Terminal(environ, encoding),
        complaints=(*wrong, *clashing),
    )
    app = TwinwatchApp(
        session,
        WatchOverSocket(Client(socket)),
        lambda: stream(socket),
        HomeCabinet(home / "settings.yaml", Path.cwd(), time.time),
        clock=lambda: time.monotonic_ns() // 1_000_000,
        board=fetch.board(),
    )
    gc.freeze()
    gc.enable()
    app.run(mouse=settings.mouse == "on")
    return app.return_code or 0


class _Fetch(threading.Thread):
    """Asks for the first board beside the imports."""

    def __init__(self, socket: Path) -> None:
        super().__init__(name="first-board", daemon=True)
        self._socket = socket
        self._board: Document | None = None
        self._error: WatchError | None = None

    def run(self) -> None:
        """On its own thread."""
        from estate.wire import WireError, document_from_json

        try:
            self._board = document_from_json(Client(self._socket).get("/v1/board"))
        except WatchError as error:
            self._error = error
        except WireError as error:
            what, do = "the watch's board makes no sense", "restart it: it may be another version"
            self._error = WatchError(what, str(self._socket), str(error), do)

    def board(self) -> Document | None:
        """The board, None if the watch is slow; raises the WatchError that asking for it met."""
        self.join(FIRST_BOARD_SECONDS)
        if self._error is not None:
            raise self._error
        return self._board
