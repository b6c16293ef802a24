"""The first page, on the glass while Textual is still being loaded.

Textual takes 130 ms to import and to start, and a page needs none of it: painters are pure, and a
`Screenful` makes bytes of their lines. So the terminal is taken as Textual takes it, and the page
is written; `tui.console.window` starts Textual around it, and what is shown is not sent again.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from types import FrameType, TracebackType
from typing import Any, NoReturn

from tui.console.terminal.capabilities import colours_of, erases_in_colour
from tui.console.terminal.outlet import Outlet
from tui.console.terminal.screenful import Screenful
from tui.paint.cells import Line
from tui.paint.theme import Theme, render

#: What is called when a signal comes.
Guard = Callable[[int, FrameType | None], None]

ALTERNATE_SCREEN = "\x1b[?1049h"
_HIDDEN_CURSOR = "\x1b[?25l"
_AS_IT_WAS = "\x1b[m\x1b[?1049l\x1b[?25h"

#: Indexes into the list of termios.tcgetattr, and what keeps keys from going to us one by one.
_IFLAG, _LFLAG, _CC = 0, 3, 6
_LINE_WISE = termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG
_TRANSLATED = termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR


class FirstPage:
    """A page on this process's terminal. Leaving the context gives the terminal back, unless it
    was handed over to somebody who will.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._before: list[Any] | None = None  # of termios, while the terminal is ours to give back
        self._guards: dict[signal.Signals, Guard] = {
            # They would end this process with the terminal still taken.
            signal.SIGTERM: self._leave,
            signal.SIGHUP: self._leave,
            # Between a stop and this, a shell wrote on the page.
            signal.SIGCONT: self._disturb,
        }
        self.screenful: Screenful | None = None  # what was shown, None while nothing was
        self.bytes_sent = 0
        self.disturbed = False

    def __enter__(self) -> FirstPage:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None:
            keyboard, outlet = _ends_of_terminal()
            outlet.write(_AS_IT_WAS)
            try:
                termios.tcsetattr(keyboard, termios.TCSANOW, self.hand_over())
            except termios.error:  # hung up
                pass

    def show(self, lines: Sequence[Line], theme: Theme, width: int, height: int) -> None:
        """Take the terminal and write the page; where there is none, do nothing."""
        keyboard, outlet = _ends_of_terminal()
        if not (os.isatty(keyboard) and os.isatty(outlet.fileno())):
            return
        shown = Screenful(width, height, colours_of(self._environ), erases_in_colour(self._environ))
        for y, line in enumerate(lines):
            shown.put(0, y, render(line, theme, width))
        text = ALTERNATE_SCREEN + _HIDDEN_CURSOR + shown.frame()
        self._take(keyboard)
        outlet.write(text)
        self.bytes_sent = len(text.encode(outlet.encoding, "replace"))
        self.screenful = shown

    def hand_over(self) -> list[Any]:
        """The settings to give the terminal back with; from now on that is for the caller to do."""
        assert self._before is not None, "nothing was taken"
        before, self._before = self._before, None
        for number, guard in self._guards.items():
            if signal.getsignal(number) == guard:  # and not somebody else's by now
                signal.signal(number, signal.SIG_DFL)
        return before

    def _take(self, keyboard: int) -> None:
        """No echo on the page, and keys as they are typed: Textual will read them."""
        before = termios.tcgetattr(keyboard)
        ours = [*before[:_CC], [*before[_CC]]]
        ours[_LFLAG] &= ~_LINE_WISE
        ours[_IFLAG] &= ~_TRANSLATED
        ours[_CC][termios.VMIN] = 1
        for number, guard in self._guards.items():
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, guard)
        self._before = before
        termios.tcsetattr(keyboard, termios.TCSANOW, ours)

    def _leave(self, number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(0)

    def _disturb(self, number: int, frame: FrameType | None) -> None:
        self.disturbed = True


def _ends_of_terminal() -> tuple[int, Outlet]:
    """Where keys come from and where pages go: stdin and stderr, as Textual has it."""
    assert sys.__stdin__ is not None and sys.__stderr__ is not None
    terminal = sys.__stderr__
    return sys.__stdin__.fileno(), Outlet(terminal.fileno(), terminal.encoding, lambda size: None)
