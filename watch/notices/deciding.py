"""What is to be told to whom, and when. Pure.

A problem is told of once it has stood for the rule's hold time while nobody has it; again when it
gets worse, when it returns from an acknowledgement, and as often as the rule reminds; and that it
is over to whoever was told that it stands. What comes and goes is muted, and counted all the same,
until it holds still: gone, or standing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from estate.attention import Sent
from estate.document import SEVERITIES, Problem, Severity
from watch.notices.rules import Rule, Rules, first_taking

#: What came up too often is told of all the same once it has stood for so many times the rule's
#: hold, and this long: a host that stays down after its third fall must not wait for the span.
STEADY_HOLDS = 3
LEAST_STEADY_MS = 180_000

_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


class Turn(StrEnum):
    """Why a notice is sent."""

    RAISED = "raised"
    WORSE = "worse"
    RETURNED = "returned"
    REMINDER = "reminder"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Notice:
    """`target` (one address) is to be told of `problem` as it was at `at`, UTC ms; when it is over,
    as it was."""

    target: str
    turn: Turn
    problem: Problem
    at: int

    @property
    def key(self) -> tuple[str, str]:
        """Whom it tells of what."""
        return self.target, self.problem.id


class Deciding:
    """What was told, and what is to be. `sent` are those of before a restart."""

    def __init__(self, sent: Iterable[Sent] = ()) -> None:
        self._sent: dict[tuple[str, str], Sent] = {(s.target, s.problem): s for s in sent}
        self._seen: dict[str, Problem] = {}
        self._present: set[str] = set()
        self._rises: dict[str, list[int]] = {}

    def look(
        self, problems: Iterable[Problem], rules: Rules, now: int, *, complete: bool
    ) -> tuple[Notice, ...]:
        """What is due at `now`, UTC ms. It is due again until `delivered` says otherwise.

        While the picture is not `complete`, what is missing is not known to be over.
        """
        every = {each.id: each for each in problems}
        self._follow(every, rules, now, complete)
        due = [*self._standing(every, rules, now)]
        if complete:
            due += self._over(every, rules, now)
        return tuple(due)

    def delivered(self, notice: Notice) -> Sent | None:
        """The target knows; what is to be put on record, None where nothing more follows."""
        before = self._sent.get(notice.key)
        if notice.turn is Turn.RECOVERED:
            self._sent.pop(notice.key, None)
            return None
        first = before.first if before is not None else notice.at
        sent = Sent(
            notice.target, notice.problem.id, notice.problem.severity.value, first, notice.at
        )
        self._sent[notice.key] = sent
        return sent

    def flapping(self, problem: str, rules: Rules, now: int) -> bool:
        """Whether `problem` came up too often of late to be told of."""
        since = now - rules.flapping.within_ms
        rises = [at for at in self._rises.get(problem, ()) if at > since]
        return len(rises) >= rules.flapping.rises

    # --- what stands ------------------------------------------------------------------------------

    def _follow(self, every: Mapping[str, Problem], rules: Rules, now: int, complete: bool) -> None:
        for name, problem in every.items():
            if name not in self._present:
                self._rises.setdefault(name, []).append(now)
            self._seen[name] = problem
        since = now - rules.flapping.within_ms
        self._rises = {
            name: kept
            for name, rises in self._rises.items()
            if (kept := [at for at in rises if at > since])
        }
        self._present = set(every) if complete else self._present | set(every)
        told = {problem for _, problem in self._sent}
        self._seen = {k: v for k, v in self._seen.items() if k in every or k in told}

    def _standing(self, every: Mapping[str, Problem], rules: Rules, now: int) -> Iterator[Notice]:
        addresses = rules.addresses
        for problem in every.values():
            if _in_hand(problem):
                continue
            flapping = self.flapping(problem.id, rules, now)
            for target, address in addresses.items():
                rule = first_taking(rules.rules, address.listed, problem, now)
                if rule is None or (flapping and not self._steady(problem.id, rule, now)):
                    continue
                turn = self._turn(target, problem, rule, now)
                if turn is not None:
                    yield Notice(target, turn, problem, now)

    def _steady(self, problem: str, rule: Rule, now: int) -> bool:
        """Whether what came up too often has stood since, and is no coming and going any more."""
        return now - self._rises[problem][-1] >= max(STEADY_HOLDS * rule.hold_ms, LEAST_STEADY_MS)

    def _turn(self, target: str, problem: Problem, rule: Rule, now: int) -> Turn | None:
        sent = self._sent.get((target, problem.id))
        began = problem.since if problem.returned is None else problem.returned
        if sent is None:
            return Turn.RAISED if now - began >= rule.hold_ms else None
        if _RANK[problem.severity] < _RANK[Severity(sent.severity)]:
            return Turn.WORSE
        if problem.returned is not None and problem.returned > sent.last:
            return Turn.RETURNED
        if rule.remind_ms and now - sent.last >= rule.remind_ms:
            return Turn.REMINDER
        return None

    # --- what is over -----------------------------------------------------------------------------

    def _over(self, every: Mapping[str, Problem], rules: Rules, now: int) -> Iterator[Notice]:
        addresses = rules.addresses
        for (target, name), sent in list(self._sent.items()):
            if name in every or self.flapping(name, rules, now):
                continue
            if target not in addresses:
                del self._sent[target, name]
                continue
            problem = self._seen.get(name) or _remembered(sent)
            if _goes_on(problem, every):
                continue
            rule = first_taking(rules.rules, addresses[target].listed, problem, now)
            if rule is None or rule.recovered:
                yield Notice(target, Turn.RECOVERED, problem, now)
            else:
                self._sent.pop((target, name))


def _in_hand(problem: Problem) -> bool:
    """Somebody has it, or it is silenced, or planned."""
    if problem.severity in (Severity.MAINTENANCE, Severity.OK):
        return True
    return bool(problem.owner) and problem.until is not None


def _goes_on(problem: Problem, every: Mapping[str, Problem]) -> bool:
    """Whether what several hosts had alike is over for all of them: one may have it still."""
    return len(problem.hosts) > 1 and any(
        each.kind == problem.kind and not {*each.hosts}.isdisjoint(problem.hosts)
        for each in every.values()
    )


def _remembered(sent: Sent) -> Problem:
    """A problem of before a restart that was not seen since: its name tells what it was."""
    where, _, _ = sent.problem.partition("/")
    return Problem(
        sent.problem, where, sent.problem, "", Severity(sent.severity), sent.first, kind=""
    )
