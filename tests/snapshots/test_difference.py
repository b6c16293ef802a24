"""What is different between two handovers: each item once, by its own id."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.availability import ServiceRow
from estate.document import Event, Problem, Severity
from estate.queues import QueueRow
from estate.runs import RunRow
from snapshots.difference import QUESTION, compared, ended_since, items_of
from snapshots.reading import sha256
from snapshots.snapshot import RUNS, Run, Snapshot, Unseen
from watch.languages import words_in


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


def test_what_is_gone_is_closed_only_where_something_says_so_of_it(empty: Snapshot) -> None:
    before = replace(empty, problems=tuple(map(problem, ("a/cpu", "a/disk", "b/cpu", "c/cpu"))))
    at, ok = empty.made_at, Severity.OK
    events = (
        Event(9, at + 5, ok, "a", "cleared after 5:00", "a/cpu"),
        Event(8, at - 5, ok, "b", "cleared after 5:00", "b/cpu"),  # before it was handed over
        Event(7, at + 5, ok, "c", "op acknowledges it until 06:00"),
    )
    assert how(before, replace(empty, events=events)) == {
        "problem:a/cpu": "closed",
        "problem:a/disk": "vanished",
        "problem:b/cpu": "vanished",
        "problem:c/cpu": "vanished",
    }


def test_what_ended_before_the_period_is_known_or_said_not_to_be(empty: Snapshot) -> None:
    before = replace(empty, problems=(problem("a/cpu"), problem("b/cpu")), runs=(run("running"),))
    late = replace(empty, starts=empty.made_at + 100, made_at=empty.made_at + 200)
    assert how(before, late) == {
        "problem:a/cpu": "not-known",
        "problem:b/cpu": "not-known",
        "run:r-1": "vanished",
    }
    cleared = Event(9, empty.made_at + 5, Severity.OK, "a", "cleared", "a/cpu")
    known = ended_since(empty.made_at, (cleared,), (run("succeeded"),), (), events_whole=True)
    assert {each.id: each.how for each in compared(before, late, known).differences} == {
        "problem:a/cpu": "closed",
        "problem:b/cpu": "vanished",
        "run:r-1": "closed",
    }
    left_out = replace(empty, events=(cleared,), events_left_out=1)
    assert how(before, left_out)["problem:a/cpu"] == "closed"
    assert how(before, left_out)["problem:b/cpu"] == "not-known"


def test_a_problem_that_is_explained_by_another_has_not_gone(empty: Snapshot) -> None:
    before = replace(empty, problems=(problem("a/reach"),))
    after = replace(empty, problems=(problem("a/reach", parent="site/x"), problem("site/x")))
    assert how(before, after) == {"problem:a/reach": "unchanged", "problem:site/x": "new"}


@pytest.mark.parametrize(
    ("after", "said"), [("down", "worse"), ("degraded", "better"), ("unknown", "unchanged")]
)
def test_a_service_moves_between_its_states(empty: Snapshot, after: str, said: str) -> None:
    before = replace(empty, services=(service("unknown"),))
    assert how(before, replace(empty, services=(service(after),))) == {"service:mail": said}


@pytest.mark.parametrize("before", ["down", "degraded"])
def test_a_service_of_which_nobody_knows_is_neither_better_nor_worse(
    empty: Snapshot, before: str
) -> None:
    known = replace(empty, services=(service(before),))
    assert how(known, replace(empty, services=(service("unknown"),))) == {"service:mail": "changed"}


def test_a_problem_of_which_nobody_knows_is_neither_better_nor_worse(empty: Snapshot) -> None:
    def at(severity: Severity) -> Snapshot:
        return replace(empty, problems=(problem("a/cpu", severity),))

    for known in (Severity.CRITICAL, Severity.WARNING, Severity.MAINTENANCE):
        assert how(at(known), at(Severity.UNKNOWN)) == {"problem:a/cpu": "changed"}
    unknown = at(Severity.UNKNOWN)
    assert how(unknown, unknown) == {"problem:a/cpu": "unchanged"}
    assert how(unknown, at(Severity.CRITICAL)) == {"problem:a/cpu": "worse"}


@pytest.mark.parametrize(
    ("before", "after", "at_least", "said"),
    [
        (0, 0, False, "unchanged"),
        (9_000, 0, False, "better"),
        (9_000, 100, True, "unchanged"),  # some hosts are missing: nobody knows how much waits
    ],
)
def test_a_queue_is_better_only_where_less_waits_in_all_of_it(
    empty: Snapshot, before: int, after: int, at_least: bool, said: str
) -> None:
    def at(depth: int, *, at_least: bool = False) -> Snapshot:
        waits = Problem("queue/mail", "mta", "too old", "", Severity.CRITICAL, 5, "queue")
        row = QueueRow("mail", "mail", "central", depth=depth, at_least=at_least)
        return replace(empty, problems=(waits,), queues=(row,))

    assert how(at(before), at(after, at_least=at_least)) == {"problem:queue/mail": said}


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
    assert how(before, unsure) == {"run:r-1": "changed"}
    assert how(before, empty) == {"run:r-1": "vanished"}


def test_of_runs_that_can_t_be_read_nobody_knows(empty: Snapshot) -> None:
    before = replace(empty, runs=(run("running"),))
    no_office = Unseen("records", RUNS, "the disk is gone")
    assert how(before, replace(empty, unseen=(no_office,))) == {"run:r-1": "not-known"}
    damaged = Unseen("records", "r-1", "line 3 is damaged")
    after = replace(empty, runs=(run("succeeded"),), unseen=(damaged,))
    assert how(before, after) == {"run:r-1": "changed"}  # an item, for its outcome is not known
    known = ended_since(empty.made_at, (), (run("succeeded"),), (damaged,), events_whole=True)
    assert known.items == frozenset()
    assert "run:r-1" in known.not_known


@pytest.mark.parametrize(
    ("depth", "what", "said"),
    [
        (12_397, "full in 19 min", "unchanged"),
        (12_500, "full in 18 min", "changed"),
        (30_000, "full in 10 min", "worse"),
        (9_000, "full in 40 min", "better"),
        (None, "not known", "changed"),
    ],
)
def test_a_queue_that_grew_is_worse_at_the_same_severity(
    empty: Snapshot, depth: int | None, what: str, said: str
) -> None:
    def at(depth: int | None, what: str) -> Snapshot:
        waits = Problem("queue/mail", "mta", what, "", Severity.CRITICAL, 5, "queue")
        row = QueueRow("mail", "mail", "central", depth=depth)
        return replace(empty, problems=(waits,), queues=(row,))

    (found,) = compared(at(12_397, "full in 19 min"), at(depth, what)).differences
    assert found.how == said
    assert found.what == (what if what == "full in 19 min" else f"full in 19 min → {what}")


def test_what_is_told_otherwise_is_not_unchanged(empty: Snapshot) -> None:
    old, new = (
        replace(empty, problems=(replace(problem("a/cpu"), what=what),))
        for what in ("cpu 94% > 90%", "cpu 96% > 90%")
    )
    (found,) = compared(old, new).differences
    assert (found.how, found.what) == ("changed", "cpu 94% > 90% → cpu 96% > 90%")


def test_items_are_said_in_the_reader_s_language(empty: Snapshot) -> None:
    chinese = words_in("zh-Hant")
    items = items_of(replace(empty, runs=(run("needs-decision"),), services=(service("down"),)))
    assert items["run:r-1"].what == "Fail over: needs a decision"
    assert chinese.retold(items["run:r-1"].what) == "Fail over：需要決定"
    assert chinese.retold(items["service:mail"].what) != "down"


def test_a_question_of_a_handover_is_no_item_of_the_next(empty: Snapshot) -> None:
    asked = replace(problem("question/h-1/note:n-1"), kind=QUESTION)
    assert [*items_of(replace(empty, problems=(asked, problem("a/cpu"))))] == ["problem:a/cpu"]
