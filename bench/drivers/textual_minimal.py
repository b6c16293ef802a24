"""The least that a Textual app can be: one text on one screen, and a key that moves in it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

ROWS = 38


class Minimal(App[None]):
    """One `Static`; j moves a mark, q leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [("j", "down", "down"), ("q", "quit", "quit")]

    def compose(self) -> ComposeResult:
        """The text."""
        self._row = 0
        yield Static(self._text(), markup=False)

    def action_down(self) -> None:
        """Move the mark."""
        self._row = (self._row + 1) % ROWS
        self.query_one(Static).update(self._text(), layout=False)

    def _text(self) -> str:
        marks = (">" if row == self._row else " " for row in range(ROWS))
        return "\n".join(
            f"{mark} host-{row:03d}  live  2 s  47%  61%  {'x' * 60}"
            for row, mark in enumerate(marks)
        )


if __name__ == "__main__":
    Minimal().run()
