"""The same trouble on many hosts of a group is one problem, and theirs are its consequences.

Sixteen mail hosts that are busy at once are one thing to understand at 3 am. Three hosts make a
fold and two keep it, so that a figure on the edge does not fold and unfold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from estate.document import SEVERITIES, Problem
from watch import figurewords
from watch.judge import Finding

#: So many hosts with the same trouble are one problem ...
FEWEST = 3
#: ... and stay one until fewer than this are left.
FEWEST_STANDING = 2

_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


class Kinship(NamedTuple):
    """Hosts of one group at one site, and what they have in common: "cpu", "disk/var"."""

    site: str
    group: str
    trouble: str

    @property
    def id(self) -> str:
        """The id of the problem that the alike ones have as their parent."""
        return f"group/{self.site}/{self.group}/{self.trouble}"


@dataclass(frozen=True, slots=True)
class Found:
    """A finding on a host of `groups`, and the problem it makes there."""

    problem: Problem
    finding: Finding
    groups: tuple[str, ...]


def fold_alike(
    found: Iterable[Found],
    sizes: Mapping[tuple[str, str], int],
    standing: Mapping[str, Problem],
) -> tuple[Problem, ...]:
    """The problems of `found`, alike ones under a parent for their group.

    `sizes` says how many hosts are watched, by (site, group); `standing` are the problems of the
    last picture, by id. A host of several groups is counted in one of them: where it was counted
    last, else in the one of which the largest share is affected.
    """
    every = {each.problem.id: each for each in found}
    kin: dict[Kinship, list[Found]] = {}
    for each in every.values():
        trouble = figurewords.trouble(each.finding.metric, each.finding.subject)
        for group in dict.fromkeys(each.groups):
            kin.setdefault(Kinship(each.problem.site, group, trouble), []).append(each)
    home = {each: standing[each].parent for each in every if each in standing}

    def order(kinship: Kinship) -> tuple[bool, float, int, Kinship]:
        size = sizes[kinship.site, kinship.group]
        return kinship.id not in standing, -len(kin[kinship]) / size, size, kinship

    parents: list[Problem] = []
    above: dict[str, str] = {}  # problem -> its parent
    many = [kinship for kinship, alike in kin.items() if len(alike) >= FEWEST_STANDING]
    for kinship in sorted(many, key=order):
        mine = kinship.id
        left = [
            each
            for each in kin[kinship]
            if each.problem.id not in above and (home.get(each.problem.id) or mine) == mine
        ]
        if len(left) >= (FEWEST_STANDING if mine in standing else FEWEST):
            parents.append(_parent(kinship, left, sizes[kinship.site, kinship.group]))
            above.update((each.problem.id, mine) for each in left)
    singles = (replace(e.problem, parent=above.get(e.problem.id, "")) for e in every.values())
    return (*parents, *singles)


def _parent(kinship: Kinship, alike: list[Found], size: int) -> Problem:
    worst = min((each.problem for each in alike), key=lambda each: _RANK[each.severity])
    findings = [each.finding for each in alike]
    return Problem(
        id=kinship.id,
        where=kinship.group,
        what=figurewords.alike(findings, size),
        why=worst.why,
        severity=worst.severity,
        since=min(each.problem.since for each in alike),
        kind=worst.kind,
        hosts=tuple(each.problem.where for each in alike),
        site=kinship.site,
        glyph=worst.glyph,
        owner=worst.owner,  # of planned work, or a run: whose else it is nobody has asked yet
        until=worst.until,
    )


def is_fold(problem: Problem) -> bool:
    """Whether `problem` stands for alike ones on several hosts."""
    return problem.id.startswith("group/") and len(problem.hosts) > 1


def members(fold: Problem) -> tuple[str, ...]:
    """The ids of the problems that a fold stands for."""
    trouble = fold.id.removeprefix(Kinship(fold.site, fold.where, "").id)
    return tuple(f"{host}/{trouble}" for host in fold.hosts)
