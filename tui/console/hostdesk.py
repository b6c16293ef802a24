"""What the host screen shows beside the row: asked for when it is shown, and again in a while."""

from __future__ import annotations

from estate.document import HostDetail
from tui.console.places import Place
from tui.console.requests import Detail

#: Charts of an hour move this often; longer ones have no news to show sooner.
DETAIL_MS = 4_000
#: A first answer is asked for again after so long.
FIRST_MS = 1_000


class HostDesk:
    """Sans-IO; `at` is the console's monotonic clock in ms, `now` the watch's in UTC ms."""

    def __init__(self) -> None:
        self._detail: HostDetail | None = None
        self._asked_at = 0

    def learn(self, detail: HostDetail) -> None:
        """What was asked for came."""
        self._detail = detail

    def shown(self, place: Place) -> HostDetail | None:
        """What is known of the host that is shown at `place`."""
        detail = self._detail
        return detail if detail is not None and detail.name == place.subject else None

    def hurry(self) -> None:
        """Another screen or span: ask at once."""
        self._asked_at = 0

    def wanted(
        self, place: Place, at: int, now: int, *, low: bool, paused: bool
    ) -> tuple[Detail, ...]:
        """What the host screen lacks, or has for too long; on a spared (`low`) link for longer."""
        known = self.shown(place) is not None
        if place.screen != "host" or (paused and known):
            return ()
        pause = DETAIL_MS * (3 if low else 1) if known else FIRST_MS
        if at - self._asked_at < pause:
            return ()
        self._asked_at = at
        return (Detail(place.subject, place.attention.span, now),)
