"""The terminal as a driver of Textual: one outlet that knows what it still owes.

Differences to Textual's own Linux driver, each for a slow link, an old terminal or a clean exit:
the write queue's depth is known down to the bytes that the kernel has not taken; the mouse reports
clicks and wheel, not every movement; capabilities are asked only of terminals that will not print
the question; text that the locale's encoding lacks becomes "?"; no answer to our own questions is
left for the shell.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable

from textual import events
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.console.preferences.settings import OLD_TERMINALS
from tui.console.terminal.capabilities import size_of
from tui.console.terminal.first_page import ALTERNATE_SCREEN, FirstPage
from tui.console.terminal.outlet import Outlet
from tui.console.terminal.pace import QUESTION, Pace

#: How long a closing console waits for the answer to its last question.
LAST_ANSWER_SECONDS = 0.5


class ConsoleDriver(LinuxDriver):
    """Textual's Linux driver with a measured outlet. See the module's first lines.

    An app's `first_page`, if it has one, is on the terminal already, and stays there.
    """

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        terminal = sys.__stderr__
        assert terminal is not None
        self._descriptor = terminal.fileno()
        super().__init__(app, debug=debug, mouse=mouse, size=size or self._get_terminal_size())
        self._encoding = terminal.encoding
        self._outlet = Outlet(self._descriptor, self._encoding, self._count_written)
        # The writer thread takes its file from here when it starts.
        self._file = self._outlet  # type: ignore[assignment]
        self._pace = Pace()
        self._lock = threading.Lock()
        self._queued = 0
        self._unknown = False
        self._taken = False
        self._answered = threading.Event()
        self._on_ready: Callable[[], None] = lambda: None
        self._first: FirstPage | None = getattr(app, "first_page", None)
        self._stays = False
        self._term = os.environ.get("TERM", "dumb")
        self._old = self._term.startswith(OLD_TERMINALS)

    def watch(self, on_ready: Callable[[], None]) -> None:
        """Call `on_ready` on the event loop whenever a frame may have become possible."""
        self._on_ready = on_ready

    @property
    def gone(self) -> bool:
        """Whether the terminal hung up."""
        return self._outlet.gone

    @property
    def ready(self) -> bool:
        """Whether a frame written now would reach the glass soon."""
        with self._lock:
            return self._queued == 0 and self._pace.ready(time.monotonic())

    def frame(self, text: str, *, synchronised: bool = False) -> None:
        """Write one frame, and ask for a sign that it was seen where that is due."""
        if synchronised:
            text = f"{SYNC_START}{text}{SYNC_END}"
        size = len(text.encode(self._encoding, "replace"))  # a bar of a chart is three bytes
        self.write(text + QUESTION if self._asks_after(size) else text)

    def recover(self) -> bool:
        """True, once, if what the terminal shows is no longer known."""
        with self._lock:
            if self._pace.lost(time.monotonic()):
                self._pace.restart()
                self._unknown = True
            unknown, self._unknown = self._unknown, False
        return unknown

    # --- what Textual calls -----------------------------------------------------------------

    def write(self, data: str) -> None:
        """Queue text for the writer thread."""
        if self._stays and data == ALTERNATE_SCREEN:
            return  # it is there already; xterm would clear it
        with self._lock:
            self._queued += len(data)
        super().write(data)

    def start_application_mode(self) -> None:
        """Take the terminal, with the first page on it; after a suspension its state is unknown."""
        first, self._first = self._first, None
        stands = first is not None and not first.disturbed
        with self._lock:
            self._queued = 0
            self._pace = Pace()
            self._taken = True
            self._unknown = not stands
        self._stays = stands
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._stays = False
        if first is not None:
            self.attrs_before = first.hand_over()
            if self._asks_after(first.bytes_sent):
                self.write(QUESTION)
        self._tell()

    def stop_application_mode(self) -> None:
        """Give the terminal back, with no answer to our questions left in its input."""
        with self._lock:
            waits = self._pace.asked
            self._answered.clear()
        if waits and not self.gone:
            self._answered.wait(LAST_ANSWER_SECONDS)
        self._taken = False
        self.write("\x1b[m")
        super().stop_application_mode()

    def process_message(self, message: Message) -> None:
        """On the input thread: keep the answers to our questions, pass on everything else."""
        if isinstance(message, events.CursorPosition):
            with self._lock:
                self._pace.answered(time.monotonic())
                done = not self._pace.asked
            if done:
                self._answered.set()
            self._tell()
            return
        super().process_message(message)

    def _sigcont_application(self, *_: object) -> None:
        """Stopped from outside (SIGSTOP), the terminal was never given back, nor its modes kept."""
        if self._taken:
            self.suspend_application_mode()
            self.resume_application_mode()
        else:
            super()._sigcont_application()

    def _get_terminal_size(self) -> tuple[int, int]:
        """What the terminal says, not the environment."""
        return size_of(self._descriptor)

    def _enable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1000h\x1b[?1006h")  # clicks and wheel, SGR coordinates

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1006l\x1b[?1000l")

    def _query_in_band_window_resize(self) -> None:
        """Not asked: SIGWINCH says the same, through tmux and ssh too."""

    def _request_terminal_sync_mode_support(self) -> None:
        if not self._old:
            super()._request_terminal_sync_mode_support()

    def _enable_bracketed_paste(self) -> None:
        if not self._old:
            super()._enable_bracketed_paste()

    def _asks_after(self, size: int) -> bool:
        """Count `size` bytes as sent; whether the terminal is to be asked if it showed them."""
        with self._lock:
            return not self._old and self._pace.sent(size, time.monotonic())

    def _count_written(self, size: int) -> None:
        """On the writer thread."""
        with self._lock:
            self._queued = max(0, self._queued - size)
            drained = self._queued == 0
        if drained:
            self._tell()

    def _tell(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._on_ready)
        except RuntimeError:  # the loop closed while the last bytes left
            pass
