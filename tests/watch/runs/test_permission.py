"""Who may do what to a run: every refusal says why, and whom to ask."""

from __future__ import annotations

from runbooks.runbook import Runbook
from watch.runs.permission import Person, Right, may

OPEN = Runbook(name="flush", title="Flush", version=1, steps=())
GUARDED = Runbook(
    name="failover",
    title="Failover",
    version=1,
    steps=(),
    sensitive=True,
    run_by=("oncall",),
    approve_by=("duty",),
)
OWNER = Person("ops", owns=True)
ONCALL = Person("ann", groups=frozenset({"oncall"}))
DUTY = Person("bob", groups=frozenset({"duty", "oncall"}))
CONTRACTOR = Person("eve", groups=frozenset({"oncall", "duty"}), in_house=False)


def said(person: Person, right: Right, runbook: Runbook, requester: str = "") -> list[str]:
    return [str(reason) for reason in may(person, right, runbook, requester=requester)]


def test_a_watch_of_ones_own_has_one_person_who_may_do_everything() -> None:
    for right in Right:
        assert said(OWNER, right, GUARDED, "ops") == []


def test_groups_run_and_approve() -> None:
    assert said(ONCALL, Right.RUN, GUARDED) == []
    assert said(ONCALL, Right.APPROVE, GUARDED) == [
        "only members of duty may approve failover — ask one of them; you are ann"
    ]
    assert said(DUTY, Right.APPROVE, GUARDED, "ann") == []


def test_nobody_approves_their_own_run() -> None:
    assert said(DUTY, Right.APPROVE, GUARDED, "bob") == [
        "bob started this run: nobody approves their own — have somebody else approve it"
    ]


def test_contractors_never_touch_sensitive_data() -> None:
    assert said(CONTRACTOR, Right.RUN, GUARDED) == [
        "failover handles sensitive data: in-house staff only — ask somebody in-house"
    ]
    assert said(CONTRACTOR, Right.RUN, OPEN) == []


def test_all_reasons_are_told_at_once() -> None:
    stranger = Person("eve", in_house=False)
    assert len(said(stranger, Right.APPROVE, GUARDED, "eve")) == 3
