"""Whatever nobody could see is in the list, with its bounds; what was seen is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.backups import BackupRow
from estate.certificates import CertificateRow
from estate.configuration import ConfigurationRow
from estate.document import Document, Event, HostRow, Severity, WatchRow
from estate.patches import PatchRow
from estate.proxies import AddressRow, ProxyRow
from estate.queues import QueueRow
from estate.replication import ReplicationRow
from estate.samples import Cause, Reach, Stage
from estate.unwatched import unread, unwatched
from snapshots.snapshot import WITHOUT_RECORDS, Unseen
from watch.handover.unseen import not_read, unseen_of

NOW = 1_795_156_200_000
MINUTE, HOUR = 60_000, 3_600_000
STARTS = NOW - 8 * HOUR
LIVE = HostRow("a", "central", ("lb",), Reach.LIVE, since=NOW - HOUR, at=NOW - 1_000)
WATCH = WatchRow("bastion", "0.4", 7, NOW - 9 * HOUR, "op")


def board(**more: object) -> Document:
    made = Document(1, NOW, "Mail", "UTC", "en", 5_000, WATCH, hosts={"a": LIVE})
    return replace(made, **more)  # type: ignore[arg-type]


def event(at: int, what: str, severity: Severity = Severity.WARNING) -> Event:
    return Event(at - STARTS + 10**9, at, severity, "watch", what)


def unseen(document: Document, *events: Event, **gaps: dict[str, str]) -> tuple[Unseen, ...]:
    return unseen_of(document, gaps, events, STARTS, NOW)


# --- the watch itself ---------------------------------------------------------------------------


def test_a_time_that_nobody_watched_has_its_beginning_its_end_and_its_length() -> None:
    since, until = NOW - 5 * HOUR, NOW - 5 * HOUR + 3 * MINUTE
    said = event(until + 400, unwatched(since, until, "09:30:00–09:33:00", "3:00"))
    assert unseen(board(), said) == (
        Unseen("watch", "bastion", said.what, since, until, 3 * MINUTE),
    )


def test_one_of_an_older_record_has_an_end_alone() -> None:
    said = event(NOW - HOUR, "not watching 09:30:00–09:33:00 (3:00)")
    assert unseen(board(), said) == (Unseen("watch", "bastion", said.what, None, NOW - HOUR),)


def test_a_watch_that_came_late_says_it_once() -> None:
    young = board(watch=replace(WATCH, started_at=NOW - HOUR))
    first = event(NOW - HOUR, "started, with no records from before", Severity.OK)
    assert unseen(young, first) == (
        Unseen("watch", "bastion", WITHOUT_RECORDS, STARTS, NOW - HOUR, 7 * HOUR),
    )
    said = event(NOW - HOUR + 5, unwatched(NOW - 2 * HOUR, NOW - HOUR, "…", "1 h"))
    assert [each.since for each in unseen(young, said)] == [NOW - 2 * HOUR]


def test_a_gap_before_records_that_came_back_is_told() -> None:
    young = board(watch=replace(WATCH, started_at=NOW - HOUR))
    before = event(NOW - 3 * HOUR, "disk is full", Severity.OK)  # read once they are back
    first = event(NOW - HOUR + 5, unread("r.db can't be opened", NOW - HOUR))
    for events in ((first, before), (first,)):
        assert unseen(young, *events) == (Unseen("watch", "bastion", first.what, None, NOW - HOUR),)


def test_a_clock_that_was_set_hid_nothing() -> None:
    assert unseen(board(), event(NOW - HOUR, "this machine's clock was set by +3.0 s")) == ()
    defect = event(NOW - HOUR, "a defect of twinwatch, see its log: KeyError")
    assert unseen(board(), defect) == (
        Unseen("watch", "bastion", defect.what, NOW - HOUR, NOW - HOUR),
    )


def test_events_that_a_limit_left_out_are_a_gap() -> None:
    events = tuple(event(NOW - number, "x") for number in range(5))
    assert tuple(not_read(events, STARTS, 6)) == ()
    (gap,) = not_read(events, STARTS, 5)
    assert (gap.kind, gap.where, gap.since, gap.until) == ("records", "events", STARTS, NOW - 4)
    assert gap.why == "of the events since then only the newest 5 were read"


# --- what is measured of hosts ------------------------------------------------------------------

FRESH = {"host": "a", "site": "central", "at": NOW - MINUTE, "every_ms": HOUR}
ROWS = {
    "certificates": (CertificateRow(**FRESH, name="mail", source="file", place="/m.pem"), "certificate", "a mail /m.pem"),
    "replication": (ReplicationRow(**FRESH, system="postgresql"), "replication", "a postgresql"),
    "backups": (BackupRow(**FRESH, name="store"), "backup", "a store"),
    "configuration": (ConfigurationRow(**FRESH, path="/etc/m.cf"), "file", "a /etc/m.cf"),
    "patches": (PatchRow(**FRESH), "patches", "a"),
    "proxies": (ProxyRow(**FRESH), "proxy", "a"),
    "addresses": (AddressRow(**FRESH, address="10.0.0.9"), "address", "a 10.0.0.9"),
}  # fmt: skip


@pytest.mark.parametrize("field", ROWS)
def test_what_is_measured_of_a_live_host_and_is_not_known_was_not_seen(field: str) -> None:
    row, kind, where = ROWS[field]
    assert unseen(board(**{field: (row,)})) == ()
    for changed, why in (
        (replace(row, gap="Permission denied"), "Permission denied"),
        (replace(row, at=NOW - 9 * HOUR), "not measured since"),
        (replace(row, at=None), "not measured yet"),
    ):
        assert unseen(board(**{field: (changed,)})) == (Unseen(kind, where, why, changed.at),)


def test_what_a_lost_host_or_a_probe_tells_already_is_told_once() -> None:
    row = replace(ROWS["certificates"][0], gap="no openssl")
    lost = replace(LIVE, reach=Reach.UNREACHABLE, cause=Cause(Stage.CONNECT, "no route"))
    (gap,) = unseen(board(hosts={"a": lost}, certificates=(row,)))
    assert gap.kind == "host"
    (gap,) = unseen(board(certificates=(row,)), a={"certificates": "no openssl"})
    assert (gap.kind, gap.where) == ("probe", "a certificates")


def test_a_queue_of_which_nobody_knows() -> None:
    row = QueueRow("q", "mail", "central", state="unknown", since=5, why="no host answers")
    assert unseen(board(queues=(row,))) == (Unseen("queue", "mail central", "no host answers", 5),)
    assert unseen(board(queues=(replace(row, state="ok"),))) == ()
