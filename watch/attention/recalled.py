"""What was brought back before a restart, by the words that had ended by then. Pure.

A problem that returned is as new after a restart as it was before: whoever was to be told of it has
perhaps not been. Which problems a silence hid is on no disk; it is found by its filter again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from estate.attention import Ended, Ending, Silence
from estate.document import Problem
from estate.fields import PROBLEM_FIELDS, problem_fields
from estate.filter import Filter, FilterError, parse

#: A problem that is back within this time is the same one: a host that is started twice is not
#: acknowledged twice. So long after all is seen, what comes is no more of before the restart.
OVER_MS = 300_000


class Recalled:
    """Words that ended, for problems that are not seen yet; each problem is judged once."""

    def __init__(self, ended: Iterable[Ended] = ()) -> None:
        self._problems: dict[str, list[Ended]] = {}  # of acknowledgements, by problem
        self._silences: list[tuple[Ended, Filter]] = []
        self._judged: set[str] = set()
        self._until: int | None = None  # then nothing of before is waited for
        for each in ended:
            self.hear(each)

    def hear(self, ended: Ended) -> None:
        """Remember that a word ended, while problems of before may still come."""
        if ended.how in (Ending.OVER, Ending.REPLACED, Ending.LATE):
            return
        if not isinstance(ended.said, Silence):
            self._problems.setdefault(ended.said.problem, []).append(ended)
            return
        with suppress(FilterError):  # of an older grammar: what it hid is not known any more
            self._silences.append((ended, parse(ended.said.where, PROBLEM_FIELDS)))

    def look(
        self, problems: Mapping[str, Problem], now: int, *, complete: bool
    ) -> Iterator[tuple[str, int]]:
        """The problems that are seen for the first time and stand since a word about them ended,
        with when that was, UTC ms."""
        if self._until is None and complete:
            self._until = now + OVER_MS
        if self._until is not None and now >= self._until:
            self._problems, self._silences = {}, []
            return
        for name in problems.keys() - self._judged:
            self._judged.add(name)
            about = self._about(problems[name], now)
            # What began when the word held no more is another problem.
            back = [e.at for e in about if problems[name].since <= min(e.at, e.said.until)]
            if back:
                yield name, max(back)

    def _about(self, problem: Problem, now: int) -> Iterator[Ended]:
        yield from self._problems.get(problem.id, ())
        ways = ways_of(problem, now)
        for ended, selected in self._silences:
            if all(selected.matches(way) for way in ways):
                yield ended


def ways_of(problem: Problem, now: int) -> tuple[Mapping[str, object], ...]:
    """What a silence must select of `problem`: if it is about several hosts, each of them, for who
    silences one host has not silenced its site."""
    fields = problem_fields(problem, now)
    return tuple({**fields, "host": (host,)} for host in problem.hosts) or (fields,)
