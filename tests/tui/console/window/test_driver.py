"""When the next frame may be written, on a pseudo-terminal with nobody at its other end."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from textual.app import App

from tui.console.terminal.pace import QUESTION
from tui.console.window.driver import ConsoleDriver


class Typed:
    """Stands for the thread that writes; a test says when the kernel took the text."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def write(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture
def drive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[Any], None]], None]]:
    """Drive a pseudo-terminal of our own, with nobody at its other end."""
    ours, theirs = os.openpty()
    monkeypatch.setenv("TERM", "xterm-256color")

    def drive(scene: Callable[[Any], None]) -> None:
        async def play() -> None:
            driver = ConsoleDriver(App(), size=(80, 24))
            driver._writer_thread = Typed()  # type: ignore[assignment]
            scene(driver)

        asyncio.run(play())

    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "__stderr__", terminal)
        yield drive
    os.close(ours)


def test_the_next_frame_waits_until_the_kernel_has_the_last(drive: Any) -> None:
    def scene(driver: Any) -> None:
        assert driver.ready
        driver.frame("12345")
        assert not driver.ready, "even where the terminal never answers"
        driver._count_written(4)
        assert not driver.ready
        driver._count_written(1)
        assert driver.ready

    drive(scene)


def test_what_is_on_its_way_is_counted_in_bytes(drive: Any) -> None:
    """A page of charts is three bytes a cell: by characters it would fill the link three times."""

    def scene(driver: Any) -> None:
        driver.frame("▁" * 100)
        assert driver._pace.on_the_way == 300
        assert driver._writer_thread.texts[-1].endswith(QUESTION)

    drive(scene)
