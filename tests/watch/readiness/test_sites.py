"""Who would take over: enough well hosts, and the runbook's own within reach."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.document import Problem, Severity
from estate.samples import Reach
from watch.languages import words_in
from watch.readiness.sites import carriers, reached

MTA, MDB = "mta at recovery, 2 needed", "mdb at recovery, 1 needed"


def test_enough_hosts_are_well(scene, told):
    assert told(carriers(scene())) == [
        ("passes", MTA, "3 of 3 well"),
        ("passes", MDB, "1 of 1 well"),
    ]


@pytest.mark.parametrize(
    ("reaches", "bearing", "said"),
    [
        ({"mta_r1": Reach.UNREACHABLE}, "note", "2 of 3 well: mta-r1 unreachable"),
        (
            {"mta_r1": Reach.UNREACHABLE, "mta_r2": Reach.LATE},
            "unknown",
            "1 of 3 well: mta-r2 stale, mta-r1 unreachable",
        ),
        (
            {"mta_r1": Reach.FROZEN, "mta_r2": Reach.UNTRUSTED},
            "stops",
            "1 of 3 well: mta-r1 frozen, mta-r2 untrusted",
        ),
        (
            {"mta_r1": Reach.CONNECTING, "mta_r2": Reach.CONNECTING, "mta_r3": Reach.CONNECTING},
            "unknown",
            "0 of 3 well: mta-r1 connecting, mta-r2 connecting, mta-r3 connecting",
        ),
    ],
)
def test_too_few_hosts_stop_it_and_doubtful_ones_leave_it_unknown(
    scene, told, reaches, bearing, said
):
    found = told(carriers(scene(board={"hosts": scene.hosts(**reaches)})))
    assert found[0] == (bearing, MTA, said)


def test_a_host_in_critical_trouble_would_not_serve(scene, told):
    full = Problem(
        "mdb-r1/disk", "mdb-r1", "/ 97% full", "", Severity.CRITICAL, 0, hosts=("mdb-r1",)
    )
    hosts = scene.hosts()
    hosts["mdb-r1"] = replace(hosts["mdb-r1"], why="/ 97% full")
    found = told(carriers(scene(board={"hosts": hosts, "problems": (full,)})))
    assert found[1] == ("stops", MDB, "0 of 1 well: mdb-r1 / 97% full")


def test_a_host_that_was_never_seen_is_not_known(scene, told):
    hosts = scene.hosts()
    del hosts["mdb-r1"]
    found = list(carriers(scene(board={"hosts": hosts})))
    assert told(found)[1] == ("unknown", MDB, "0 of 1 well: mdb-r1 not seen yet")


def test_what_is_said_of_hosts_is_said_in_the_language_of_who_reads(scene):
    hosts = scene.hosts()
    del hosts["mdb-r1"]
    found = list(carriers(scene(board={"hosts": hosts})))
    assert words_in("zh-Hant").retold(found[1].said) == "1 部中 0 部正常：mdb-r1 尚未看到"


def test_a_finding_is_as_old_as_the_oldest_host_in_it(scene):
    hosts = scene.hosts()
    hosts["mta-r2"] = replace(hosts["mta-r2"], at=1_000)
    assert next(iter(carriers(scene(board={"hosts": hosts})))).at == 1_000
    hosts["mta-r2"] = replace(hosts["mta-r2"], at=None)
    assert next(iter(carriers(scene(board={"hosts": hosts})))).at is None


def test_the_runbook_must_reach_those_that_take_over_not_those_that_are_left(scene, told):
    gone = scene.hosts(mdb_c1=Reach.UNREACHABLE)
    asked = "The runbook's other hosts at recovery"
    left = "The hosts that are left"
    assert told(reached(scene(board={"hosts": gone}))) == [
        ("passes", asked, "1 of 1 reached"),
        ("note", left, "not to be stopped by SSH: mdb-c1 unreachable"),
    ]
    gone = scene.hosts(lb_r1=Reach.UNREACHABLE)
    assert told(reached(scene(board={"hosts": gone}))) == [
        ("stops", asked, "0 of 1 reached: lb-r1 unreachable")
    ]
    late = scene.hosts(lb_r1=Reach.LATE)
    assert told(reached(scene(board={"hosts": late}))) == [
        ("unknown", asked, "0 of 1 reached: lb-r1 stale")
    ]


def test_a_standby_whose_stream_is_broken_may_take_over_all_the_same(scene, told):
    broken = Problem(
        "mdb-r1/replication_broken/mdb-c1", "mdb-r1", "replication mdb-c1 does not flow", "",
        Severity.CRITICAL, 0, "replication_broken", ("mdb-r1",),
    )  # fmt: skip
    found = told(carriers(scene(board={"problems": (broken,)})))
    assert found[1] == ("passes", MDB, "1 of 1 well")
