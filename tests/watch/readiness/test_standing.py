"""What stands at both sites: replication, packages, certificates, backups."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.backups import BackupRow
from estate.certificates import DAY_MS, CertificateRow
from estate.configuration import ConfigurationRow
from estate.patches import PatchRow
from estate.replication import ReplicationRow, Stream
from estate.samples import Reach
from watch.readiness.standing import (
    backups,
    certificates,
    configuration,
    packages,
    replication,
)

NOW = 1_795_115_232_000
HOUR_MS = 3_600_000


def standby(**parts):
    known = {
        "host": "mdb-r1",
        "site": "recovery",
        "at": NOW - 3_000,
        "every_ms": 10_000,
        "system": "postgresql",
        "role": "standby",
        "follows": "mdb-c1",
        "streams": (Stream("mdb-c1", "streaming", lag_seconds=0.4),),
    }
    return ReplicationRow(**{**known, **parts})


def primary(**parts):
    return standby(**{"host": "mdb-c1", "site": "central", "role": "primary", "streams": (),
                      "follows": "", **parts})  # fmt: skip


ASKED = "Standby mdb-r1, 10 s behind at most"


@pytest.mark.parametrize(
    ("parts", "bearing", "said"),
    [
        ({}, "passes", "streaming, 0.4 s behind"),
        (
            {"streams": (Stream("mdb-c1", "streaming", lag_seconds=10.1),)},
            "stops",
            "streaming, 10.1 s behind",
        ),
        ({"streams": (Stream("mdb-c1", "streaming"),)}, "unknown", "streaming, lag not told"),
        ({"streams": (Stream("mdb-c1", "stopped"),)}, "stops", "stopped, from mdb-c1"),
        ({"streams": ()}, "stops", "no stream, from mdb-c1"),
        ({"gap": "no psql"}, "unknown", "no psql"),
        ({"at": None}, "unknown", "not measured yet"),
        ({"at": NOW - 120_000}, "unknown", "stale: 2:00 old"),
        ({"role": ""}, "passes", "streaming, 0.4 s behind"),
    ],
)
def test_a_standby_streams_and_is_not_far_behind(scene, told, parts, bearing, said):
    board = {"replication": (primary(), standby(**parts))}
    assert told(replication(scene(board=board))) == [(bearing, ASKED, said)]


def test_what_a_standby_sends_on_says_nothing_of_what_it_receives(scene, told):
    sent = Stream("mdb-r2", "streaming", "async", 0.0, 0.0, "out")
    for arriving, bearing, said in (
        ((Stream("mdb-c1", "stopped", direction="in"),), "stops", "stopped, from mdb-c1"),
        ((), "stops", "no stream, from mdb-c1"),
        ((Stream("mdb-c1", "streaming", lag_seconds=0.4, direction="in"),), "passes",
         "streaming, 0.4 s behind"),
    ):  # fmt: skip
        row = standby(streams=(sent, *arriving))
        board = {"replication": (primary(), row)}
        assert told(replication(scene(board=board))) == [(bearing, ASKED, said)]


@pytest.mark.parametrize(
    ("second", "bearing", "said"),
    [
        (Stream("b", "running", lag_seconds=30.0), "stops", "running, 30.0 s behind"),
        (Stream("b", "running"), "unknown", "running, lag not told"),
        (Stream("b", "IO stopped: denied"), "stops", "IO stopped: denied, from b"),
        (Stream("b", "running", lag_seconds=0.1), "passes", "running, 0.2 s behind"),
    ],
)
def test_of_several_sources_the_worst_counts(scene, told, second, bearing, said):
    first = Stream("a", "running", lag_seconds=0.2, direction="in")
    for streams in (
        (first, replace(second, direction="in")),
        (second, replace(first, direction="")),
    ):
        row = standby(system="mysql", streams=streams)
        board = {"replication": (primary(), row)}
        assert told(replication(scene(board=board))) == [(bearing, ASKED, said)]


def test_the_last_lag_is_told_of_a_standby_whose_primary_is_lost(scene):
    board = {
        "replication": (standby(streams=(Stream("mdb-c1", "stopped"),)),),
        "hosts": scene.hosts(mdb_c1=Reach.UNREACHABLE),
    }
    (found,) = replication(scene(board=board, lags={"mdb-r1": (0.4, NOW - 517_000)}))
    assert found.bearing == "unknown" and found.waivable
    assert found.said == "mdb-c1 is lost. Last 0.4 s at 02:58:35"


def test_two_primaries_stop_it_and_one_at_the_other_site_is_said(scene, told):
    both = (primary(), primary(host="mdb-r1", site="recovery"))
    assert told(replication(scene(board={"replication": both}))) == [
        ("stops", "The primary", "two: mdb-c1, mdb-r1")
    ]
    moved = (standby(host="mdb-c1", site="central"), primary(host="mdb-r1", site="recovery"))
    assert told(replication(scene(board={"replication": moved}))) == [
        ("note", "The primary", "mdb-r1 at recovery is the primary already")
    ]


def test_without_a_standby_there_nothing_can_be_promoted(scene, told):
    assert told(replication(scene(board={"replication": (primary(),)}))) == [
        ("stops", "A standby at recovery", "none is found")
    ]
    assert told(replication(scene())) == [], "no probe found a database: nothing to be said"
    other = replace(standby(), host="elsewhere")
    assert told(replication(scene(board={"replication": (other,)}))) == []


def patched(host, site, installed="aa", **parts):
    return PatchRow(**{"host": host, "site": site, "at": NOW - HOUR_MS, "every_ms": 2 * HOUR_MS,
                       "installed": installed, **parts})  # fmt: skip


def test_packages_are_compared_group_by_group_and_stop_nothing(scene, told):
    here = patched("mta-c1", "central")
    asked = "Packages of mta at both sites"
    for there, finding in (
        (patched("mta-r1", "recovery"), ("passes", asked, "alike on 2 hosts")),
        (patched("mta-r1", "recovery", "bb"), ("note", asked, "mta-r1 differs")),
        (
            patched("mta-r1", "recovery", gap="no apt"),
            ("note", asked, "unknown on mta-r1: no apt"),
        ),
        (patched("mta-r1", "recovery", ""), ("note", asked, "unknown on mta-r1: not told")),
    ):
        assert told(packages(scene(board={"patches": (here, there)}))) == [finding]
    assert told(packages(scene(board={"patches": (here,)}))) == []
    there = patched("mta-r1", "recovery", "bb"), patched("mta-r2", "recovery", "cc")
    said = told(packages(scene(board={"patches": (here, *there)})))
    assert [each[2] for each in said] == ["mta-r1, mta-r2 differ"]


def served(host="lb-r1", site="recovery", days=84, **parts):
    return CertificateRow(**{"host": host, "site": site, "at": NOW, "name": "mx", "source": "file",
                             "place": "/etc/mx.pem", "fingerprint": "aa",
                             "not_after": NOW + days * DAY_MS, **parts})  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "bearing", "said"),
    [
        ((served(),), "passes", "84 d on lb-r1"),
        ((served(days=29),), "note", "29 d on lb-r1"),
        ((served(days=-1),), "stops", "expired on lb-r1"),
        ((served(not_before=NOW),), "passes", "84 d on lb-r1"),
        (
            (served(), served("mta-r1", not_before=NOW + HOUR_MS)),
            "stops",
            "not valid for another 1 h 00 on mta-r1",
        ),
        ((served(not_after=None),), "unknown", "unknown on lb-r1: not told"),
        ((served(gap="no such file"),), "unknown", "unknown on lb-r1: no such file"),
        ((served(), served("mta-r1", days=3)), "note", "3 d on mta-r1"),
        (
            (served(), served("mta-c1", "central", fingerprint="bb")),
            "note",
            "84 d on lb-r1, another one than at the other site",
        ),
        ((served(), served("mta-c1", "central")), "passes", "84 d on lb-r1"),
    ],
)
def test_a_certificate_is_good_for_a_while_there(scene, told, rows, bearing, said):
    found = told(certificates(scene(board={"certificates": rows})))
    assert found == [(bearing, "Certificate mx at recovery", said)]


def copied(**parts):
    return BackupRow(**{"host": "mdb-r1", "site": "recovery", "at": NOW, "name": "pgdump",
                        "newest_at": NOW - HOUR_MS, "copies": 3, "objective_ms": 2 * HOUR_MS,
                        **parts})  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "bearing", "said"),
    [
        ({}, "passes", "1 h 00 old, objective 2 h 00"),
        ({"newest_at": NOW - 3 * HOUR_MS}, "stops", "3 h 00 old, objective 2 h 00"),
        ({"objective_ms": None}, "passes", "1 h 00 old"),
        ({"least_bytes": 1e9, "size_bytes": 1e9}, "passes", "1 h 00 old, objective 2 h 00"),
        ({"least_bytes": 1e9, "size_bytes": 0.0}, "stops", "1 h 00 old, 0 B of at least 1.0 GB"),
        ({"least_bytes": 1e9, "objective_ms": None}, "unknown", "1 h 00 old, size not told"),
        (
            {"newest_at": NOW - 29 * HOUR_MS, "objective_ms": 24 * HOUR_MS},
            "stops",
            "29 h old, objective 24 h",
        ),
        ({"copies": 0, "newest_at": None}, "stops", "there is no copy"),
        ({"newest_at": None, "copies": None}, "unknown", "not told"),
        ({"gap": "permission denied"}, "unknown", "permission denied"),
    ],
)
def test_a_backup_is_no_older_than_the_estate_allows(scene, told, parts, bearing, said):
    found = told(backups(scene(board={"backups": (copied(**parts),)})))
    assert found == [(bearing, "Backup pgdump of mdb-r1", said)]


def test_a_backup_is_the_services_by_its_host_or_by_its_name(scene, told):
    rows = (
        copied(host="ops-r1"),
        copied(host="ops-r1", name="email"),
        copied(host="ops-r1", name="mdb"),
        copied(host="mta-c1"),
    )
    found = told(backups(scene(board={"backups": rows})))
    assert [asked for _, asked, _ in found] == [
        "Backup email of ops-r1",
        "Backup mdb of ops-r1",
        "Backup pgdump of mta-c1",
    ]


def configured(host, site, sha256="aa", **parts):
    return ConfigurationRow(**{"host": host, "site": site, "at": NOW - HOUR_MS, "path": "/etc/mx",
                               "there": True, "sha256": sha256, **parts})  # fmt: skip


@pytest.mark.parametrize(
    ("there", "bearing", "said"),
    [
        ({}, "passes", "alike on 2 hosts"),
        ({"sha256": "bb"}, "stops", "/etc/mx differs, see mta-r1"),
        ({"sha256": "", "there": False}, "stops", "/etc/mx differs, see mta-r1"),
        ({"sha256": "", "there": None}, "unknown", "/etc/mx unknown on mta-r1: not told"),
        ({"gap": "permission denied"}, "unknown", "/etc/mx unknown on mta-r1: permission denied"),
        ({"at": None, "there": None}, "unknown", "/etc/mx unknown on mta-r1: not measured yet"),
    ],
)
def test_configuration_is_compared_file_by_file(scene, told, there, bearing, said):
    rows = (configured("mta-c1", "central"), configured("mta-r1", "recovery", **there))
    asked = "Configuration of mta at both sites"
    assert told(configuration(scene(board={"configuration": rows}))) == [(bearing, asked, said)]
    assert told(configuration(scene(board={"configuration": rows[:1]}))) == []


def test_hosts_of_the_site_that_is_left_may_be_gone(scene, told):
    """What can't be asked there is no reason not to leave it."""
    asked = "Configuration of mta at both sites"
    lost = configured("mta-c1", "central", gap="not reached", there=None)
    here, there = configured("mta-c2", "central"), configured("mta-r1", "recovery")
    assert told(configuration(scene(board={"configuration": (lost, here, there)}))) == [
        ("passes", asked, "alike on 2 hosts")
    ]
    assert told(configuration(scene(board={"configuration": (lost, there)}))) == [
        ("note", asked, "alike on 1 hosts; the other site can't be asked")
    ]
    asked = "Packages of mta at both sites"
    lost = patched("mta-c1", "central", gap="not reached")
    here, there = patched("mta-c2", "central"), patched("mta-r1", "recovery")
    assert told(packages(scene(board={"patches": (lost, here, there)}))) == [
        ("passes", asked, "alike on 2 hosts")
    ]
