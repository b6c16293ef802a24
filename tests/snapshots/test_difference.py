"""What is different between two handovers: each item once, by its own id."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.availability import ServiceRow
from estate.document import Event, Problem, Severity
from estate.runs import RunRow
from snapshots.difference import compared
from snapshots.reading import sha256
from snapshots.snapshot import Run, Snapshot


def problem(id_: str, severity: Severity = Severity.WARNING, parent: str = "") -> Problem:
    return Problem(id_, id_.split("/")[0], "cpu 94% > 90%", "", severity, 5, parent=parent)


def service(state: str) -> ServiceRow:
    return ServiceRow("mail", "Mail", state=state, since=7)


def run(state: str, unknown: tuple[str, ...] = ()) -> Run:
    return Run(RunRow("r-1", "failover", "Fail over", state, 1, 3, 3, "op"), unknown=unknown)


def how(before: Snapshot, after: Snapshot) -> dict[str, str]:
    return {each.id: each.how for each in compared(before, after).differences}


def test_the_handover_before_is_named_by_its_hash(empty: Snapshot) -> None:
    after = replace(empty, made_at=empty.made_at + 1)
    said = compared(empty, after)
    assert (said.id, said.made_at, said.sha256) == (empty.id, empty.made_at, sha256(empty))
    assert said.differences == ()


def test_new_worse_better_and_unchanged(empty: Snapshot) -> None:
    before = replace(
        empty,
        problems=(
            problem("a/cpu"), problem("b/cpu"), problem("c/cpu", Severity.CRITICAL),
            problem("x/reach", parent="a/cpu"),
        ),
    )  # fmt: skip
    after = replace(
        empty,
        problems=(problem("a/cpu"), problem("b/cpu", Severity.CRITICAL), problem("c/cpu"),
                  problem("d/cpu")),
    )  # fmt: skip
    assert how(before, after) == {
        "problem:a/cpu": "unchanged",
        "problem:b/cpu": "worse",
        "problem:c/cpu": "better",
        "problem:d/cpu": "new",
    }


def test_what_is_gone_is_closed_only_where_something_says_so(empty: Snapshot) -> None:
    before = replace(empty, problems=(problem("a/cpu"), problem("b/cpu")))
    cleared = Event(9, empty.made_at + 5, Severity.OK, "a", "cleared after 5:00")
    earlier = Event(8, empty.made_at - 5, Severity.OK, "b", "cleared after 5:00")
    assert how(before, replace(empty, events=(cleared, earlier))) == {
        "problem:a/cpu": "closed",
        "problem:b/cpu": "vanished",
    }


@pytest.mark.parametrize(
    ("after", "said"), [("down", "worse"), ("degraded", "better"), ("unknown", "unchanged")]
)
def test_a_service_moves_between_its_states(empty: Snapshot, after: str, said: str) -> None:
    before = replace(empty, services=(service("unknown"),))
    assert how(before, replace(empty, services=(service(after),))) == {"service:mail": said}


def test_a_service_that_is_well_is_closed_and_one_nobody_tells_of_has_vanished(
    empty: Snapshot,
) -> None:
    before = replace(empty, services=(service("down"),))
    assert how(before, replace(empty, services=(service("up"),))) == {"service:mail": "closed"}
    assert how(before, empty) == {"service:mail": "vanished"}


def test_a_run_that_ended_is_closed_unless_nobody_knows_what_it_did(empty: Snapshot) -> None:
    before = replace(empty, runs=(run("running"),))
    assert how(before, replace(empty, runs=(run("succeeded"),))) == {"run:r-1": "closed"}
    unsure = replace(empty, runs=(run("succeeded", ("promote @ db",)),))
    assert how(before, unsure) == {"run:r-1": "unchanged"}
    assert how(before, empty) == {"run:r-1": "vanished"}
