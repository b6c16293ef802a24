"""Whether a row is beyond its limits, and has been for long enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from estate.document import SEVERITIES, Severity
from estate.queues import DeclaredQueue, QueueRow
from watch.latch import Latch

#: A queue that is full within so many seconds is a problem, as a disk is (`estate.thresholds`).
_FULL = (("full", Severity.WARNING, 4 * 3600.0), ("full", Severity.CRITICAL, 30 * 60.0))

#: Held mail waits for a person, who may take days: its age is shown and not judged.
WAITS_FOR_A_PERSON = frozenset({"hold", "frozen"})


@dataclass(frozen=True, slots=True)
class Beyond:
    """`metric` (depth, oldest, full or unknown) of a row is beyond `limit`, since `since`."""

    metric: str
    severity: Severity
    limit: float
    since: int


class Levels:
    """Latches of every row, by metric and level."""

    def __init__(self) -> None:
        self._latches: dict[tuple[str, str, Severity], Latch] = {}

    def restored(self, row: QueueRow) -> None:
        """Begin with what stood when the records were written; which limit it was is not kept."""
        if row.since is None or row.state not in ("warning", "critical"):
            return
        for metric, severity, limit in _limits_of_row(row):
            if _fact(row, metric, limit):
                self._latches[row.key, metric, severity] = Latch(True, row.since)

    def judge(
        self, row: QueueRow, declared: DeclaredQueue, now: int, *, looked: bool
    ) -> tuple[Beyond, ...]:
        """What stands of `row`, the worst first; time counts from look to look, not in between."""
        found = []
        for metric, severity, limit in _limits(row, declared):
            key = row.key, metric, severity
            latch = self._latches.get(key, Latch())
            if looked:
                latch = latch.seen(_fact(row, metric, limit), now, declared.hold_ms)
            if latch.idle:
                self._latches.pop(key, None)
            else:
                self._latches[key] = latch
            if latch.on and latch.since is not None:
                found.append(Beyond(metric, severity, limit, latch.since))
        return tuple(sorted(found, key=lambda each: SEVERITIES.index(each.severity)))

    def forget(self, row: QueueRow) -> None:
        """Nothing counts as lasting over a moment in which nobody could look."""
        for key, latch in list(self._latches.items()):
            if key[0] == row.key:
                self._latches[key] = latch.seen(None, 0, 0)


def judged(row: QueueRow, found: tuple[Beyond, ...]) -> QueueRow:
    """`row` with its state by what stands."""
    if not found:
        return row
    since = min(each.since for each in found)
    return replace(row, state=found[0].severity.value, since=since)


def _limits(row: QueueRow, declared: DeclaredQueue) -> Iterator[tuple[str, Severity, float]]:
    for limit, severity in (
        (declared.warn, Severity.WARNING),
        (declared.critical, Severity.CRITICAL),
    ):
        if limit is not None:
            yield "depth", severity, float(limit)
    if row.queue not in WAITS_FOR_A_PERSON:
        for age, severity in (
            (declared.oldest_ms, Severity.WARNING),
            (declared.oldest_critical_ms, Severity.CRITICAL),
        ):
            if age is not None:
                yield "oldest", severity, age / 1000
    if declared.full is not None:
        yield from _FULL


def _limits_of_row(row: QueueRow) -> Iterator[tuple[str, Severity, float]]:
    for limit, severity in ((row.warn, Severity.WARNING), (row.critical, Severity.CRITICAL)):
        if limit is not None:
            yield "depth", severity, float(limit)
    if row.oldest_limit_seconds is not None:
        yield "oldest", Severity.WARNING, row.oldest_limit_seconds
    if row.full is not None:
        yield from _FULL


def _fact(row: QueueRow, metric: str, limit: float) -> bool | None:
    """Whether it is beyond; None where nobody can tell: more may wait where hosts are missing."""
    if metric == "full":
        if row.full_in_seconds is not None:
            return row.full_in_seconds < limit
        return None if row.at_least or not row.trend else False
    value = row.depth if metric == "depth" else row.oldest_seconds
    if row.depth is None:
        return None
    if value is None:  # nothing waits, or its age is not told
        return False if row.depth == 0 and not row.at_least else None
    if value > limit:
        return True
    return None if row.at_least else False
