"""Migrations: a file of every released version opens with all that was in it."""

from pathlib import Path

from sqlite_utils import Database

from estate.document import Event, Severity
from estate.schedule import KeptSchedule, Schedule
from storage.database import APPLICATION_ID, sqlite3
from storage.records import Board, Point, Records
from storage.schema import MIGRATION_NAMES, MIGRATIONS

VERSION1 = Path(__file__).with_name("version1.sql")
T0 = 1_793_145_600_000
MINUTE = 60_000


def test_a_file_of_the_first_version_opens_with_all_that_was_in_it(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.executescript(VERSION1.read_text())
    connection.close()

    records = Records.open(path)
    assert records.check() == ()
    assert records.hosts() == ("mta-c01", "mta-c02")
    assert records.saved_until() == T0 + 3_990_000
    assert records.load_board() == Board(T0 + 3_990_000, b'{"seq": 7}')
    assert records.last_event_id() == 42
    assert records.events(limit=1) == (
        Event(42, T0 + MINUTE, Severity.OK, "mta-c01", "live again"),
    )
    hour = records.series("mta-c02", "cpu", T0, T0 + 60 * MINUTE, 6)
    assert hour == [Point(T0 + n * 10 * MINUTE, 0.0, 29.5, 59.0) for n in (0, 2, 3, 4, 5)]
    last = records.series("mta-c02", "cpu", T0 + 60 * MINUTE, T0 + 67 * MINUTE, 2520)
    assert [p.mean for p in last] == [float(n % 60) for n in range(360, 400)]
    assert records.series("mta-c01", "cpu_system", T0, T0 + 60 * MINUTE, 6) == []
    cleared = Event(43, T0, Severity.OK, "a", "b", "a/cpu")
    records.append_events([cleared])
    assert records.events(limit=1) == (cleared,)
    assert records.schedules(0, T0 + MINUTE) == []
    kept = KeptSchedule(T0, Schedule("UTC"))
    assert records.keep_schedule(kept)
    assert records.schedules(T0, T0 + MINUTE) == [kept]
    records.close()


def test_the_first_migration_is_as_it_was_released() -> None:
    released = sqlite3.connect(":memory:")
    released.executescript(VERSION1.read_text())
    fresh = Database(memory=True)
    later = sorted(MIGRATION_NAMES)[1:2]
    MIGRATIONS.apply(fresh, stop_before=later or None)
    statements = (
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
        " AND name NOT LIKE '%_sqlite_migrations%' ORDER BY name"  # sqlite-utils' own
    )
    assert fresh.conn.execute(statements).fetchall() == released.execute(statements).fetchall()
    released.close()


def test_every_migration_is_known_by_name() -> None:
    assert {m.name for m in MIGRATIONS.pending(Database(memory=True))} == MIGRATION_NAMES
