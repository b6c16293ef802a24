"""When a file system will be full, from how it filled lately.

The slope is the median of the slopes between all pairs of measurements (Theil 1950, Sen 1968): a
log rotation or one burst in the window moves it little, where a least-squares line would swing.
"""

from __future__ import annotations

from collections import deque
from itertools import combinations
from math import isnan
from statistics import quantiles

from estate.samples import FileSystem

WINDOW_MS = 15 * 60_000
#: Fewer measurements, or closer together, say nothing about a trend.
FEWEST = 5
SHORTEST_MS = 3 * 60_000
#: What fills more slowly than this has a forecast nobody acts on.
FARTHEST_SECONDS = 30 * 86_400.0
#: Measurements kept; at one a minute the window holds 15, and closer ones are thinned out.
MOST = 30


class Filling:
    """The last 15 minutes of one file system."""

    def __init__(self) -> None:
        self._seen: deque[tuple[int, float]] = deque(maxlen=MOST)
        self._last = FileSystem("", 0.0, 0.0, 0.0)

    def measured(self, at: int, filesystem: FileSystem) -> None:
        """`filesystem` was seen at `at`, UTC ms. With another size it is another: start over."""
        if isnan(filesystem.used):
            return
        if filesystem.size != self._last.size or (self._seen and at < self._seen[-1][0]):
            self._seen.clear()  # another file system, or a clock that was set back
        self._last = filesystem
        if not self._seen or at - self._seen[-1][0] >= WINDOW_MS // MOST:
            self._seen.append((at, filesystem.used))
        while self._seen and at - self._seen[0][0] > WINDOW_MS:
            self._seen.popleft()

    @property
    def tells(self) -> bool:
        """Whether it was measured often and long enough to see a trend, or that there is none."""
        seen = self._seen
        return len(seen) >= FEWEST and seen[-1][0] - seen[0][0] >= SHORTEST_MS

    def bytes_per_second(self) -> float | None:
        """How fast it fills; None where it does not, or nobody could tell yet.

        It fills if three quarters of the pairs say so; one burst alone does not make a trend.
        """
        if not self.tells:
            return None
        slopes = [
            1000.0 * (later[1] - earlier[1]) / (later[0] - earlier[0])
            for earlier, later in combinations(self._seen, 2)
        ]
        lower, median, _ = quantiles(slopes, n=4)
        return median if lower > 0 else None

    def full_in_seconds(self) -> float | None:
        """Until no ordinary user can write to it at this pace; None where no end is in sight."""
        slope = self.bytes_per_second()
        if slope is None:
            return None
        left = self._last.available / slope
        return left if left <= FARTHEST_SECONDS else None
