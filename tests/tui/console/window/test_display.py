"""Frames are cut when the terminal can take them; what Textual must keep for that."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import pytest
from rich.segment import Segment
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region, Size
from textual.strip import Strip

from tui.console.terminal.screenful import Screenful
from tui.console.window.display import DiffedApp, absorb


class Driven:
    """A driver whose terminal is as busy, lost or gone as a test says."""

    def __init__(self) -> None:
        self.ready, self.gone, self.unknown = True, False, False
        self.frames: list[str] = []
        self.synchronised: list[bool] = []

    def recover(self) -> bool:
        unknown, self.unknown = self.unknown, False
        return unknown

    def frame(self, text: str, *, synchronised: bool) -> None:
        self.frames.append(text)
        self.synchronised.append(synchronised)


@pytest.fixture
def app() -> Any:
    app: Any = DiffedApp()
    app._running = True
    app._sync_available = True
    app._screenful, app._driven = Screenful(40, 30), Driven()
    app._send_frame()  # the first clears the screen
    app._driven.frames.clear()
    return app


def want(app: Any, text: str, row: int = 0) -> None:
    app._screenful.put(0, row, [Segment(text)])
    app._send_frame()


def test_a_busy_terminal_gets_the_newest_picture_and_none_in_between(app: Any) -> None:
    app._driven.ready = False
    for figure in "12345":
        want(app, figure)
    assert app._driven.frames == []
    app._driven.ready = True
    app._send_frame()  # as its drain does
    assert app._driven.frames == ["5"]
    app._send_frame()
    assert app._driven.frames == ["5"]


def test_an_unknown_screen_is_drawn_whole(app: Any) -> None:
    want(app, "here", 7)
    app._driven.unknown = True
    app._send_frame()
    assert "\x1b[2J" in app._driven.frames[-1] and "here" in app._driven.frames[-1]


def test_a_terminal_that_hung_up_ends_the_console(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []
    monkeypatch.setattr(app, "exit", lambda: left.append(True))
    app._driven.gone = True
    want(app, "nobody sees this")
    assert left == [True] and app._driven.frames == []


def test_only_large_frames_are_bracketed_against_tearing(app: Any) -> None:
    want(app, "x")
    app._screenful.forget()
    for row in range(30):
        app._screenful.put(0, row, [Segment("y" * 40)])
    app._send_frame()
    assert app._driven.synchronised[-2:] == [False, True]


def test_what_textual_draws_in_a_batch_waits_for_its_end(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.console.window.display.ConsoleDriver", Driven)
    app._driver = app._driven
    screen = SimpleNamespace(outer_size=Size(40, 30))
    update = LayoutUpdate([[Strip([Segment("here")])]], Region(0, 3, 4, 1))
    app._batch_count = 1
    app._display(screen, update)
    assert app._driven.frames == [] and not app._screenful.behind
    app._batch_count = 0
    app._display(screen, update)
    assert len(app._driven.frames) == 1 and "here" in app._driven.frames[0]


# --- what we rely on in Textual (8.2.8) ---------------------------------------------------------


def test_contract_of_the_private_parts_that_are_overridden() -> None:
    assert list(inspect.signature(App._display).parameters) == ["self", "screen", "renderable"]
    assert list(inspect.signature(WriterThread.__init__).parameters) == ["self", "file"]
    source = inspect.getsource(LinuxDriver.start_application_mode)
    assert "WriterThread(self._file)" in source
    for name in (
        "_enable_mouse_support",
        "_disable_mouse_support",
        "_query_in_band_window_resize",
        "_request_terminal_sync_mode_support",
        "_enable_bracketed_paste",
        "process_message",
        "stop_application_mode",
    ):
        assert callable(getattr(LinuxDriver, name))
    display = inspect.getsource(App._display)
    for condition in ("_batch_count", "_running", "_closed", "post_display_hook"):
        assert condition in display


def test_contract_a_layout_update_is_strips_in_a_region() -> None:
    screenful = Screenful(20, 4)
    update = LayoutUpdate([[Strip([Segment("ab")]), Strip([Segment("cd")])]], Region(2, 1, 4, 1))
    absorb(update, screenful)
    assert screenful.text().splitlines()[1] == "  abcd"


def test_contract_a_chops_update_is_spans_over_chops() -> None:
    screenful = Screenful(20, 4)
    chops = [{}, {0: Strip([Segment("ab")]), 2: None, 4: Strip([Segment("ef")])}, {}, {}]
    ends = [[], [2, 4, 6], [], []]
    absorb(ChopsUpdate(chops, [(1, 3, 6)], ends), screenful)
    assert screenful.text().splitlines()[1] == "    ef", "what is outside the span is left alone"
    absorb(ChopsUpdate(chops, [(1, 0, 6)], ends), screenful)
    assert screenful.text().splitlines()[1] == "ab  ef"
