"""What the console asks of its watch about the board, over the socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from estate.document import Document, HostDetail, Series
from estate.past import Moment
from estate.runs import RunView
from tui.console.asking.answers import read
from watch.client import Client

#: A day of moments on the timeline, where one is kept a minute.
MOMENTS = 1_500
#: All that may lie between a moment of the past and now: what the API gives at once.
FARTHEST = 5_000

SPAN_MS = {"1h": 3_600_000, "24h": 86_400_000, "7d": 7 * 86_400_000}
#: Two dots a cell: what the widest chart can show.
POINTS = 240


class WatchOverSocket:
    """The watch behind `client`. Calls block, and raise WatchError."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._charts: tuple[str, str, int, Mapping[str, Series]] = ("", "", 0, {})

    def detail(self, host: str, span: str, now: int) -> HostDetail:
        """What the host screen shows beside the row, with charts over `span` up to `now`, UTC ms.

        Charts are asked for again when their last point has moved, not every time.
        """
        answer = self._client.get(f"/v1/hosts/{host}")
        said = answer.get("detail") if isinstance(answer, dict) else None
        detail = read(HostDetail, said, self._client)
        charted, over, at, series = self._charts
        if (charted, over) != (host, span) or not 0 <= now - at < SPAN_MS[span] // POINTS:
            series = {metric: self._series(host, metric, span, now) for metric in _charted()}
            self._charts = (host, span, now, series)
        return replace(detail, series=series)

    def chart(self, queue: str, span: str, now: int) -> Series:
        """How deep a queue was over `span` up to `now`, UTC ms."""
        asked = {"queue": queue, "start": now - SPAN_MS[span], "end": now, "points": POINTS}
        return read(Series, self._client.get("/v1/queues/history", asked), self._client)

    def refresh(self, host: str | None) -> None:
        """Ask one host, or all, now."""
        self._client.post("/v1/refresh", {"host": host} if host else {})

    def ask_readiness(self, service: str) -> None:
        """Ask the hosts of a service its runbook's checks; the board shows what they said."""
        self._client.post("/v1/readiness/ask", {"service": service})

    def moments(self, end: int) -> tuple[Moment, ...]:
        """Of which moments before `end`, UTC ms, boards are kept, newest first."""
        rows = self._client.get("/v1/moments", {"end": end, "most": MOMENTS})
        return tuple(read(Moment, row, self._client) for row in rows)

    def board(self, at: int, step: int = 0) -> Document | None:
        """The board that was kept last at `at`, UTC ms; the one before that (`step` -1) or after
        it (1); None where there is none."""
        if step:
            past = {"end": at, "most": 1} if step < 0 else {"start": at + 1, "most": FARTHEST}
            rows = self._client.get("/v1/moments", past)
            if not rows:
                return None
            at = read(Moment, rows[-1], self._client).at
        return read(Document, self._client.get("/v1/board", {"at": at}), self._client)

    def run_then(self, run: str, at: int) -> RunView:
        """Everything about a run as it was at `at`, UTC ms."""
        return read(RunView, self._client.get(f"/v1/runs/{run}", {"at": at}), self._client)

    def _series(self, host: str, metric: str, span: str, now: int) -> Series:
        asked = {
            "host": host,
            "metric": metric,
            "start": now - SPAN_MS[span],
            "end": now,
            "points": POINTS,
        }
        return read(Series, self._client.get("/v1/history", asked), self._client)


def _charted() -> tuple[str, ...]:
    from tui.paint.hostcharts import GROUPS  # painted by the host screen alone

    return tuple(chart.metric for group in GROUPS for chart in group.charts)
