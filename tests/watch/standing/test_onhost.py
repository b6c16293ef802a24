"""Readings of probes become rows and figures; what could not be asked is not what was."""

from __future__ import annotations

from math import inf, isnan
from typing import Any

import pytest

from estate.asked import Asked, Backup, Certificate, Haproxy, Keepalived, Postgresql
from estate.document import Document, WatchRow
from estate.model import Host
from estate.samples import Gap, Probed, Reading
from watch.standing.onhost import OnHost
from watch.standing.told import MOST_NAMED, NOT_YET

ASKED = Asked(
    postgresql=Postgresql(),
    haproxy=Haproxy(),
    keepalived=Keepalived(("10.0.9.9",)),
    packages=True,
    certificates=(Certificate("mail", "/m.pem", "993"), Certificate("im", "/i.pem")),
    backups=(
        Backup("mdb", "/b/*", within_ms=26 * 3_600_000, least_bytes=100.0),
        Backup("im", "/i/*", within_ms=3_600_000),
    ),
)
HOST = Host("db1", "central", asked=ASKED)
NOW = 1_000_000_000


def told(*probed: Probed, host: Host = HOST) -> OnHost:
    on_host = OnHost()
    on_host.describe(host, {"10.0.0.2": "db2"})
    for each in probed:
        on_host.take(each)
    return on_host


def probed(probe: str, *readings: Reading | Gap, at: int = NOW) -> Probed:
    return Probed("db1", at, probe, readings)


def stream(seconds: float, state: str = "streaming", peer: str = "walreceiver") -> Probed:
    attributes: dict[str, float | str] = {"address": "10.0.0.2", "bytes": 9.0, "sync": "async"}
    return probed(
        "postgresql",
        Reading("replication_server", "postgresql", text="primary"),
        Reading("replication_stream", peer, seconds, state, attributes),
        Reading("replication_slot", "gone", 7e9, "inactive"),
    )


def test_what_the_estate_asks_has_a_row_before_anybody_answered() -> None:
    rows = told().rows
    assert {field: len(found) for field, found in rows.items()} == {
        "replication": 1, "proxies": 1, "addresses": 1, "certificates": 3, "patches": 1,
        "backups": 2,
    }  # fmt: skip
    every: list[Any] = [row for found in rows.values() for row in found]
    assert all(row.gap == NOT_YET and row.at is None and not row.known(NOW) for row in every)
    assert told().figures(NOW) == {}


def test_nothing_is_asked_of_a_host_of_which_the_estate_says_nothing() -> None:
    assert told(stream(0.0), host=Host("db1", "central")).rows == {}


def test_a_stream_has_its_peers_name_in_the_estate() -> None:
    on_host = told(stream(2.5))
    [row] = on_host.rows["replication"]
    assert row.known(NOW)
    assert (row.role, row.lag_seconds, row.lag_bytes) == ("primary", 2.5, 9.0)
    assert row.streams[0].peer == "db2"
    figures = on_host.figures(NOW)
    assert figures["replication_lag_seconds"] == {"/db2": 2.5}
    assert figures["replication_broken"] == {"/db2": 0.0, "/slot gone": 1.0}
    assert figures["replication_kept"] == {"/slot gone": 7e9}
    assert on_host.blames("replication_broken", "/db2") == ("db2",)
    assert on_host.blames("replication_broken", "/slot gone") == ()


def test_a_gap_keeps_the_last_figures_with_their_age_and_judges_none_of_them() -> None:
    on_host = told(stream(2.5), probed("postgresql", Gap("psql: error: no route"), at=NOW + 15_000))
    [row] = on_host.rows["replication"]
    assert (row.at, row.gap, row.lag_seconds) == (NOW, "psql: error: no route", 2.5)
    assert not row.known(NOW + 15_000)
    figures = on_host.figures(NOW + 15_000)
    assert all(isnan(value) for each in figures.values() for value in each.values())


def test_a_row_grows_old_by_silence() -> None:
    [row] = told(stream(2.5)).rows["replication"]
    assert row.known(NOW + 45_000)
    assert not row.known(NOW + 45_001)


def certificate(name: str, source: str, ends: float, mark: str, **more: float | str) -> Reading:
    attributes: dict[str, float | str] = {"source": source, "names": "a,b", **more}
    return Reading("certificate", name, ends, mark, attributes)


def test_a_file_and_what_is_served_are_compared_and_the_worse_end_counts() -> None:
    day = 86_400
    on_host = told(
        probed(
            "certificates",
            certificate("mail", "file", NOW / 1000 + 80 * day, "new"),
            certificate("im", "file", NOW / 1000 + 40 * day, "x"),
        ),
        probed("served", certificate("mail", "served", NOW / 1000 + 5 * day, "old")),
    )
    figures = on_host.figures(NOW)
    assert figures["certificate_expires_seconds"] == {"/mail": 5 * day, "/im": 40 * day}
    assert figures["certificate_mismatch"]["/mail"] == 1.0
    assert isnan(figures["certificate_mismatch"]["/im"])  # nobody serves it, so nobody knows
    served = next(row for row in on_host.rows["certificates"] if row.source == "served")
    assert (served.place, served.names) == ("db1:993", ("a", "b"))


def test_a_certificate_that_can_not_be_read_has_no_end() -> None:
    missed = Reading("certificate", "mail", attributes={"source": "file", "gap": "denied"})
    on_host = told(probed("certificates", missed))
    row = on_host.rows["certificates"][0]
    assert (row.gap, row.not_after) == ("denied", None)
    assert isnan(on_host.figures(NOW)["certificate_expires_seconds"]["/mail"])


def test_backups_are_overdue_by_their_own_objective_and_none_is_infinitely_so() -> None:
    on_host = told(
        probed(
            "backups",
            Reading("backup", "mdb", 30 * 3600.0, attributes={"bytes": 99.0, "copies": 2.0}),
            Reading("backup", "im", attributes={"copies": 0.0}),
        )
    )
    assert on_host.figures(NOW) == {
        "backup_overdue_seconds": {"/mdb": 4 * 3600.0, "/im": inf},
        "backup_small": {"/mdb": 1.0},
    }
    later = on_host.figures(NOW + 3_600_000)
    assert later["backup_overdue_seconds"]["/mdb"] == 5 * 3600.0


def test_servers_that_were_taken_out_are_not_down() -> None:
    def backend(up: float, servers: float, drained: float, down: str) -> Reading:
        attributes: dict[str, float | str] = {"servers": servers, "drained": drained}
        return Reading("backend", "web", up, attributes={**attributes, "down": down})

    assert told(probed("haproxy", backend(3, 4, 1, ""))).figures(NOW) == {
        "backend_down": {"/web": 0.0}
    }
    half = told(probed("haproxy", backend(1, 3, 1, "web2")))
    assert half.figures(NOW) == {"backend_down": {"/web": 50.0}}
    assert half.blames("backend_down", "/web") == ("web2",)


@pytest.mark.parametrize(
    ("up", "drained", "status", "share"),
    [(0.0, 2.0, "DOWN", 100.0), (0.0, 2.0, "", 100.0), (1.0, 1.0, "UP", 0.0),
     (1.0, 1.0, "DOWN", 100.0), (0.0, 2.0, "UP", 0.0)],
)  # fmt: skip
def test_a_backend_that_nobody_serves_is_not_well(up, drained, status, share) -> None:
    """Every server was taken out by intent: HAProxy has nobody to give work to, and says so."""
    attributes: dict[str, float | str] = {"servers": 2.0, "drained": drained, "status": status}
    on_host = told(probed("haproxy", Reading("backend", "web", up, attributes=attributes)))
    assert on_host.figures(NOW) == {"backend_down": {"/web": share}}
    (row,) = on_host.rows["proxies"]
    assert row.backends[0].serving is (share == 0.0)


@pytest.mark.parametrize(
    ("attributes", "names"),
    [
        ({"servers": 2.0, "drained": 2.0, "status": "DOWN", "out": "web1,web2"}, ("web1", "web2")),
        ({"servers": 2.0, "drained": 2.0, "out": "web1,web2"}, ("web1", "web2")),
        ({"servers": 2.0, "drained": 2.0, "status": "DOWN"}, ()),  # of very many not all have names
        ({"servers": 40.0, "drained": 40.0, "status": "DOWN", "out": "web1,web2"}, ()),
        ({"servers": 2.0, "drained": 1.0, "status": "DOWN", "out": "web1", "down": "web2"}, None),
        ({"servers": 2.0, "drained": 2.0, "status": "UP", "out": "web1,web2"}, None),
        ({"servers": 0.0, "drained": 0.0, "status": "DOWN"}, None),
    ],
)
def test_a_backend_is_taken_out_where_every_server_was_and_none_failed(
    attributes: dict[str, float | str], names: tuple[str, ...] | None
) -> None:
    on_host = told(probed("haproxy", Reading("backend", "web", 0.0, attributes=attributes)))
    assert on_host.taken_out("backend_down", "/web") == names
    assert on_host.taken_out("backend_down", "/another") is None
    assert on_host.taken_out("replication_broken", "/web") is None


def test_patches() -> None:
    attributes: dict[str, float | str] = {
        "security": 2.0, "installed": "abc", "packages": 400.0, "applied_ago": 86_400.0,
        "names": "openssl,curl",
    }  # fmt: skip
    on_host = told(probed("packages", Reading("packages", "apt", 5.0, "yes", attributes)))
    [row] = on_host.rows["patches"]
    assert (row.pending, row.security, row.reboot, row.applied_at) == (5, 2, True, NOW - 86_400_000)
    assert row.names == ("openssl", "curl")
    assert row.listed_at is None
    assert on_host.figures(NOW) == {"security_updates": {"": 2.0}, "reboot_due": {"": 1.0}}


def test_after_a_restart_rows_stand_as_they_were_until_they_are_told_anew() -> None:
    before = told(stream(2.5))
    saved = Document(1, NOW, "e", "UTC", "en", 5000, WatchRow(), **before.rows)
    on_host = told()
    on_host.restored(saved, "db1")
    [row] = on_host.rows["replication"]
    assert (row.at, row.lag_seconds) == (NOW, 2.5)
    on_host.take(stream(0.1, peer="x"))
    assert on_host.rows["replication"][0].lag_seconds == 0.1


def test_a_host_that_floods_has_no_more_rows_and_figures_than_a_person_could_look_at() -> None:
    many = (Reading("backend", f"b{n}", 0.0, attributes={"servers": 1.0}) for n in range(5_000))
    on_host = told(probed("haproxy", *many))
    assert len(on_host.rows["proxies"][0].backends) == MOST_NAMED
    assert len(on_host.figures(NOW)["backend_down"]) == MOST_NAMED


def test_a_version_changes_with_the_rows_and_not_without() -> None:
    on_host = told(stream(2.5))
    version = on_host.version
    on_host.take(stream(2.5))
    assert on_host.version == version
    on_host.take(stream(2.6))
    assert on_host.version == version + 1
