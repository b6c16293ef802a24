"""An app whose screen reaches the terminal as differences, and no faster than it is read.

Textual writes every dirty span again, changed or not, and queues 30 frames before it waits: a
DataTable of 80 hosts costs 11,032 bytes a second where 259 differ (Textual 8.2.8, 120 x 40), and
at 4 KB/s its keys echo after 90 s. Here a frame is cut from the newest picture when the terminal
can take it; what it could not take is dropped, not queued.

Overrides `App._display`, which is private, and reads the compositor's private updates: their
contract is in tests/tui/console/window/test_display.py.
"""

from __future__ import annotations

import os
from typing import Any

from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Size
from textual.screen import Screen

from tui.console.terminal.capabilities import colours_of, erases_in_colour
from tui.console.terminal.first_page import FirstPage
from tui.console.terminal.screenful import Screenful
from tui.console.window.driver import ConsoleDriver

#: Smaller frames arrive in one packet, and need no bracket against tearing.
TEARS_AT = 600


class DiffedApp(App[None]):
    """See the module's first lines. Without a `ConsoleDriver` it displays as Textual does."""

    first_page: FirstPage | None = None  # what the terminal shows when Textual starts
    _screenful: Screenful | None = None
    _driven: ConsoleDriver | None = None

    def begin_with(self, page: FirstPage) -> None:
        """Go on from `page`, where it is shown."""
        if page.screenful is not None:
            self.first_page, self._screenful = page, page.screenful

    def draw_again(self) -> None:
        """Clear the terminal and draw all of it: somebody else wrote there, or it was away."""
        if self._screenful is not None:
            self._screenful.forget()
            self._send_frame()

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        driver = self._driver
        if not (isinstance(renderable, CompositorUpdate) and isinstance(driver, ConsoleDriver)):
            super()._display(screen, renderable)
            return
        if self._batch_count or not self._running or self._closed:
            return  # as Textual does; it draws everything afterwards
        absorb(renderable, self._screenful_for(driver, screen.outer_size))
        self._send_frame()
        self.post_display_hook()

    def _screenful_for(self, driver: ConsoleDriver, size: Size) -> Screenful:
        width, height = size
        screenful = self._screenful
        if screenful is None or (screenful.width, screenful.height) != (width, height):
            environ = os.environ
            screenful = Screenful(width, height, colours_of(environ), erases_in_colour(environ))
            self._screenful = screenful
        if self._driven is not driver:
            self._driven = driver
            driver.watch(self._send_frame)
        return screenful

    def _send_frame(self) -> None:
        """Write what differs, if the terminal can take it; else its drain calls here again."""
        screenful, driver = self._screenful, self._driven
        if screenful is None or driver is None or not self._running:
            return
        if driver.gone:
            self.exit()
            return
        if driver.recover():
            screenful.forget()
        if screenful.behind and driver.ready and (text := screenful.frame()):
            driver.frame(text, synchronised=self._sync_available and len(text) > TEARS_AT)


def absorb(update: CompositorUpdate, wanted: Screenful) -> None:
    """Put an update of Textual's compositor into the wanted picture."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in strips:
                x = wanted.put(x, y, strip)
    elif isinstance(update, ChopsUpdate):
        for y, left, right in update.spans:
            ends = update.chop_ends[y]
            for end, (column, chop) in zip(ends, update.chops[y].items(), strict=False):
                if chop is not None and column <= right and end > left:
                    wanted.put(column, y, chop)
