"""The aside of a wide screen: what is known of the row under the cursor, and of the watch."""

from __future__ import annotations

from tui.paint.cells import Line
from tui.paint.states import Standing
from tui.paint.view import View


def aside(view: View, stand: Standing, cursor: str, starts: list[int], end: int) -> dict[int, Line]:
    """Lines by the row they stand on; sections begin on the rows where the page's do."""
    return {}
