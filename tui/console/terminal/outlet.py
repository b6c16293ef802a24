"""Writing to a terminal: all of it, counted, and surviving a hang-up."""

from __future__ import annotations

import os
import select
from collections.abc import Callable


class Outlet:
    """A file for Textual's writer thread: writes all of it, counts it, and survives a hang-up."""

    def __init__(self, descriptor: int, encoding: str, written: Callable[[int], None]) -> None:
        self._descriptor = descriptor
        self.encoding = encoding
        self._written = written
        self.gone = False

    def fileno(self) -> int:
        """The terminal's file descriptor."""
        return self._descriptor

    def write(self, text: str) -> int:
        """Write `text`; blocks as long as the terminal does."""
        rest = memoryview(text.encode(self.encoding, "replace"))
        while rest and not self.gone:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:  # somebody who shares the terminal made it non-blocking
                select.select([], [self._descriptor], [], 1.0)
            except OSError:  # hung up: nobody is there to be told
                self.gone = True
        self._written(len(text))
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""
