"""What everything comes to: unknown is never ready, and one reason is enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.availability import ServiceRow
from estate.document import WatchRow
from estate.readiness import BEARINGS, Bearing, Verdict
from estate.samples import Reach
from tests.watch.readiness.test_standing import (
    configured,
    copied,
    patched,
    primary,
    served,
    standby,
)
from watch.readiness import rehearsed, sites, standing
from watch.readiness.judging import judged


def test_with_nothing_against_it_a_service_is_ready(scene):
    row = judged(scene())
    assert row.verdict is Verdict.READY and row.against == ()
    assert (row.key, row.to, row.runbook, row.version) == ("email", "recovery", "mail-failover", 7)
    assert (row.p50_ms, row.p90_ms, row.limit_ms) == (348_000, 552_000, 600_000)
    assert (row.done_run, row.took_ms, row.in_earnest) == ("r-20261115-0200-ab12", 221_000, False)
    assert row.passed == len(row.findings) == 9


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        ({"plan": None}, Verdict.NOT_KNOWN),
        ({"plan": None, "unplanned": "the runbook is refused"}, Verdict.NOT_READY),
        ({"runbook": "", "plan": None}, Verdict.NOT_READY),
        ({"asking": None}, Verdict.NOT_KNOWN),
        ({"done": None}, Verdict.NOT_KNOWN),
    ],
)
def test_what_is_missing_is_never_ready(scene, parts, verdict):
    assert judged(scene(**parts)).verdict is verdict


def test_a_reason_against_it_weighs_more_than_what_nobody_knows(scene):
    row = judged(scene(board={"hosts": scene.hosts(lb_r1=Reach.UNTRUSTED)}, asking=None))
    assert row.verdict is Verdict.NOT_READY
    assert [BEARINGS.index(each.bearing) for each in row.findings] == sorted(
        BEARINGS.index(each.bearing) for each in row.findings
    )
    assert [each.bearing for each in row.against] == [Bearing.STOPS, Bearing.UNKNOWN]


def test_what_is_against_it_says_what_to_do_and_who_said_it(scene):
    broken = scene(
        board={
            "hosts": scene.hosts(lb_r1=Reach.REFUSED, mta_r1=Reach.LATE, mta_r2=Reach.LATE),
            "watch": WatchRow(records="no space left"),
            "services": (ServiceRow("email", "E-mail"),),
        },
        asking=None,
        done=None,
    )
    row = judged(broken)
    assert len(row.against) == 5
    assert all(each.todo and each.source and each.said for each in row.against)


def test_it_is_told_by_the_name_in_the_estates_language(scene):
    estate = replace(scene.estate, language="zh-Hant")
    assert judged(scene(estate=estate)).name == "電郵"


def is_check(found):
    """Whether a name of a module is a function from a subject to findings, of which it is public."""
    hints = getattr(found, "__annotations__", {})
    asks = {"subject": "Subject", "return": "Iterator[FindingRow]"}
    return callable(found) and hints == asks and not found.__name__.startswith("_")


EVERY_CHECK = sorted(
    (
        check
        for module in (rehearsed, sites, standing)
        for check in vars(module).values()
        if is_check(check)
    ),
    key=lambda check: check.__name__,
)


def test_every_check_is_found():
    assert len(EVERY_CHECK) == 13


@pytest.mark.parametrize("check", EVERY_CHECK, ids=lambda check: check.__name__)
def test_what_each_check_finds_is_in_the_row(scene, check):
    subject = scene(
        board={
            "replication": (primary(), standby()),
            "backups": (copied(),),
            "certificates": (served(),),
            "patches": (patched("mta-c1", "central"), patched("mta-r1", "recovery")),
            "configuration": (configured("mta-c1", "central"), configured("mta-r1", "recovery")),
        }
    )
    found = list(check(subject))
    assert found, "nothing would be missed"
    assert set(found) <= set(judged(subject).findings)
