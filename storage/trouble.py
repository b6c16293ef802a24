"""What keeps the records from being kept: told of once, tried again ever later, over if it stays
away."""

from __future__ import annotations

from collections.abc import Callable

from storage.database import Fault, RecordsError

_FIRST_RETRY_SECONDS = 1.0
_LAST_RETRY_SECONDS = 30.0
#: A disk with almost no space takes a little now and then: only what went on so long is over.
LASTING_SECONDS = 30.0

#: Faults that leave nothing to read: the file is closed at once.
UNREADABLE = frozenset({Fault.CORRUPT, Fault.FOREIGN, Fault.GONE})


class Trouble:
    """The trouble that the records are in, if any; `notice` is told what people should know.

    Seconds are of a clock that is never set. `dropped` counts samples and events given up, ever.
    """

    def __init__(self, notice: Callable[[str], None]) -> None:
        self.fault: RecordsError | None = None
        self.retry_seconds = 0.0
        self._notice = notice
        self._told: Fault | None = None  # what people were told of, and not yet that it is over
        self._kept_since = 0.0  # since the last fault
        self._reported_dropped = 0

    @property
    def unfinished(self) -> bool:
        """Whether people were told of a fault, and not yet that it is over."""
        return self._told is not None

    def begun(self, fault: RecordsError) -> None:
        """The records refused, because of `fault`."""
        if self._told is not fault.fault:
            self._notice(f"records are not kept: {fault}")
            self._told = fault.fault
        self.fault = fault
        self.retry_seconds = min(
            max(2 * self.retry_seconds, _FIRST_RETRY_SECONDS), _LAST_RETRY_SECONDS
        )

    def passed(self, seconds: float) -> None:
        """They took something again."""
        if self.fault is not None:
            self.fault = None
            self._kept_since = seconds

    def lasting(self, seconds: float, dropped: int) -> None:
        """Say that it is over once that has lasted; until then a fault is still the same one."""
        if self._told is None or seconds - self._kept_since < LASTING_SECONDS:
            return
        lost = dropped - self._reported_dropped
        self._reported_dropped = dropped
        self._told = None
        self.retry_seconds = 0.0
        self._notice("records are kept again" + (f"; {lost} samples and events lost" * bool(lost)))

    def status(self, dropped: int) -> str:
        """What is wrong, and what to do; "" while nothing is."""
        fault = self.fault
        if fault is None:
            return ""
        lost = dropped - self._reported_dropped
        return f"not saved: {fault}" + (f"; {lost} samples and events lost so far" if lost else "")
