"""The one place that reads real clocks."""

from __future__ import annotations

import time

#: A wall clock that moves this much against the monotonic one did not tick: it was set.
JUMP_MS = 2_000


def now_ms() -> int:
    """The wall clock, UTC milliseconds."""
    return time.time_ns() // 1_000_000


def steady_seconds() -> float:
    """A clock that is never set, for waiting and for measuring how long something took."""
    return time.monotonic()


def cpu_seconds() -> float:
    """CPU time of this process, all its threads, in user and kernel."""
    return time.process_time()


class JumpDetector:
    """Notices when the wall clock was set while we ran."""

    def __init__(self) -> None:
        self._offset = self._measured()

    def jumped_ms(self) -> int:
        """How far the wall clock was set since the last call, 0 where it only drifted."""
        offset = self._measured()
        jump, self._offset = offset - self._offset, offset
        return jump if abs(jump) > JUMP_MS else 0

    @staticmethod
    def _measured() -> int:
        return now_ms() - time.monotonic_ns() // 1_000_000
