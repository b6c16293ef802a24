"""In which order the board lists problems: consequences after their causes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from estate.document import Problem
from estate.ordering import RANK, worst_first


def ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Causes worst first (`estate.ordering`), as the console has them.

    All that follows from a cause comes right after it, however long the way, and a consequence
    whose cause is not there stands for itself: nothing is ever left out.
    """
    every = _upright(problems)

    def oldest_first(each: Problem) -> tuple[int, int, str]:
        return RANK[each.severity], each.since, each.id

    consequences: dict[str, list[Problem]] = {}
    for each in sorted(every.values(), key=oldest_first):
        if each.parent:
            consequences.setdefault(_root(each, every).id, []).append(each)
    found: list[Problem] = []
    for each in sorted(every.values(), key=worst_first):
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
