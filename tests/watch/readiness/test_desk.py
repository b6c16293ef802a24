"""What the desk reads from the runs on record: the last that proved anything, and what came since."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.plans import ReasonView
from estate.readiness import Verdict
from tests.watch.readiness.conftest import DONE, NOW
from watch.readiness.desk import HOLD_MS, ReadinessDesk
from watch.readiness.judging import judged

DAY_MS = 86_400_000


class Watch:
    """What the desk needs of the watch to judge, over one scene; `said` are its events."""

    def __init__(self, scene, runs):
        self.present_estate = scene.estate
        self.document = replace(scene().document, runs=runs)
        self.rows, self.said = (), []

    def show_readiness(self, rows):
        self.rows = rows

    def say(self, severity, where, what):
        self.said.append((str(severity), where, str(what)))


class Runs:
    """The runs on record, in the order of the register: the newest begun first."""

    def __init__(self, rows):
        self.rows = rows

    def all_rows(self):
        return self.rows


def drills(scene, *rows):
    """The findings about drills of the one service, as the desk comes to them."""
    watch = Watch(scene, rows)
    desk = ReadinessDesk(Runs(rows), None, watch, now=lambda: NOW)
    desk._show_now()
    (row,) = watch.rows
    return [(str(each.bearing), each.said) for each in row.findings if each.asked == "A drill"]


def ran(state, days, **parts):
    ended_at = NOW - days * DAY_MS
    return replace(DONE, id=f"r-{days}", state=state, ended_at=ended_at, **parts)


PASSES = ("passes", f"drill {DONE.id} took 3:41")


@pytest.mark.parametrize(
    ("newer", "found"),
    [
        ((), [PASSES]),
        ((ran("failed", 1),), [("stops", "r-1 failed since"), PASSES]),
        ((ran("aborted", 1),), [("unknown", "r-1 was ended since"), PASSES]),
        (
            (ran("succeeded", 1, unproven=True),),
            [("unknown", "the proof of r-1 was waived: it measured nothing"), PASSES],
        ),
        ((ran("failed", 9),), [PASSES]),  # before the good one
        (
            (ran("aborted", 1), ran("failed", 2), ran("failed", 3)),
            [("stops", "r-2 failed since"), PASSES],
        ),
        ((replace(ran("running", 1), ended_at=None),), [PASSES]),  # it may still end well
        ((replace(ran("failed", 1), runbook="other"),), [PASSES]),
    ],
)
def test_a_run_after_the_last_good_one_is_looked_at(scene, newer, found):
    assert drills(scene, *newer, DONE) == found


def test_what_was_never_proven_is_not_called_done(scene):
    waived = ran("succeeded", 1, unproven=True)
    said = "the proof of r-1 was waived: it measured nothing"
    assert drills(scene, waived) == [("unknown", said)]
    assert drills(scene) == [("unknown", "never done to the end: nobody knows how long it takes")]


def test_that_a_run_holds_its_locks_is_no_event_and_any_other_reason_is(scene):
    watch, clock = Watch(scene, ()), [NOW]
    desk = ReadinessDesk(Runs(()), None, watch, now=lambda: clock[0])

    def stood(**parts):
        """The verdict of such a subject, seen for longer than a verdict must last to be told."""
        for _ in range(3):
            desk._tell_turned(judged(scene(**parts)))
            clock[0] += HOLD_MS

    lock = ReasonView("lock", "service/email is held by r-1", "wait for it")
    locked = {"plan": replace(scene().plan, reasons=(lock,))}
    assert judged(scene(**locked)).verdict is Verdict.NOT_READY
    stood()
    stood(**locked)
    stood()
    assert watch.said == []
    stood(**locked, done=None)
    assert [severity for severity, _, _ in watch.said] == ["warning"]
