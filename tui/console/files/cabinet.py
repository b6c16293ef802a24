"""Where a console keeps its own files: what a person chose, and screens that they took."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tui.console.preferences.settings import write_setting
from tui.console.session.session import Session


class HomeCabinet:
    """Settings below the person's configuration, screens where the person stands."""

    def __init__(self, settings: Path, exports: Path, wall_clock: Callable[[], float]) -> None:
        self._settings = settings
        self._exports = exports
        self._wall_clock = wall_clock

    def save(self, name: str, value: str) -> None:
        """Keep a setting."""
        write_setting(self._settings, name, value)

    def export(self, session: Session) -> str:
        """Write the screen as SVG and text; returns what was written where."""
        from tui.console.files.export import export  # not needed for a first paint

        moment = time.strftime("%Y%m%d-%H%M%S", time.localtime(self._wall_clock()))
        here = session.journey.here
        name = "-".join(part for part in ("twinwatch", here.screen, here.subject, moment) if part)
        safe = "".join(each if each.isalnum() or each in "-_." else "_" for each in name)
        terminal = session.terminal
        stem = self._exports / safe
        title = " › ".join(here.trail)
        picture, _ = export(session.lines(), session.theme, terminal.width, title, stem)
        say = session.words.say
        return say("{picture} and .txt in {folder}", picture=picture.name, folder=self._exports)
