"""How long something lasted on a machine whose clock is set meanwhile. Pure."""

from __future__ import annotations


class ClockSteps:
    """The times that the time of day was set since the start of the watch, as it noticed them."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, int]] = []

    def stepped(self, now: int, by_ms: int) -> None:
        """The clock shows `now`, UTC ms, and was set by so much (back where negative)."""
        self._steps.append((now, by_ms))

    def began(self, since: int, now: int) -> int | None:
        """When what began at `since` by the clock of then began by the clock of `now`, UTC ms.

        None where nobody knows: it would begin in the future. A clock that was set back shows some
        times twice; they are taken for the second time.
        """
        for at, by_ms in self._steps:
            if since < at or since > now:
                since += by_ms
        return since if since <= now else None
