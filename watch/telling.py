"""What became of the picture, as events: what rose, got worse, turned, and is over.

Pure. A problem that is not found any more is over only where that is known: one that is out of
sight goes on standing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from itertools import groupby

from estate.document import Document, Event, Problem, Severity
from estate.ordering import RANK
from estate.samples import Reach
from estate.thresholds import JUDGED
from estate.told import Told, told
from watch import words
from watch.alike import FEWEST_STANDING, is_fold, members
from watch.clocksteps import ClockSteps
from watch.folding import severity_of
from watch.state import HostState

#: So many hosts that turn the same way at once are one event.
CROWD = 4
#: Reach as a person says it.
_SAID = {Reach.LATE: "stale"}


class Telling:
    """Events of a board. `standing` are the problems of the last picture, by id.

    Ids of events count on from `last_event_id`; `steps` are those of the clock.
    """

    def __init__(self, last_event_id: int, steps: ClockSteps) -> None:
        self._steps = steps
        self.standing: dict[str, Problem] = {}
        self._states: Mapping[str, HostState] = {}
        self._told: dict[str, Reach | None] = {}
        self._fold_told: dict[str, int] = {}  # fold -> on how many hosts, when it was last told of
        self._waiting: list[tuple[Severity, str, str, str]] = []
        self._last_event_id = last_event_id

    def follow(self, states: Mapping[str, HostState]) -> None:
        """The hosts there are now."""
        self._states = states
        self._told = {name: self._told.get(name) for name in states}

    def restored(self, restored: Document) -> None:
        """Go on from the picture in the records: what was told once is no news."""
        for name, row in restored.hosts.items():
            if name in self._states and row.reach is not Reach.CONNECTING:
                self._told[name] = row.reach
        for problem in restored.problems:
            if self._stood(problem):
                self.standing[problem.id] = problem
                if is_fold(problem):
                    self._fold_told[problem.id] = len(problem.hosts)

    def _stood(self, problem: Problem) -> bool:
        """Whether what becomes of a problem in the records is ours to tell."""
        if is_fold(problem):
            return not self._states.keys().isdisjoint(problem.hosts)
        if is_host(problem):
            return problem.where in self._states and problem.kind in JUDGED
        return problem.kind == "reach"

    def say(self, severity: Severity, where: str, what: str, cleared: str = "") -> None:
        """Something happened, and problem `cleared` is over; it is an event of the next change."""
        self._waiting.append((severity, where, what, cleared))

    def tell(self, problems: Iterable[Problem], behind: Mapping[str, str], now: int) -> None:
        """Turn what is different from the last picture into events."""
        self._tell_turns(behind, now)
        self._tell_reboots()
        seen = {each.id: each for each in problems if each.kind != "reach" or not is_host(each)}
        for problem in seen.values():
            if not problem.parent:
                self._tell_risen(problem)
        explained = {each.where for each in problems if each.kind == "reach" and each.parent}
        ended = [known for known in self.standing.values() if known.id not in seen]
        for known in sorted(ended, key=is_fold):  # a fold ends by what becomes of its members
            if self._out_of_sight(known, seen):
                seen[known.id] = known
            elif not known.parent:
                self._tell_ended(known, seen, explained, now)
        self.standing = seen

    def _tell_risen(self, problem: Problem) -> None:
        known = self.standing.get(problem.id)
        if is_fold(problem):
            # Told of again when it has doubled: five events at most from 3 hosts to 80.
            told = self._fold_told.get(problem.id, 0)
            if known is None or len(problem.hosts) >= 2 * told:
                self._fold_told[problem.id] = len(problem.hosts)
                self.say(problem.severity, problem.where, words.fold_risen(problem))
                return
        if known is None:
            self.say(problem.severity, problem.where, problem.what)
        elif known.severity is not problem.severity:
            self.say(problem.severity, problem.where, words.escalated(problem))
        elif problem.kind == "reach" and known.glyph != problem.glyph:
            self.say(problem.severity, problem.where, problem.what)  # a silent site is lost now

    def _tell_ended(
        self, known: Problem, seen: Mapping[str, Problem], explained: Set[str], now: int
    ) -> None:
        if is_fold(known):
            self._fold_told.pop(known.id, None)
            left = _left(known, seen)
            if left:
                self.say(left[0].severity, known.where, words.fold_dissolved(left[0]))
            if left or any(each in seen for each in members(known)):
                return  # they are counted in another group now, which was told of
        elif known.kind == "reach":
            if explained >= set(known.hosts):
                return  # by another cause now, which was told of
        elif known.where not in self._states:
            return  # the estate has no such host any more
        began = self._steps.began(known.since, now)
        self.say(Severity.OK, known.where, words.cleared(known, began, now), known.id)

    def _out_of_sight(self, known: Problem, seen: Mapping[str, Problem]) -> bool:
        """Whether `known`, which is not found any more, is not known to be over either."""
        if is_fold(known):
            return len(_left(known, seen)) >= FEWEST_STANDING
        if known.kind == "reach":  # of a site or a jump host: the start asks its hosts one by one
            states = [self._states[host] for host in known.hosts if host in self._states]
            return any(state.settled is None for state in states)
        state = self._states.get(known.where)
        return state is not None and not self._over(state)

    @staticmethod
    def _over(state: HostState) -> bool:
        """Whether a problem that is not found any more is known to be over."""
        return state.row.reach is Reach.LIVE and state.judged

    def _tell_turns(self, behind: Mapping[str, str], now: int) -> None:
        """Events of hosts whose reach turned; a crowd that turns the same way is one event."""
        turned = [
            (name, self._told[name], state.settled)
            for name, state in self._states.items()
            if state.settled not in (None, self._told[name])
        ]
        self._told.update({name: new for name, _, new in turned})

        def way(turn: tuple[str, Reach | None, Reach | None]) -> tuple[str, str, str]:
            name, old, new = turn
            return behind.get(name, ""), str(old), str(new)

        for (cause, _, _), crowd in groupby(sorted(turned, key=way), key=way):
            turns = list(crowd)
            _, old, new = turns[0]
            assert new is not None
            if old is None and new is Reach.LIVE:
                continue  # the first answer of a host is no news
            names = [name for name, _, _ in turns]
            cases = [self._states[name].row for name in names]
            severity = min((severity_of(new, row.cause) for row in cases), key=RANK.__getitem__)
            if cause or len(names) >= CROWD:
                where = cause or "estate"
                said = {"many": words.hosts(len(names)), "turn": _turn(old, new)}
                said["names"] = words.some(names)
                many = told("{many} {turn}: {names}", **said)
                if cause:
                    many = told("{many} {turn} behind it: {names}", **said)
                self.say(severity, where, many)
                continue
            for name in names:
                row = self._states[name].row
                turn: str = _turn(old, new)
                if row.cause:
                    turn = told("{turn}: {why}", turn=turn, why=row.cause.what)
                self.say(severity_of(new, row.cause), name, turn)

    def _tell_reboots(self) -> None:
        for name, state in self._states.items():
            if state.rebooted:
                state.rebooted = False
                self.say(Severity.WARNING, name, words.rebooted(state.row.uptime_seconds or 0.0))

    def events(self, now: int) -> tuple[Event, ...]:
        """What waits to be said, newest first, with ids that nobody else has."""
        events = []
        for severity, where, what, cleared in self._waiting:
            self._last_event_id += 1
            events.append(Event(self._last_event_id, now, severity, where, what, cleared))
        self._waiting.clear()
        return tuple(reversed(events))


def is_host(problem: Problem) -> bool:
    """Whether a problem is about one host, and that alone."""
    return problem.hosts == (problem.where,)


def _left(fold: Problem, seen: Mapping[str, Problem]) -> list[Problem]:
    """What is left of a fold: its members that no other one has taken in."""
    known = (seen[each] for each in members(fold) if each in seen)
    return [each for each in known if each.parent in ("", fold.id)]


def _turn(old: Reach | None, new: Reach) -> str:
    said = Told(_SAID.get(new, new.value), {})
    if not old:
        return said
    return told("{before} → {after}", before=Told(_SAID.get(old, old.value), {}), after=said)
