"""What the host screen shows beside the row: asked for when it is shown, and again in a while."""

from __future__ import annotations

from dataclasses import replace

from estate.document import HostDetail
from tui.console.journey.orders import Outcome, Say
from tui.console.journey.standpoint import Standpoint
from tui.console.requests.board import Detail
from tui.paint.view import View

#: Charts of an hour move this often; longer ones have no news to show sooner.
DETAIL_MS = 4_000
#: A first answer is asked for again after so long.
FIRST_MS = 1_000


class HostDesk:
    """See `tui.console.desks.desk.Desk`."""

    def __init__(self) -> None:
        self._detail: HostDetail | None = None
        self._asked_at = 0
        self._span = ""

    def wanted(self, here: Standpoint) -> tuple[Detail, ...]:
        """What the host screen lacks, or has for too long; on a spared link for longer."""
        place, at = here.place, here.at
        known = self._of(place.subject) is not None
        if place.screen != "host" or (here.paused and known):
            return ()
        pause = DETAIL_MS * (3 if here.low else 1) if known else FIRST_MS
        if place.attention.span == self._span and at - self._asked_at < pause:
            return ()
        self._asked_at, self._span = at, place.attention.span
        return (Detail(place.subject, self._span, here.now),)

    def hurry(self) -> None:
        """Another screen: ask at once."""
        self._asked_at = 0

    def learn(self, request: object, answer: object, here: Standpoint) -> tuple[Outcome, ...]:
        """What was asked for came, or why it did not."""
        if not isinstance(answer, HostDetail):
            return (Say(str(answer)),)
        self._detail = answer
        return ()

    def dress(self, view: View) -> View:
        """`view` with what is known of the host that it shows."""
        return replace(view, detail=self._of(view.subject))

    def _of(self, host: str) -> HostDetail | None:
        detail = self._detail
        return detail if detail is not None and detail.name == host else None
