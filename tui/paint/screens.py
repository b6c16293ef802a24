"""Which painter draws which screen."""

from __future__ import annotations

from types import ModuleType

from tui.paint import events, help, home, host, hosts, problems, settings  # noqa: A004
from tui.paint.cells import Line, Page
from tui.paint.glyphs import ascii_line
from tui.paint.rows import clipped
from tui.paint.view import View

_SCREENS: dict[str, ModuleType] = {
    "home": home,
    "hosts": hosts,
    "host": host,
    "problems": problems,
    "events": events,
    "help": help,
    "settings": settings,
}


def paint(view: View) -> Page:
    """`view.screen` as a page of exactly `view.height` lines, each `view.width` cells or fewer."""
    page: Page = _SCREENS.get(view.screen, home).paint(view)
    lines = [clipped(line, view.width) for line in page.lines[: view.height]]
    lines += [Line()] * (view.height - len(lines))
    if view.ascii:
        lines = [ascii_line(line) for line in lines]
    return Page(tuple(lines), page.cursor, page.first, page.total)


def keys(view: View) -> tuple[str, ...]:
    """`Line.key` of every row that the cursor can stand on, in order, shown or not."""
    found: tuple[str, ...] = _SCREENS.get(view.screen, home).keys(view)
    return found
