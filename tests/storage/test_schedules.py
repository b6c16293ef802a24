"""Schedules on record: each once, as long as boards are kept, and readable by later versions."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from estate.model import Maintenance, Retention, Shift
from estate.schedule import KeptSchedule, Schedule, stretches
from storage.pictures import OLDEST_MS
from storage.records import Records

T0 = 1_795_000_000_000
WINDOW = Maintenance("group:mta", T0, T0 + 3_600_000, "升級", "chan")
DAY = Schedule("Asia/Hong_Kong", (Shift("day", 480, 1200),), (WINDOW,))
LONG = Schedule("Asia/Hong_Kong", (Shift("long", 0, 0),))


def test_a_schedule_comes_back_as_it_was_put_down(tmp_path: Path) -> None:
    records = Records.open(tmp_path / "records.db")
    assert records.schedules(0, T0) == []
    assert records.keep_schedule(KeptSchedule(T0, DAY))
    records.close()
    records = Records.open(tmp_path / "records.db")
    assert records.schedules(T0, T0 + 1) == [KeptSchedule(T0, DAY)]
    assert records.schedules(0, T0) == []
    assert records.schedules(2**70, 2**71) == [KeptSchedule(T0, DAY)]
    records.close()


def test_while_nothing_changes_nothing_is_written() -> None:
    records = Records.open(None)
    records.keep_schedule(KeptSchedule(T0, DAY))
    before = records._conn.total_changes
    for later in range(5):
        assert records.keep_schedule(KeptSchedule(T0 + later, DAY))
    assert records._conn.total_changes == before
    for at, schedule in ((T0 + 9, LONG), (T0 + 10, DAY), (T0 + 5, DAY)):
        records.keep_schedule(KeptSchedule(at, schedule))
    assert [each.at for each in records.schedules(0, 2**62)] == [T0, T0 + 9, T0 + 10, T0 + 5]
    assert [each.at for each in records.schedules(T0 + 7, 2**62)] == [T0 + 5]
    records.close()


def test_what_is_damaged_or_of_another_form_is_not_known() -> None:
    records = Records.open(None)
    for number, damaged in enumerate(("{", "[]", '{"shifts": 3}', None)):
        records.keep_schedule(KeptSchedule(T0 + number, DAY))
        row = "UPDATE schedules SET schedule = ? WHERE at = ?"
        with records._database.atomic():
            records._conn.execute(row, (damaged, T0 + number))
    assert [each.schedule for each in records.schedules(T0, 2**62)] == [None] * 4
    records.close()


_AT = st.integers(T0 - OLDEST_MS - 50, T0 - OLDEST_MS + 50)


@given(st.lists(st.tuples(_AT, st.sampled_from([DAY, LONG])), max_size=12))
def test_what_is_deleted_held_before_any_board_that_is_kept(
    put: list[tuple[int, Schedule]],
) -> None:
    records = Records.open(None)
    for at, schedule in put:
        records.keep_schedule(KeptSchedule(at, schedule))
    period = (T0 - OLDEST_MS, T0)
    before = stretches(records.schedules(*period), *period)
    assert before == stretches(records.schedules(0, 2**62), *period)
    while records.prune(T0, Retention()):
        pass
    assert stretches(records.schedules(*period), *period) == before
    left = records._conn.execute("SELECT count(*) FROM schedules WHERE at <= ?", period[:1])
    assert left.fetchone()[0] <= 1
    records.close()
