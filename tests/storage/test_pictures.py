"""Boards of the past: which one is given, which are left as they grow old."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from estate.model import Retention
from estate.past import Moment
from storage.keys import DAY_MS, HOUR_MS, MINUTE_MS
from storage.records import Records

NOW = 1_795_000_000_000
TEN = 10 * MINUTE_MS


def test_the_last_board_at_or_before_a_moment_is_given() -> None:
    records = Records.open(None)
    for at in (NOW, NOW + 60_000):
        assert records.keep_picture(Moment(at, 1, 2), f"board of {at}".encode())
    assert records.picture(NOW - 1) is None
    assert records.picture(NOW) == records.picture(NOW + 59_999) == f"board of {NOW}".encode()
    assert records.picture(2**70) == f"board of {NOW + 60_000}".encode()
    assert records.moments(NOW, NOW + 60_000, 10) == [Moment(NOW, 1, 2)]
    assert records.moments(0, 2**70, 1) == [Moment(NOW + 60_000, 1, 2)]
    records.close()


def test_a_damaged_board_is_none(tmp_path: Path) -> None:
    records = Records.open(tmp_path / "records.db")
    records.keep_picture(Moment(NOW), b"{}")
    records._conn.execute("UPDATE pictures SET document = x'00'")
    assert records.picture(NOW) is None
    records.close()


@given(ages=st.lists(st.integers(0, 100 * DAY_MS), max_size=60), steps=st.integers(1, 3))
def test_what_is_left_is_the_first_of_each_span(ages: list[int], steps: int) -> None:
    """Whenever upkeep came by, and however often: the first of a span, and all of the last day."""
    records = Records.open(None)
    kept = {NOW - age for age in ages}
    for at in kept:
        records.keep_picture(Moment(at), b"{}")
    for step in range(1, steps + 1):
        now = NOW - HOUR_MS * (steps - step)
        while records.prune(now, Retention()):
            pass
    left = {each.at for each in records.moments(0, NOW + 1, 1_000)}
    records.close()
    assert left <= kept
    young = NOW - DAY_MS
    assert {at for at in kept if at >= young} <= left
    for span, until in ((TEN, young), (HOUR_MS, NOW - 14 * DAY_MS)):
        end = until // span * span
        old = [at for at in left if at < end]
        assert len({at // span for at in old}) == len(old)
    firsts = {min(a for a in kept if a // HOUR_MS == at // HOUR_MS) for at in kept}
    assert {at for at in firsts if at >= NOW - 92 * DAY_MS + HOUR_MS} <= left
