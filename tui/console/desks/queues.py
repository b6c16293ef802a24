"""What the queues screen shows beside the rows: the chart of the one at the cursor."""

from __future__ import annotations

from dataclasses import replace

from estate.document import Document, Series
from tui.console.journey.orders import Go, Outcome, Say
from tui.console.journey.standpoint import Standpoint
from tui.console.requests.board import Chart
from tui.paint.view import View

#: Charts of an hour move this often; longer ones have no news to show sooner.
CHART_MS = 10_000
#: A first answer is asked for again after so long.
FIRST_MS = 1_000


class QueueDesk:
    """See `tui.console.desks.desk.Desk`."""

    def __init__(self) -> None:
        self._known: tuple[Chart, Series] | None = None
        self._asked: tuple[str, str] = ("", "")
        self._asked_at = 0

    def wanted(self, here: Standpoint) -> tuple[Chart, ...]:
        """What the screen lacks, or has for too long; on a spared link for longer."""
        place, at = here.place, here.at
        if place.screen != "queues" or not (queue := _queue(here.row())):
            return ()
        span = place.attention.span
        shown = self._shown(span)
        known = shown is not None and shown[0] == queue
        if here.paused and known:
            return ()
        pause = CHART_MS * (3 if here.low else 1) if known else FIRST_MS
        if (queue, span) == self._asked and at - self._asked_at < pause:
            return ()
        self._asked, self._asked_at = (queue, span), at
        return (Chart(queue, span, here.now),)

    def act(self, binding: str, here: Standpoint) -> tuple[Outcome, ...]:
        """To the hosts that hold the queue at the cursor."""
        found = hosts_of(here.row(), here.document) if here.document is not None else None
        return (found,) if found is not None else ()

    def learn(self, request: object, answer: object, here: Standpoint) -> tuple[Outcome, ...]:
        """What was asked for came, or why it did not."""
        if not isinstance(answer, Series):
            return (Say(str(answer)),)
        assert isinstance(request, Chart)
        self._known = (request, answer)
        return ()

    def dress(self, view: View) -> View:
        """`view` with the chart that is known of its span, and the queue that it is of."""
        shown = self._shown(view.attention.span) if view.screen == "queues" else None
        return replace(view, queue_series=shown)

    def _shown(self, span: str) -> tuple[str, Series] | None:
        if self._known is None:
            return None
        asked, series = self._known
        return (asked.queue, series) if asked.span == span else None


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
