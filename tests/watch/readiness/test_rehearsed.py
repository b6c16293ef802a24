"""What was rehearsed: plan, checks of the night, last drill, time, budget, record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.document import WatchRow
from estate.plans import PlannedStepView, ReasonView
from estate.readiness import Bearing, Verdict
from watch.readiness import rehearsed
from watch.readiness.judging import judged

HOUR_MS = 3_600_000


def test_no_runbook_stops_it_and_one_that_is_refused_does(scene, told):
    assert told(rehearsed.planned(scene())) == [
        ("passes", "A runbook", "mail-failover v7: nothing stands against it")
    ]
    (none,) = rehearsed.planned(scene(runbook="", plan=None))
    assert (none.bearing, none.said) == ("stops", "the estate names none")
    assert none.todo == "name one in the estate: services: email: runbooks: fails:"
    assert told(rehearsed.planned(scene(plan=None, unplanned="it is refused"))) == [
        ("stops", "A runbook", "it is refused")
    ]
    assert told(rehearsed.planned(scene(plan=None))) == [
        ("unknown", "A runbook", "not planned yet")
    ]


def test_what_the_plan_says_is_a_reason_and_what_is_typed_then_is_none(scene):
    plan = replace(
        scene().plan,
        reasons=(
            ReasonView("lock", "service/email is held by r-1", "wait for it"),
            ReasonView("budget", "nobody knows", "wait", waivable=True, unknown=True),
            ReasonView("input", "pin is not given", "add --secrets", missing="pin"),
        ),
    )
    found = list(rehearsed.planned(scene(plan=plan)))
    assert [(each.asked, each.bearing, each.waivable) for each in found] == [
        ("Its locks", Bearing.STOPS, False),
        ("The month's budget", Bearing.UNKNOWN, True),
    ]
    (unasked,) = rehearsed.answered(scene(plan=plan))
    assert unasked.bearing is Bearing.UNKNOWN
    assert unasked.said == "hosts can't be asked: nobody says pin beforehand"


@pytest.mark.parametrize(
    ("age_ms", "sha256", "said"),
    [
        (HOUR_MS, "ab" * 32, None),
        (26 * HOUR_MS, "ab" * 32, None),
        (26 * HOUR_MS + 1, "ab" * 32, "asked 1 d ago"),
        (HOUR_MS, "cd" * 32, "asked of another version of it, at 02:07:12"),
    ],
)
def test_answers_of_a_night_stand_until_the_next_or_until_the_runbook_changes(
    scene, age_ms, sha256, said
):
    subject = scene()
    asking = replace(subject.asking, at=subject.now - age_ms, sha256=sha256)
    (found,) = rehearsed.answered(scene(asking=asking))
    if said is None:
        assert (found.bearing, found.asked) == ("passes", "The standby answers")
    else:
        assert (found.bearing, found.said) == ("unknown", said)
        assert found.todo == "ask now: R, or twinwatch readiness email --ask"


def test_each_check_is_answered_by_itself(scene):
    steps = (
        *scene().plan.steps,
        PlannedStepView("here", "check", "The name resolves", before=True),
    )
    reasons = (
        ReasonView(
            "check", "The standby answers: not so on mdb-r1: rejecting", "mend it", step="answers"
        ),
        ReasonView(
            "check", "The relays take mail: nobody knows on mta-r1: timed out", "have it answer",
            True, step="relays", unknown=True,
        ),
        ReasonView(
            "check", "The relays take mail: nobody knows on mta-r2: timed out", "have it answer",
            True, step="relays", unknown=True,
        ),
    )  # fmt: skip
    plan = replace(scene().plan, steps=steps, reasons=reasons)
    found = rehearsed.answers(plan)
    assert [(each.bearing, each.said, each.source, each.waivable) for each in found] == [
        ("stops", "not so on mdb-r1: rejecting", "mdb-r1", False),
        ("unknown", "nobody knows on mta-r1: timed out, and 1 more", "hosts", True),
        ("passes", "", "watch", False),
    ]
    assert {each.at for each in found} == {plan.asked_at}


def test_one_host_that_says_no_weighs_more_than_one_that_says_nothing(scene):
    reasons = (
        ReasonView("check", "x: nobody knows on mta-r1: cut", "", step="relays", unknown=True),
        ReasonView("check", "x: not so on mta-r2", "", step="relays"),
    )
    found = rehearsed.answers(replace(scene().plan, reasons=reasons))
    assert (found[1].bearing, found[1].said) == ("stops", "x: not so on mta-r2, and 1 more")


@pytest.mark.parametrize(
    ("p50", "p90", "bearing"),
    [(600_000, 600_000, "passes"), (348_000, 600_001, "note"), (600_001, 700_000, "stops")],
)
def test_the_predicted_time_is_held_against_what_is_promised(scene, p50, p90, bearing):
    plan = replace(scene().plan, p50_ms=p50, p90_ms=p90)
    (found,) = rehearsed.timed(scene(plan=plan))
    assert (found.bearing, found.asked) == (bearing, "Time, 10:00 promised")


def test_what_people_take_is_not_in_the_prediction_and_that_is_said(scene):
    (found,) = rehearsed.timed(scene(plan=replace(scene().plan, source="people")))
    assert found.said == "p50 5:48, p90 9:12, and what people take to decide"


@pytest.mark.parametrize(
    ("parts", "bearing", "said"),
    [
        ({}, "passes", "drill r-20261115-0200-ab12 took 3:41"),
        ({"drill": False}, "passes", "run r-20261115-0200-ab12 took 3:41"),
        (
            {"clock_started_at": None, "clock_stopped_at": None},
            "passes",
            "drill r-20261115-0200-ab12 took 5:00",
        ),
    ],
)
def test_the_last_drill_and_its_measured_time(scene, told, parts, bearing, said):
    done = replace(scene().done, **parts)
    assert told(rehearsed.drilled(scene(done=done))) == [(bearing, "A drill", said)]


def test_a_drill_that_was_too_slow_stops_it_and_an_old_one_is_said(scene):
    done = scene().done
    slow = replace(done, clock_stopped_at=done.clock_started_at + 600_001)
    (found,) = rehearsed.drilled(scene(done=slow))
    assert (found.bearing, found.todo[:8]) == ("stops", "see whic")
    old = replace(done, ended_at=done.ended_at - 90 * 24 * HOUR_MS)
    (found,) = rehearsed.drilled(scene(done=old))
    assert (found.bearing, found.todo) == (
        "note", "drill it: twinwatch run mail-failover --drill",
    )  # fmt: skip
    (found,) = rehearsed.drilled(scene(done=None))
    assert found.bearing is Bearing.UNKNOWN


@pytest.mark.parametrize(
    ("parts", "bearing", "said"),
    [
        ({"state": "failed", "why": "promote: timed out"}, "stops",
         "r-new failed since: promote: timed out"),
        ({"state": "aborted"}, "unknown", "r-new was ended since"),
        ({"state": "succeeded", "unproven": True}, "unknown",
         "the proof of r-new was waived: it measured nothing"),
        ({"state": "rolled-back", "why": "a failed"}, "unknown",
         "r-new was taken back since: a failed"),
    ],
)  # fmt: skip
def test_a_newer_run_that_proved_nothing_is_a_reason(scene, parts, bearing, said):
    newer = replace(scene().done, id="r-new", ended_at=scene().now - HOUR_MS, **parts)
    found, old = rehearsed.drilled(scene(newer=newer))
    assert (found.bearing, found.said, found.at) == (bearing, said, newer.ended_at)
    assert found.todo == "see why, and drill it again: twinwatch runs show r-new"
    assert old.bearing is Bearing.PASSES, "what the last good one took stays known"
    assert judged(scene(newer=newer)).verdict is not Verdict.READY
    (alone,) = rehearsed.drilled(scene(newer=newer, done=None))
    assert alone.said == said


def test_the_months_budget_stops_nothing_and_says_what_is_not_certain(scene):
    service = scene().document.services[0]
    for best, worst, bearing, said in (
        (1_296_000, 1_296_000, "passes", "21:36 left, 5:48 needed"),
        (1_296_000, 10_000, "note",
         "21:36 left, 5:48 needed; not enough if what nobody saw was down"),
        (-24_000, -24_000, "note", "0:00 left, 5:48 needed"),
    ):  # fmt: skip
        budget = replace(service.budget, left_best_ms=best, left_worst_ms=worst)
        rows = (replace(service, budget=budget),)
        (found,) = rehearsed.paid(scene(board={"services": rows}))
        assert (found.bearing, found.said) == (bearing, said)


def test_records_that_are_not_kept_stop_it(scene, told):
    full = WatchRow(records="no space left on device")
    assert told(rehearsed.recorded(scene(board={"watch": full}))) == [
        ("stops", "The record", "no space left on device")
    ]
    assert told(rehearsed.recorded(scene())) == [
        ("passes", "The record", "kept, its disk 22% full")
    ]
