"""Who has which problem, and which are silenced, as the board is made. Pure.

A problem is whose the last word says: the acknowledgement, or the handover that somebody offered or
signed after it. Only an acknowledgement or a silence keeps it quiet, and only until its end.

An acknowledgement ends when its time is up, when the problem gets worse than what was
acknowledged, when it has been over for a while, or when it is taken back; a silence ends when its
time is up or when it is taken back. Whatever ends while the problem stands brings it back as new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from estate.attention import Acknowledgement, Ended, Ending, Kept, Silence
from estate.document import SEVERITIES, Problem, Severity
from estate.fields import PROBLEM_FIELDS
from estate.filter import Filter, parse
from estate.handover import Ownership
from watch.attention.recalled import OVER_MS, Recalled, ways_of

_RANK = {severity.value: rank for rank, severity in enumerate(SEVERITIES)}


class News(NamedTuple):
    """Something ended, and the problem that it was about, as it is now; None if it is over.

    `back` are the causes that are nobody's again by it, worst first: of a silence several.
    """

    ended: Ended
    problem: Problem | None
    back: tuple[Problem, ...] = ()


class Attention:
    """What people said of problems. `unkept` is what is not known to be on record."""

    def __init__(self) -> None:
        self._acknowledged: dict[str, Acknowledgement] = {}  # by problem
        self._silences: dict[str, Silence] = {}
        self._filters: dict[str, Filter] = {}  # by silence
        self._silenced: dict[str, str] = {}  # problem -> its silence, in the last picture
        self._returned: dict[str, int] = {}  # problem -> when it came back
        self._owners: Mapping[str, Ownership] = {}  # by problem
        self._recalled = Recalled()
        self._missed: dict[str, int] = {}  # acknowledged problem -> since when it is not there
        self._ended: list[tuple[Ended, Iterable[str]]] = []  # and the problems that it brings back
        self.unkept: list[Ended] = []

    # --- what people say --------------------------------------------------------------------------

    def restored(self, kept: Kept) -> None:
        """Go on with what the records know. What expired meanwhile ends at the next look; what
        ended before brings back what stands since then."""
        self._recalled = Recalled(kept.ended)
        for each in kept.acknowledgements:
            self._acknowledged[each.problem] = each
        for silence in kept.silences:
            self.silence(silence)

    def acknowledge(self, said: Acknowledgement) -> None:
        """Somebody has a problem, from now on."""
        self._acknowledged[said.problem] = said
        self._returned.pop(said.problem, None)

    def silence(self, said: Silence) -> None:
        """Silence problems, from now on. Raises FilterError where it can't be read."""
        self._filters[said.id] = parse(said.where, PROBLEM_FIELDS)
        self._silences[said.id] = said

    def own(self, owners: Mapping[str, Ownership]) -> None:
        """Whose problems are by the handovers, by problem; all of them, from now on."""
        self._owners = owners

    def withdraw(self, ended: Ended) -> None:
        """Somebody took it back."""
        self._end(ended)

    def acknowledgement(self, problem: str) -> Acknowledgement | None:
        """Who has a problem."""
        return self._acknowledged.get(problem)

    @property
    def acknowledgements(self) -> tuple[Acknowledgement, ...]:
        """All that hold, the oldest first."""
        return tuple(sorted(self._acknowledged.values(), key=lambda each: each.at))

    @property
    def silences(self) -> tuple[Silence, ...]:
        """All that hold, the oldest first."""
        return tuple(self._silences.values())

    # --- the board --------------------------------------------------------------------------------

    def look(
        self, problems: Iterable[Problem], now: int, *, complete: bool
    ) -> tuple[tuple[Problem, ...], tuple[News, ...]]:
        """`problems` with whose they are, and what ended at `now`, UTC ms.

        While the picture is not `complete`, a problem that is missing is not known to be over.
        """
        every = {each.id: each for each in problems}
        self._end_acknowledgements(every, now, complete)
        self._end_silences(every, now)
        for name, at in self._recalled.look(every, now, complete=complete):
            if name not in self._acknowledged:
                self._returned[name] = max(at, self._returned.get(name, at))
        ended, self._ended = self._ended, []
        if complete:
            self._returned = {each: at for each, at in self._returned.items() if each in every}
        self._silenced = {}
        shown = tuple(self._attended(each, now) for each in every.values())
        told = {each.id: each for each in shown}
        return shown, tuple(_news(each, back, told) for each, back in ended)

    def _attended(self, problem: Problem, now: int) -> Problem:
        if problem.severity is Severity.MAINTENANCE:
            return problem  # planned work has an owner and an end of its own
        said = self._acknowledged.get(problem.id)
        silence = self._silence_of(problem, now)
        if silence is not None:
            self._silenced[problem.id] = silence.id
            return self._owned(replace(problem, silence=silence.id), said or silence)
        if said is not None:
            return self._owned(problem, said)
        returned = self._returned.get(problem.id)
        back = problem if returned is None else replace(problem, returned=returned)
        return self._owned(back, None)

    def _owned(self, problem: Problem, said: Acknowledgement | Silence | None) -> Problem:
        """`problem` with its owner: by what was `said` of it, or by a handover that came later."""
        if said is not None:
            problem = replace(problem, owner=said.owner, until=said.until, reason=said.reason)
        taken = self._owners.get(problem.id)
        if taken is None or (said is not None and said.at >= taken.since):
            return problem
        before = "" if said is None or said.owner == taken.owner else said.owner
        return replace(problem, owner=taken.owner, handover=taken.handover, quieted_by=before)

    def _silence_of(self, problem: Problem, now: int) -> Silence | None:
        """The first silence that selects `problem`, in all its ways."""
        if not self._silences:
            return None
        ways = ways_of(problem, now)
        for name, silence in self._silences.items():
            if all(self._filters[name].matches(way) for way in ways):
                return silence
        return None

    # --- what ends --------------------------------------------------------------------------------

    def _end_acknowledgements(self, every: Mapping[str, Problem], now: int, complete: bool) -> None:
        for name, said in list(self._acknowledged.items()):
            problem = every.get(name)
            if said.until <= now:
                self._end(Ended(said, now, Ending.EXPIRED))
            elif problem is None:
                gone = now - self._missed.setdefault(name, now) if complete else 0
                if gone >= OVER_MS:
                    self._end(Ended(said, now, Ending.OVER))
            elif _RANK[problem.severity.value] < _RANK[said.severity]:
                self._end(Ended(said, now, Ending.WORSE))
            else:
                self._missed.pop(name, None)

    def _end_silences(self, every: Mapping[str, Problem], now: int) -> None:
        for silence in list(self._silences.values()):
            if silence.until <= now:
                self._end(Ended(silence, now, Ending.EXPIRED))

    def _end(self, ended: Ended) -> None:
        said = ended.said
        if isinstance(said, Silence):
            self._silences.pop(said.id, None)
            self._filters.pop(said.id, None)
            back = [each for each, silence in self._silenced.items() if silence == said.id]
            self._recalled.hear(ended)
        else:
            self._acknowledged.pop(said.problem, None)
            self._missed.pop(said.problem, None)
            back = [said.problem]
        if ended.how is not Ending.OVER:
            self._returned.update(dict.fromkeys(back, ended.at))
        self._ended.append((ended, back))
        self.unkept.append(ended)


def _news(ended: Ended, back: Iterable[str], told: Mapping[str, Problem]) -> News:
    about = ended.said.problem if isinstance(ended.said, Acknowledgement) else ""
    standing = (told[each] for each in back if each in told)
    causes = (each for each in standing if each.returned == ended.at and not each.parent)
    worst_first = sorted(causes, key=lambda each: _RANK[each.severity.value])
    return News(ended, told.get(about), tuple(worst_first))
