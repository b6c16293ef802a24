"""The replication screen: never surer than what is known."""

from __future__ import annotations

from dataclasses import replace

from estate.backups import BackupRow
from estate.document import Problem, Severity
from estate.proxies import AddressRow, Backend, ProxyRow
from estate.replication import ReplicationRow, Slot, Stream
from estate.samples import Reach
from tui.paint import paint
from tui.paint.cells import joined

from .estates import shown


def test_what_is_old_is_shown_with_its_age_and_in_no_colour_of_now(boards, standing_estate) -> None:
    page = paint(shown("replication", boards, standing_estate, 120, 40))
    row = next(line for line in page.lines if line.key == "stream:mdb-c01:postgresql:mdb-c02")
    assert {
        span.role for span in row.spans if span.text.strip() in ("streaming", "0 B", "0.0 s")
    } == {"unk"}
    assert "8:32 old" in joined((row,))


def test_a_host_that_can_not_be_asked_says_why(boards, standing_estate) -> None:
    drawn = joined(paint(shown("replication", boards, standing_estate, 200, 50)).lines)
    assert "GRANT pg_monitor" in drawn
    assert "permission denied" in drawn


def test_who_may_not_see_replication_has_a_line_though_its_slot_is_taken(
    boards, standing_estate
) -> None:
    blind = ReplicationRow(
        host="mdb-c01", site="central", at=boards.NOW - 2_000, every_ms=15_000, gap="GRANT pg_monitor",
        system="postgresql", role="primary", slots=(Slot("mdb_r01", True, 0.0),),
    )  # fmt: skip
    shows = replace(standing_estate, replication=(blind,))
    page = paint(shown("replication", boards, shows, 120, 40))
    row = next(line for line in page.lines if line.key == "server:mdb-c01:postgresql")
    assert "GRANT pg_monitor" in joined((row,))


def test_a_standby_that_sends_on_shows_both_ways(boards, standing_estate) -> None:
    streams = (
        Stream("mdb-r02", "streaming", direction="out"),
        Stream("mdb-c01", "stopped", direction="in"),
    )
    cascade = ReplicationRow(
        host="mdb-r01", site="recovery", at=boards.NOW - 2_000, system="postgresql",
        role="standby", follows="mdb-c01", streams=streams,
    )  # fmt: skip
    shows = replace(standing_estate, replication=(cascade,))
    drawn = joined(paint(shown("replication", boards, shows, 120, 40)).lines)
    assert "→ mdb-r02" in drawn
    assert "← mdb-c01" in drawn


def test_what_nobody_can_tell_is_not_well(boards, standing_estate) -> None:
    given = {"host": "lb-c01", "site": "central", "at": boards.NOW - 1_000}
    streams = (Stream("db2", "streaming", direction="in"), Stream("db3", "streaming", "async"))
    shows = replace(
        standing_estate,
        proxies=(ProxyRow(backends=(Backend("web", 0, 2, 2),), **given),),
        addresses=(AddressRow(address="10.20.0.25", **given),),
        backups=(BackupRow(name="mdb", **given),),
        replication=(
            ReplicationRow(system="mysql", **given),
            ReplicationRow(system="postgresql", role="standby", streams=streams[:1], **given),
            ReplicationRow(system="postgresql", role="primary", streams=streams[1:], **given),
        ),
    )
    page = paint(shown("replication", boards, shows, 120, 40))
    marks = {line.key: joined((line,))[1:2] for line in page.lines if line.key}
    assert marks == {
        "server:lb-c01:mysql": "?",
        "stream:lb-c01:postgresql:db2": "?",
        "stream:lb-c01:postgresql:db3": "·",
        "backend:lb-c01:web": "✘",
        "address:lb-c01:10.20.0.25": "?",
        "backup:lb-c01:mdb": "?",
    }
    asked_for = Problem("lb-c01/backend_down/web", "lb-c01", "", "", Severity.MAINTENANCE, 0)
    page = paint(shown("replication", boards, replace(shows, problems=(asked_for,)), 120, 40))
    [line] = [line for line in page.lines if line.key == "backend:lb-c01:web"]
    assert joined((line,))[1:2] == "~"


def test_what_a_lost_host_told_last_is_not_how_it_is_now(boards, standing_estate) -> None:
    """It was heard of a moment ago, so that its figures are young."""
    flows = ReplicationRow(
        host="mdb-c01", site="central", at=boards.NOW - 21_000, every_ms=15_000,
        system="postgresql", role="primary",
        streams=(Stream("mdb-r01", "streaming", lag_bytes=0.0, lag_seconds=0.0, direction="out"),),
    )  # fmt: skip
    key = "stream:mdb-c01:postgresql:mdb-r01"

    def drawn(reach: Reach, width: int) -> str:
        host = replace(standing_estate.hosts["mdb-c01"], reach=reach, at=boards.NOW - 1_000)
        hosts = {**standing_estate.hosts, "mdb-c01": host}
        shows = replace(standing_estate, replication=(flows,), hosts=hosts)
        page = paint(shown("replication", boards, shows, width, 24))
        return joined((next(line for line in page.lines if line.key == key),))

    for width in (80, 120):
        assert "· mdb-c01" in drawn(Reach.LIVE, width)
        assert " old" not in drawn(Reach.LIVE, width)
    narrow, wide = drawn(Reach.UNREACHABLE, 80), drawn(Reach.UNREACHABLE, 120)
    assert "? mdb-c01" in narrow and "21 s old" in narrow and "host not live" in narrow
    assert "streaming" not in narrow
    assert "? mdb-c01" in wide and "21 s old: host not live" in wide
