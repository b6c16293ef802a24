"""One widget that shows a painted page, and says what a mouse did to it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.paint.cells import Line
from tui.paint.theme import Theme, render


class Canvas(Widget):
    """Shows lines on Textual's Line API; only rows that changed are refreshed."""

    DEFAULT_CSS = "Canvas { width: 100%; height: 100%; }"

    class Clicked(Message):
        """A row was clicked; `action` is that of the span under the mouse, () for none."""

        def __init__(self, y: int, key: str, action: tuple[str, ...], twice: bool) -> None:
            super().__init__()
            self.y = y
            self.key = key
            self.action = action
            self.twice = twice

    class Wheeled(Message):
        """The wheel turned; `rows` is positive downwards."""

        def __init__(self, rows: int) -> None:
            super().__init__()
            self.rows = rows

    class Fitted(Message):
        """There is room for a page of this size."""

        def __init__(self, width: int, height: int) -> None:
            super().__init__()
            self.width = width
            self.height = height

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[Line, ...] = ()
        self._theme: Theme | None = None

    def show(self, lines: Sequence[Line], theme: Theme) -> None:
        """Show these lines from the top; rows beyond them are blank."""
        old, new = self._lines, tuple(lines)
        restyled = theme is not self._theme
        self._lines, self._theme = new, theme
        if restyled or len(old) != len(new):
            self.refresh()
            return
        width = self.size.width
        changed = [
            Region(0, y, width, 1)
            for y, (before, after) in enumerate(zip(old, new, strict=True))
            if before is not after and before != after
        ]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """Row `y` as Textual wants it."""
        width = self.size.width
        if self._theme is None or width <= 0:
            return Strip.blank(width)
        line = self._lines[y] if y < len(self._lines) else Line()
        return Strip(render(line, self._theme, width), width)

    def on_resize(self, event: events.Resize) -> None:
        """Say how much room there is."""
        self.post_message(self.Fitted(event.size.width, event.size.height))

    def on_click(self, event: events.Click) -> None:
        """Say which row, and what of it."""
        event.stop()
        line = self._lines[event.y] if event.y < len(self._lines) else Line()
        self.post_message(
            self.Clicked(event.y, line.key, _action_at(line, event.x), event.chain == 2)
        )

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Say how far."""
        event.stop()
        self.post_message(self.Wheeled(3))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Say how far."""
        event.stop()
        self.post_message(self.Wheeled(-3))


def _action_at(line: Line, x: int) -> tuple[str, ...]:
    start = 0
    for span in line.spans:
        end = start + Line((span,)).width
        if start <= x < end:
            return span.action
        start = end
    return ()
