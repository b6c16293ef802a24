"""Which painter draws which screen."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType

from tui.paint.cells import Line, Page
from tui.paint.glyphs import ascii_line
from tui.paint.rows import clipped
from tui.paint.view import View

#: Screens with a painter of the same name beside this file; others are drawn as the first.
SCREENS = (
    *("home", "hosts", "host", "problems", "events", "services", "budget", "queues"),
    *("readiness", "tenants", "replication", "certificates", "patches"),
    *("runbooks", "plan", "runs", "run", "handover", "timeline", "help", "settings"),
)


def paint(view: View) -> Page:
    """`view.screen` as a page of exactly `view.height` lines, each `view.width` cells or fewer."""
    page: Page = _painter(view.screen).paint(view)
    lines = [clipped(line, view.width) for line in page.lines[: view.height]]
    lines += [Line()] * (view.height - len(lines))
    if view.ascii:
        lines = [ascii_line(line) for line in lines]
    return Page(tuple(lines), page.cursor, page.first, page.total)


def keys(view: View) -> tuple[str, ...]:
    """`Line.key` of every row that the cursor can stand on, in order, shown or not."""
    found: tuple[str, ...] = _painter(view.screen).keys(view)
    return found


@cache
def _painter(screen: str) -> ModuleType:
    """The painter of `screen`, loaded when it is first shown: home need not wait for the others."""
    return import_module(f"tui.paint.{screen if screen in SCREENS else SCREENS[0]}")
