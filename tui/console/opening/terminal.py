"""Opening the console: from a watch to a first paint as early as can be.

The board is asked for while the painters are loaded, and painted before Textual is: its 130 ms of
import and start go by while the person reads. So imports stand here where their time has come.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tui.console.opening.first_board import FirstBoard
from watch.client import Client, stream

if TYPE_CHECKING:
    from estate.document import Document
    from tui.console.session.session import Session
    from tui.console.window.app import TwinwatchApp

#: A watch that runs answers sooner than this. For one that has to be started we load Textual first.
PROMPT_SECONDS = 0.3
#: A console that waits longer for its first board opens without it, and says so.
FIRST_BOARD_SECONDS = 1.5


def run(
    attach: Callable[[], Client],
    environ: Mapping[str, str] = os.environ,
    *,
    starts: bool = False,
    keep: Path | None = None,
) -> int:
    """Show the watch that `attach` finds until the person leaves; returns the exit status.

    `attach` is called on a thread of its own, and again if the watch ends and `attach` `starts` one
    where there is none. What the person chooses is kept for the next console, or in the directory
    `keep` alone. Raises what `attach` raises, and WatchError when the watch does not answer.
    """
    # What is imported stays: looking for garbage in it costs 20 ms of a first paint.
    gc.disable()
    first = FirstBoard(attach)
    first.start()
    import tui.paint.home  # noqa: F401 - the first painter, which is loaded by name else
    from tui.console.preferences.settings import config_home
    from tui.console.terminal.first_page import FirstPage

    session = session_at(environ)
    with FirstPage(environ) as page:
        if board := first.board(PROMPT_SECONDS):
            _learn(session, board)
            terminal = session.terminal
            page.show(session.lines(), session.theme, terminal.width, terminal.height)
        home = keep or config_home(environ)
        app = _app(session, first, environ, attach if starts else None, home)
        app.begin_with(page)
        gc.freeze()
        gc.enable()
        app.run(mouse=session.settings.mouse == "on")
    return app.return_code or 0


def session_at(environ: Mapping[str, str]) -> Session:
    """A session of this person at this terminal."""
    from tui.console.keys.keymap import read_keys
    from tui.console.preferences.settings import config_home, read_settings
    from tui.console.session.session import Session, Terminal
    from tui.console.terminal.capabilities import size_of
    from watch.languages import words_in

    home = config_home(environ)
    settings, wrong = read_settings(home / "settings.yaml")
    keymap, clashing = read_keys(home / "keys.yaml")
    stderr = sys.__stderr__
    width, height = size_of(stderr.fileno()) if stderr else (80, 24)
    encoding = stderr.encoding if stderr else "ascii"
    return Session(
        settings,
        keymap,
        Terminal(environ, encoding, width, height),
        complaints=(*wrong, *clashing),
        languages=words_in,
    )


def _app(
    session: Session,
    first: FirstBoard,
    environ: Mapping[str, str],
    start: Callable[[], Client] | None,
    home: Path,
) -> TwinwatchApp:
    """The session on Textual, which is loaded here; settings are written below `home`."""
    from tui.console.preferences.settings import OLD_TERMINALS

    if environ.get("TERM", "dumb").startswith(OLD_TERMINALS):
        # Textual reads this when it is imported; the question would stand on the screen.
        os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    from tui.console.asking.attention import AttentionOverSocket
    from tui.console.asking.board import WatchOverSocket
    from tui.console.asking.runs import RunsOverSocket
    from tui.console.files.cabinet import HomeCabinet
    from tui.console.window.app import TwinwatchApp

    client = first.client()
    if session.held.document is None and (board := first.board(FIRST_BOARD_SECONDS)):
        _learn(session, board)
    return TwinwatchApp(
        session,
        WatchOverSocket(client),
        lambda: stream(client.socket),
        HomeCabinet(home / "settings.yaml", Path.cwd(), time.time),
        RunsOverSocket(client),
        heeded=AttentionOverSocket(client),
        clock=clock,
        start=start,
    )


def _learn(session: Session, board: Document) -> None:
    from tui.console.requests.facts import Advanced

    session.learn(Advanced(board, None), clock())


def clock() -> int:
    """Monotonic milliseconds."""
    return time.monotonic_ns() // 1_000_000
