"""What the console asks of its watch about the board, over a real socket."""

from __future__ import annotations

from typing import Any

import pytest

from estate.document import HostDetail
from tui.console.asking.board import SPAN_MS, WatchOverSocket
from watch.client import Client
from watch.error import WatchError

NOW = 1_795_114_800_000


def charts(asked: list[tuple[str, str]]) -> int:
    return sum(path.startswith("/v1/history?") for path, _ in asked)


def test_charts_are_asked_for_again_when_a_point_has_moved(fake_watch: Any) -> None:
    watch = WatchOverSocket(Client(fake_watch.path))
    detail = watch.detail("mta-c00", "1h", NOW)
    assert isinstance(detail, HostDetail) and detail.name == "mta-c00"
    many = charts(fake_watch.asked)
    assert many == len(detail.series) > 10
    watch.detail("mta-c00", "1h", NOW + 14_000)
    assert charts(fake_watch.asked) == many, "240 points an hour: one moves every 15 s"
    watch.detail("mta-c00", "1h", NOW + 15_000)
    assert charts(fake_watch.asked) == 2 * many
    watch.detail("mta-c00", "7d", NOW + 15_000)
    watch.detail("mta-c02", "7d", NOW + 15_000)
    assert charts(fake_watch.asked) == 4 * many
    start = NOW + 15_000 - SPAN_MS["7d"]
    assert any(f"start={start}" in path for path, _ in fake_watch.asked)


def test_a_watch_that_is_gone_or_talks_nonsense_is_a_watch_error(
    fake_watch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = WatchOverSocket(Client(fake_watch.path))
    with monkeypatch.context() as patch:
        patch.setattr(fake_watch, "_send", lambda request, answer: _nonsense(request))
        with pytest.raises(WatchError, match="makes no sense"):
            watch.detail("mta-c00", "1h", NOW)
    fake_watch.stop()
    with pytest.raises(WatchError, match="no watch is running"):
        watch.refresh(None)


def _nonsense(request: Any) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", "2")
    request.end_headers()
    request.wfile.write(b"[]")
