"""A time of day that deleting may rely on: a clock set far ahead must not age the records.

What is deleted is gone, while what is kept a day too long costs a little room. So the wall clock is
followed back at once, but ahead only as fast as time goes by, until it has stood for a day.
"""

from __future__ import annotations

#: A clock that is slewed moves less than this between two looks.
SLACK_MS = 2_000
#: A clock that stayed ahead so long is right: this machine slept, or its clock was behind before.
BELIEVED_AFTER_MS = 86_400_000


class BelievedTime:
    """The earliest time that it may be now, by a wall clock and one that is never set."""

    def __init__(self) -> None:
        self._offset: int | None = None  # wall minus steady, as far as it is believed
        self._ahead_since: int | None = None  # by the steady clock

    def now(self, wall_ms: int, steady_ms: int) -> int:
        """UTC ms, never after `wall_ms`."""
        offset = wall_ms - steady_ms
        if self._offset is None or offset <= self._offset + SLACK_MS:
            self._offset, self._ahead_since = offset, None
        elif self._ahead_since is None:
            self._ahead_since = steady_ms
        elif steady_ms - self._ahead_since >= BELIEVED_AFTER_MS:
            self._offset, self._ahead_since = offset, None
        return steady_ms + self._offset
