"""Who may do what to a run: the one place. A gate: the list of reasons not to, empty means go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from runbooks.reasons import Reason
from runbooks.runbook import Runbook


class Right(StrEnum):
    """What a person wants to do."""

    RUN = "run"
    STEER = "steer"  # pause, resume, abort, decide what did not end well
    APPROVE = "approve"  # a gate, a waiver


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, by the kernel's word. `owns` the watch: it is their user's, or they are root.

    `groups` are Unix groups; `in_house` is False for contractors, and `operates` for whoever is
    neither operator nor approver: they read.
    """

    name: str
    owns: bool = False
    groups: frozenset[str] = frozenset()
    in_house: bool = True
    operates: bool = True


def may(person: Person, right: Right, runbook: Runbook, *, requester: str = "") -> list[Reason]:
    """Why `person` may not; none where they may.

    A watch of one's own has one person: its user is operator and approver, of their own runs too,
    and the record says so. Others need the groups that the runbook names.
    """
    reasons: list[Reason] = []
    if runbook.sensitive and not person.in_house:
        what = f"{runbook.name} handles sensitive data: in-house staff only"
        reasons.append(Reason("role", what, "ask somebody in-house"))
    if person.owns:
        return reasons
    if not person.operates:
        what = f"only operators and approvers may {right} {runbook.name}"
        reasons.append(Reason("role", what, f"ask one of them; you are {person.name}"))
    needed: Sequence[str] = ()
    if right in (Right.RUN, Right.STEER):
        needed = runbook.run_by
    elif right is Right.APPROVE:
        needed = runbook.approve_by
        if person.name == requester:
            what = f"{person.name} started this run: nobody approves their own"
            reasons.append(Reason("role", what, "have somebody else approve it"))
    if needed and not person.groups.intersection(needed):
        what = f"only members of {' or '.join(needed)} may {right} {runbook.name}"
        reasons.append(Reason("role", what, f"ask one of them; you are {person.name}"))
    return reasons
