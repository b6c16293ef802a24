"""Records: what is kept comes back; what is not ours is left alone."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from estate.document import Event, Severity
from estate.metrics import METRICS
from estate.model import Retention
from estate.samples import Sample
from storage.database import APPLICATION_ID, Fault, RecordsError, sqlite3
from storage.records import Board, Point, Records

T0 = 1_793_145_600_000


def sample(host: str, at: int, value: float = 1.0) -> Sample:
    return Sample(host, at, (value,) * len(METRICS), 1.0, 1, 1.0)


def event(number: int, where: str = "a", at: int | None = None) -> Event:
    return Event(number, T0 + number if at is None else at, Severity.WARNING, where, "what")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "records.db"


def reopened(path: Path) -> Records:
    return Records.open(path)


def test_samples_survive_closing(path: Path) -> None:
    records = Records.open(path)
    records.append([sample("a", T0, 1.0), sample("b", T0 + 1, 2.0)])
    records.append([sample("a", T0 + 10_000, 3.0)])
    records.close()

    records = reopened(path)
    assert records.hosts() == ("a", "b")
    assert records.saved_until() == T0 + 10_000
    assert records.series("a", "cpu", T0, T0 + 20_000, 2) == [
        Point(T0, 1.0, 1.0, 1.0),
        Point(T0 + 10_000, 3.0, 3.0, 3.0),
    ]
    records.close()


def test_saved_until_is_the_last_moment_of_any_host(path: Path) -> None:
    records = Records.open(path)
    records.append([sample("a", T0 + 5), sample("b", T0 + 1)])  # b's key is the greater one
    assert records.saved_until() == T0 + 5
    records.append([sample("a", T0 + 6)])  # b is silent
    assert records.saved_until() == T0 + 6
    records.close()


def test_a_fresh_file_knows_nothing(path: Path) -> None:
    records = Records.open(path)
    assert records.saved_until() is None
    assert records.load_board() is None
    assert records.last_event_id() == 0
    assert records.events() == ()
    assert records.hosts() == ()
    assert records.check() == ()
    assert not records.compact(T0, 0)
    assert not records.prune(T0, Retention())
    records.append([])
    records.append_events([])
    records.sync()
    assert records.saved_until() is None
    records.close()


def test_the_file_is_private_and_so_is_its_log(path: Path) -> None:
    old = os.umask(0)
    try:
        records = Records.open(path)
        records.append([sample("a", T0)])
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()}
        assert modes == {"records.db": 0o600, "records.db-wal": 0o600, "records.db-shm": 0o600}
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        records.close()
    finally:
        os.umask(old)


def test_a_second_sample_of_the_same_moment_replaces_the_first(path: Path) -> None:
    records = Records.open(path)
    records.append([sample("a", T0, 1.0), sample("a", T0, 5.0)])
    records.append([sample("a", T0, 7.0)])
    assert records.series("a", "cpu", T0, T0 + 1, 1) == [Point(T0, 7.0, 7.0, 7.0)]
    records.close()


def test_saved_until_is_the_latest_of_all_hosts(path: Path) -> None:
    records = Records.open(path)
    records.append([sample("a", T0 + 900), sample("b", T0 + 100)])
    assert records.saved_until() == T0 + 900
    records.append([sample("c", T0 + 500)])
    assert records.saved_until() == T0 + 900
    while records.compact(T0 + 86_400_000, 0):
        pass
    records.sync()
    assert records.saved_until() == T0 + 500  # the last to be kept, once its ticks are gone
    records.close()


def test_many_samples_of_one_host_in_one_slot_are_all_kept(path: Path) -> None:
    records = Records.open(path)
    records.append([sample("a", T0 + n * 100, float(n)) for n in range(100)])
    assert len(records.series("a", "cpu", T0, T0 + 10_000, 10_000)) == 100
    records.close()


def test_what_fails_halfway_leaves_the_file_as_it_was(path: Path) -> None:
    records = Records.open(path)
    broken = sample("new", T0 + 1)
    object.__setattr__(broken, "at", "yesterday")
    with pytest.raises(TypeError):
        records.append([sample("a", T0), broken])
    assert records.hosts() == ()
    records.append([sample("b", T0)])  # takes the id that "a" did not get
    records.close()
    records = reopened(path)
    assert records.hosts() == ("b",)
    assert records.series("a", "cpu", T0, T0 + 1, 1) == []
    records.close()


def test_a_name_that_is_not_text_is_kept_in_a_readable_form_and_found_again(path: Path) -> None:
    for _ in range(2):
        records = Records.open(path)
        records.append([sample("a\udcff", T0)])
        records.append_events([event(1, where="a\udcff")])
        assert records.hosts() == ("a\\udcff",)
        assert len(records.series("a\udcff", "cpu", T0, T0 + 1, 1)) == 1
        records.close()


def test_events_come_newest_first_of_one_host_or_all_since_a_moment(path: Path) -> None:
    records = Records.open(path)
    records.append_events([event(1, "a"), event(2, "a/disk/var"), event(3, "ab"), event(4, "hk")])
    assert [e.id for e in records.events()] == [4, 3, 2, 1]
    assert [e.id for e in records.events(limit=2)] == [4, 3]
    assert [e.id for e in records.events(host="a")] == [2, 1]
    assert [e.id for e in records.events(since=T0 + 3)] == [4, 3]
    assert records.events(host="a")[0] == event(2, "a/disk/var")
    assert records.last_event_id() == 4
    records.append_events([event(4, "again"), event(5)])
    assert [e.where for e in records.events(limit=2)] == ["a", "hk"]
    records.close()


def test_the_last_board_is_the_one_that_is_loaded(path: Path) -> None:
    records = Records.open(path)
    records.save_board(T0, b'{"seq": 1}')
    records.save_board(T0 + 5_000, '{"seq": 2, "名": "板"}'.encode())
    records.close()
    records = reopened(path)
    assert records.load_board() == Board(T0 + 5_000, '{"seq": 2, "名": "板"}'.encode())
    records.close()


def test_a_damaged_board_or_column_is_a_gap_and_is_named(path: Path) -> None:
    records = Records.open(path)
    records.append([sample("a", T0 + n * 10_000, float(n)) for n in range(720)])
    records.save_board(T0, b"{}")
    while records.compact(T0 + 86_400_000, 0):
        pass
    records.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE board SET document = x'00'")
        key = connection.execute("SELECT min(key) FROM chunks").fetchone()[0]
        connection.execute("UPDATE chunks SET packed = x'0102' WHERE key = ?", (key,))
        minute = connection.execute("SELECT min(key) FROM minutes").fetchone()[0]
        connection.execute("UPDATE minutes SET packed = x'0102' WHERE key = ?", (minute,))
        hour = connection.execute("SELECT max(key) FROM hours").fetchone()[0]
        connection.execute("UPDATE hours SET stamps = x'0102' WHERE key = ?", (hour,))
    connection.close()

    records = reopened(path)
    assert records.load_board() is None
    first, second = (T0, T0 + 3_600_000), (T0 + 3_600_000, T0 + 7_200_000)
    assert records.series("a", "cpu", *first, 3600) == []
    assert records.series("a", "cpu", *first, 60) == []
    assert len(records.series("a", "mem", *first, 3600)) == 360
    assert records.series("a", "mem", *second, 3600) == []
    assert len(records.series("a", "cpu", *second, 60)) == 60
    findings = records.check()
    assert [finding.split(",")[0] for finding in findings] == [
        "hours",
        "chunks",
        "minutes",
        "board",
    ]
    assert str(key) in findings[1]
    records.close()


def test_retention_is_kept_for_every_tier_and_events(path: Path) -> None:
    records = Records.open(path)
    hour = 3_600_000
    retention = Retention(
        hot_ms=hour, chunks_ms=4 * hour, minutes_ms=8 * hour, ten_minutes_ms=48 * hour,
        events_ms=hour,
    )  # fmt: skip
    now = T0 + 12 * hour
    records.append([sample("a", T0 + n * 60_000) for n in range(12 * 60)])
    records.append_events([event(1, at=now - hour - 1), event(2, at=now - hour)])
    while records.compact(now, retention.hot_ms) or records.prune(now, retention):
        pass
    records.close()
    with sqlite3.connect(path) as connection:
        kept = {
            table: connection.execute(f"SELECT min({span}), max({span}) FROM {table}").fetchone()
            for table, span in (("hours", "hour"), ("chunks", "hour"), ("minutes", "hour"))
        }
        ticks = connection.execute("SELECT min(at) FROM ticks").fetchone()[0]
    connection.close()
    end = now // hour
    assert kept == {
        "hours": (end - 4, end - 2), "chunks": (end - 4, end - 2), "minutes": (end - 8, end - 2),
    }  # fmt: skip
    assert ticks == now - hour
    records = reopened(path)
    assert [e.id for e in records.events()] == [2]
    records.close()


def test_pruning_goes_in_slices(path: Path) -> None:
    records = Records.open(path)
    records.append_events([event(n) for n in range(1, 5_001)])
    left = []
    while records.prune(T0 + 500 * 86_400_000, Retention()):
        left.append(len(records.events(limit=9_999)))
    assert left == [3_000, 1_000, 0]
    records.close()


def test_much_free_room_is_given_back_to_the_file_system(path: Path) -> None:
    records = Records.open(path)
    records.append_events([Event(n, T0, Severity.OK, "a", "x" * 3_900) for n in range(6_000)])
    full = path.stat().st_size + path.with_name("records.db-wal").stat().st_size
    steps = 0
    while records.prune(T0 + 500 * 86_400_000, Retention()):
        steps += 1
    records.close()
    assert steps > 30  # small ones
    assert full > 24_000_000
    assert path.stat().st_size < 18_000_000


def test_room_that_a_large_file_will_soon_need_again_is_kept(path: Path) -> None:
    """A quarter of it may lie free, if that is more than what a small file keeps."""
    records = Records.open(path)
    records.append_events([Event(n, T0, Severity.OK, "a", "x" * 3_900) for n in range(24_000)])
    records._conn.execute("DELETE FROM events WHERE id < 5000")
    assert records._conn.execute("PRAGMA freelist_count").fetchone()[0] > 4_096
    assert not records.prune(T0, Retention())
    records.close()


@pytest.mark.parametrize(
    ("prepare", "fault", "what"),
    [
        ("PRAGMA application_id = 5", Fault.FOREIGN, "is the database of another program"),
        ("PRAGMA application_id = 0", Fault.FOREIGN, "is the database of another program"),
        (
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('twinwatch', 'm9999_later', '')",
            Fault.FOREIGN,
            "were written by a newer twinwatch (schema m9999_later)",
        ),
    ],
)
def test_what_is_not_ours_is_refused_and_left_as_it_was(
    path: Path, prepare: str, fault: Fault, what: str
) -> None:
    Records.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = DELETE")
    with connection:
        connection.execute(prepare)
    connection.close()
    with pytest.raises(RecordsError) as refused:
        Records.open(path)
    assert refused.value.fault is fault
    assert what in refused.value.what
    assert "move" in refused.value.todo
    with sqlite3.connect(path) as again:
        assert again.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    again.close()


def test_what_is_no_database_is_called_corrupt(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(RecordsError) as refused:
        Records.open(path)
    assert refused.value.fault is Fault.CORRUPT
    assert str(path) in refused.value.what
    assert path.read_bytes().startswith(b"Dear diary")


def test_a_file_that_was_deleted_under_us_is_noticed(path: Path) -> None:
    records = Records.open(path)
    records.append([sample("a", T0)])
    path.unlink()
    with pytest.raises(RecordsError) as refused:
        records.sync()
    assert refused.value.fault is Fault.GONE
    assert refused.value.what == f"{path} was deleted or replaced while in use"
    records.close()


def test_a_lock_held_by_another_process_is_named(path: Path) -> None:
    records = Records.open(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RecordsError) as refused:
        records.append([sample("a", T0)])
    assert refused.value.fault is Fault.LOCKED
    other.execute("ROLLBACK")
    other.close()
    records.append([sample("a", T0)])
    assert records.saved_until() == T0
    records.close()


def test_ordinary_tools_read_the_views(path: Path) -> None:
    records = Records.open(path)
    records.append([sample("mta-c03", T0 + n * 10_000) for n in range(400)])
    records.append_events([event(1, "mta-c03")])
    while records.compact(T0 + 86_400_000, 0):
        pass
    records.append([sample("mta-c03", T0 + 86_400_000)])
    records.sync()
    records.close()

    def rows(view: str) -> str:
        command = [sys.executable, "-m", "sqlite_utils", "rows", str(path), view, "--csv"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert "1,2026-10-28T00:00:00Z,warning,mta-c03,what" in rows("event_log")
    assert "mta-c03,2026-10-28T00:00Z,360,25" in rows("hours_kept")
    assert "mta-c03,2026-10-28T01:00Z,40,25" in rows("hours_kept")
    assert "mta-c03,2026-10-29T00:00:00Z,25" in rows("ticks_kept")
    assert f"2026-10-29T00:00:00Z,{T0 + 86_400_000}" in rows("saved_until")


def test_the_header_says_whose_file_it_is(path: Path) -> None:
    Records.open(path).close()
    assert int.from_bytes(path.read_bytes()[68:72], "big") == APPLICATION_ID
