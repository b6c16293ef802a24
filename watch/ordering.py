"""In which order the board lists problems, and what counts as a new one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from estate.document import SEVERITIES, Problem

#: A problem is new for so long, and stands before older ones that are as bad.
NEW_MS = 300_000

#: How bad a severity is: 0 is the worst.
RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def ordered(problems: Iterable[Problem], now: int) -> tuple[Problem, ...]:
    """Worst first; of alike ones whole sites, then those that are new, newest first, then the
    others, oldest first.

    A new fault must not hide behind old ones, and what is known must not move about. All that
    follows from a cause comes right after it, however long the way, and a consequence whose cause
    is not there stands for itself: nothing is ever left out.
    """
    every = _upright(problems)

    def oldest_first(each: Problem) -> tuple[int, int, str]:
        return RANK[each.severity], each.since, each.id

    def new_first(each: Problem) -> tuple[int, bool, bool, int, str]:
        began = each.since if each.returned is None else max(each.since, each.returned)
        new = now - began < NEW_MS
        return (
            RANK[each.severity], not each.of_a_site, not new, -began if new else each.since, each.id
        )  # fmt: skip

    consequences: dict[str, list[Problem]] = {}
    for each in sorted(every.values(), key=oldest_first):
        if each.parent:
            consequences.setdefault(_root(each, every).id, []).append(each)
    found: list[Problem] = []
    for each in sorted(every.values(), key=new_first):
        if not each.parent:
            found += (each, *consequences.get(each.id, ()))
    return tuple(found)


def _upright(problems: Iterable[Problem]) -> dict[str, Problem]:
    """Problems by their ids; one whose way up leads nowhere, or in a circle, has no cause."""
    every = {each.id: each for each in problems}
    for each in list(every.values()):
        if each.parent and _root(each, every).parent:
            every[each.id] = replace(each, parent="")
    return every


def _root(problem: Problem, every: dict[str, Problem]) -> Problem:
    """The first cause on the way up; one that has a parent still where there is none."""
    seen = {problem.id}
    while problem.parent in every and problem.parent not in seen:
        problem = every[problem.parent]
        seen.add(problem.id)
    return problem
