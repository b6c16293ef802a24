"""What the queues screen shows beside the rows: the chart of the one at the cursor."""

from __future__ import annotations

from estate.document import Document, Series
from tui.console.commands import Go
from tui.console.places import Place
from tui.console.requests import Chart

#: Charts of an hour move this often; longer ones have no news to show sooner.
CHART_MS = 10_000
#: A first answer is asked for again after so long.
FIRST_MS = 1_000


class QueueDesk:
    """Sans-IO; `at` is the console's monotonic clock in ms, `now` the watch's in UTC ms."""

    def __init__(self) -> None:
        self._known: tuple[Chart, Series] | None = None
        self._asked: tuple[str, str] = ("", "")
        self._asked_at = 0

    def learn(self, asked: Chart, series: Series) -> None:
        """What was asked for came."""
        self._known = (asked, series)

    def shown(self, place: Place) -> tuple[str, Series] | None:
        """The chart that is known of the span that is shown, and the queue that it is of."""
        if self._known is None or place.screen != "queues":
            return None
        asked, series = self._known
        return (asked.queue, series) if asked.span == place.attention.span else None

    def wanted(
        self, place: Place, cursor: str, at: int, now: int, *, low: bool, paused: bool
    ) -> tuple[Chart, ...]:
        """What the screen lacks, or has for too long; on a spared (`low`) link for longer."""
        queue, span = _queue(cursor), place.attention.span
        if place.screen != "queues" or not queue:
            return ()
        shown = self.shown(place)
        known = shown is not None and shown[0] == queue
        if paused and known:
            return ()
        pause = CHART_MS * (3 if low else 1) if known else FIRST_MS
        if (queue, span) == self._asked and at - self._asked_at < pause:
            return ()
        self._asked, self._asked_at = (queue, span), at
        return (Chart(queue, span, now),)


def hosts_of(cursor: str, document: Document) -> Go | None:
    """The hosts that hold the queue at `cursor`; one of them alone has a screen of its own."""
    row = next((each for each in document.queues if each.key == _queue(cursor)), None)
    if row is None:
        return None
    if row.hosts == 1 and row.parts and row.parts[0].host in document.hosts:
        return Go("host", row.parts[0].host)
    return Go("hosts", filter=f"group:{row.group} site:{row.site}")


def _queue(cursor: str) -> str:
    return cursor.removeprefix("queue:") if cursor.startswith("queue:") else ""
