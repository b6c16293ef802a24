"""A period is cut where another schedule began to hold, whichever way the clock was set."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from estate.file import read_estate
from estate.model import Maintenance, Shift
from estate.schedule import KeptSchedule, Schedule, Stretch, schedule_of, stretches

DAY, LONG = (Schedule("UTC", (Shift(name, 480, 1200),)) for name in ("day", "long"))


def test_what_an_estate_says_of_times() -> None:
    estate = read_estate(
        """
estate: Mail
timezone: Asia/Hong_Kong
sites: {central: {role: primary}}
hosts: {a: {site: central}}
shifts: {night: 20:00-08:00}
maintenance:
  - {where: "host:a", starts: 2026-11-21 02:00, ends: 2026-11-21 04:00,
     reason: kernel, owner: chan}
""",
        "estate.yaml",
    )
    (window,) = estate.maintenance
    assert window == Maintenance("host:a", 1_795_197_600_000, 1_795_204_800_000, "kernel", "chan")
    shifts = (Shift("night", 1200, 480),)
    assert schedule_of(estate) == Schedule("Asia/Hong_Kong", shifts, (window,))


def test_a_period_is_cut_where_another_schedule_began_to_hold() -> None:
    kept = [KeptSchedule(100, DAY), KeptSchedule(200, LONG), KeptSchedule(300, LONG)]
    assert stretches(kept, 150, 400) == (Stretch(150, 200, DAY), Stretch(200, 400, LONG))
    assert stretches(kept, 50, 200) == (Stretch(50, 100, None), Stretch(100, 200, DAY))
    assert stretches(kept, 200, 201) == (Stretch(200, 201, LONG),)
    assert stretches([], 1, 2) == (Stretch(1, 2, None),)
    assert stretches([KeptSchedule(9, DAY)], 1, 9) == (Stretch(1, 9, None),)


def test_what_was_dated_before_the_clock_was_set_back_holds_no_longer() -> None:
    kept = [KeptSchedule(100, DAY), KeptSchedule(900, LONG), KeptSchedule(200, DAY)]
    assert stretches(kept, 0, 1_000) == (Stretch(0, 100, None), Stretch(100, 1_000, DAY))


_MOMENTS = st.integers(0, 60)
_SCHEDULES = st.sampled_from([DAY, LONG, None])


@given(
    kept=st.lists(st.builds(KeptSchedule, _MOMENTS, _SCHEDULES), max_size=8),
    starts=_MOMENTS,
    length=st.integers(1, 60),
)
def test_at_every_moment_the_last_that_was_put_down_by_then_holds(
    kept: list[KeptSchedule], starts: int, length: int
) -> None:
    found = stretches(kept, starts, starts + length)
    assert [each.starts for each in found] == [starts, *(each.ends for each in found[:-1])]
    assert found[-1].ends == starts + length
    for each in found:
        for at in range(each.starts, each.ends):
            until = [other.schedule for other in kept if other.at <= at]
            assert each.schedule == (until[-1] if until else None)
    assert all(a.schedule != b.schedule for a, b in pairwise(found))
