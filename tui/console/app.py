"""Opening the console: from a watch to a first paint as early as can be.

The watch is found, and asked for its board, while Textual, 150 ms of import, is loaded.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.console.keys import read_keys
from tui.console.settings import OLD_TERMINALS, config_home, read_settings
from watch.client import Client, stream
from watch.error import WatchError

if TYPE_CHECKING:
    from estate.document import Document

#: A console that waits longer for its first board opens without it, and says so.
FIRST_BOARD_SECONDS = 1.5


def run(attach: Callable[[], Client], environ: Mapping[str, str] = os.environ) -> int:
    """Show the watch that `attach` finds until the person leaves; returns the exit status.

    `attach` is called on a thread of its own. Raises what it raises, and WatchError when the watch
    does not answer.
    """
    # What is imported stays: looking for garbage in it costs 20 ms of a first paint.
    gc.disable()
    beginning = _Beginning(attach)
    beginning.start()
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
    client = beginning.client()
    app = TwinwatchApp(
        session,
        WatchOverSocket(client),
        lambda: stream(client.socket),
        HomeCabinet(home / "settings.yaml", Path.cwd(), time.time),
        clock=lambda: time.monotonic_ns() // 1_000_000,
        board=beginning.board(),
    )
    gc.freeze()
    gc.enable()
    app.run(mouse=settings.mouse == "on")
    return app.return_code or 0


class _Beginning(threading.Thread):
    """Attaches, and asks for the first board, beside the imports."""

    def __init__(self, attach: Callable[[], Client]) -> None:
        super().__init__(name="first-board", daemon=True)
        self._attach = attach
        self._client: Future[Client] = Future()
        self._board: Future[Document] = Future()

    def run(self) -> None:
        """On its own thread; what it raises is raised where it is asked for."""
        asked: Future[Any] = self._client
        try:
            client = self._attach()
            self._client.set_result(client)
            asked = self._board
            self._board.set_result(_first_board(client))
        except Exception as error:
            asked.set_exception(error)

    def client(self) -> Client:
        """Once there is a watch to ask; raises what attaching raised."""
        return self._client.result()

    def board(self) -> Document | None:
        """The board, None if the watch is slow; raises the WatchError that asking for it met."""
        try:
            return self._board.result(FIRST_BOARD_SECONDS)
        except TimeoutError:
            return None


def _first_board(client: Client) -> Document:
    from estate.wire import WireError, document_from_json

    try:
        return document_from_json(client.get("/v1/board"))
    except WireError as error:
        what, do = "the watch's board makes no sense", "restart it: it may be another version"
        raise WatchError(what, str(client.socket), str(error), do) from error
