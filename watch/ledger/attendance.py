"""When each vantage asked a service, as rows of coverage: one for each stretch without a hole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from estate.ledger.book import Coverage


class Attendance:
    """The `rows` of `service`, those of a vantage in the order in which they were begun."""

    def __init__(self, service: str, rows: Iterable[Coverage]) -> None:
        self.rows = list(rows)
        self._service = service

    def last(self, vantage: str = "") -> int | None:
        """The last round of `vantage`, or of any; None before there was one."""
        return max((e.to for e in self.rows if vantage in ("", e.vantage)), default=None)

    def cover(
        self, vantage: str, start: int, to: int, patience_ms: int, *, split: bool = False
    ) -> Coverage:
        """The row that rounds from `start` to `to` make longer, or begin: where they `split` off,
        or come later than `patience_ms` after the last."""
        backwards = range(len(self.rows) - 1, -1, -1)
        place = next((n for n in backwards if self.rows[n].vantage == vantage), -1)
        if place >= 0 and not split:
            last = self.rows[place]
            if last.to < to and start <= last.to + patience_ms:
                self.rows[place] = replace(last, start=min(last.start, start), to=to)
                return self.rows[place]
        self.rows.append(Coverage(self._service, vantage, start, to))
        return self.rows[-1]

    def cut(self, at: int, vantage: str = "") -> tuple[Coverage, ...]:
        """From `at` on nothing counts as covered by `vantage`, or by any; the rows that are
        shorter now, those of which nothing is left with no length."""
        ours = [each for each in self.rows if vantage in ("", each.vantage) and each.to > at]
        cut = tuple(replace(each, to=max(each.start, at)) for each in ours)
        kept = [each for each in self.rows if each not in ours]
        self.rows = [*kept, *(each for each in cut if each.start < each.to)]
        return cut

    def forget(self, before: int) -> None:
        """Let go of what ended before."""
        self.rows = [each for each in self.rows if each.to >= before]
