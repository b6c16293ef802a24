"""Attaching beside the imports: what comes of it is told where it is asked for."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tui.console.opening.first_board import FirstBoard
from watch.client import Client
from watch.error import SourceError, WatchError


def test_a_watch_and_its_board(fake_watch: Any) -> None:
    first = FirstBoard(lambda: Client(fake_watch.path))
    first.start()
    assert first.client().socket == fake_watch.path
    assert first.board(20) == fake_watch.document


def test_what_attaching_raises_is_raised_by_whoever_asks() -> None:
    wrong = SourceError("no estate file", "f", "there is no such file", "check the path")

    def attach() -> Client:
        raise wrong

    first = FirstBoard(attach)
    first.start()
    for ask in (first.client, lambda: first.board(20)):
        with pytest.raises(SourceError) as raised:
            ask()
        assert raised.value is wrong


def test_a_watch_that_takes_longer_has_no_board_yet(fake_watch: Any) -> None:
    started = threading.Event()

    def attach() -> Client:
        assert started.wait(20)
        return Client(fake_watch.path)

    first = FirstBoard(attach)
    first.start()
    assert first.board(0.01) is None
    started.set()
    assert first.client().socket == fake_watch.path
    assert first.board(20) == fake_watch.document


def test_a_board_that_makes_no_sense(fake_watch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client, "get", lambda self, path: {"seq": 1})
    first = FirstBoard(lambda: Client(fake_watch.path))
    first.start()
    with pytest.raises(WatchError, match="the watch's board makes no sense"):
        first.board(20)
    assert first.client().socket == fake_watch.path, "it can be asked again"
