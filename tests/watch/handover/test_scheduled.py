"""Of a time that is over: whose shift it was, what was planned, and what of it is not on record."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from estate.model import Maintenance, Shift
from estate.schedule import Schedule, Stretch
from snapshots.snapshot import (
    ESTATE,
    SCHEDULE_FIRST_KEPT,
    SCHEDULE_OF_TODAY,
    Duty,
    Rota,
    Turn,
    Unseen,
    Work,
)
from watch.handover.scheduled import NAMED_MS, scheduled

HOUR = 3_600_000
#: 20 Nov 2026, 00:00 UTC.
DAWN = 1_795_132_800_000
TWO = (Shift("day", 480, 1200), Shift("night", 1200, 480))
WAS = Schedule("UTC", TWO)
IS = Schedule("UTC", (Shift("all", 480, 480),))
TODAY = Schedule("UTC", (Shift("today", 0, 0),), (Maintenance("host:z", DAWN, DAWN + HOUR),))


def test_who_was_on_duty_is_told_by_the_shifts_of_then() -> None:
    found = scheduled((Stretch(DAWN + 6 * HOUR, DAWN + 21 * HOUR, WAS),), TODAY)
    assert found.turns == (
        Turn("night", DAWN + 6 * HOUR, DAWN + 8 * HOUR),
        Turn("day", DAWN + 8 * HOUR, DAWN + 20 * HOUR),
        Turn("night", DAWN + 20 * HOUR, DAWN + 21 * HOUR),
    )
    assert found.duty == Duty("night", "day", DAWN + 32 * HOUR)
    assert found.rotas == (Rota(DAWN + 6 * HOUR, DAWN + 21 * HOUR, "UTC", TWO),)
    assert (found.work, found.unseen) == ((), ())


def test_shifts_that_were_changed_hold_from_then_on() -> None:
    pieces = (Stretch(DAWN, DAWN + 10 * HOUR, WAS), Stretch(DAWN + 10 * HOUR, DAWN + 12 * HOUR, IS))
    found = scheduled(pieces, TODAY)
    assert [(each.shift, each.ends - DAWN) for each in found.turns] == [
        ("night", 8 * HOUR), ("day", 10 * HOUR), ("all", 12 * HOUR),
    ]  # fmt: skip
    assert [(each.starts, each.shifts) for each in found.rotas] == [
        (DAWN, TWO), (DAWN + 10 * HOUR, IS.shifts),
    ]  # fmt: skip
    assert found.duty.now == "all"


def test_planned_work_alone_changes_no_shift() -> None:
    window = Maintenance("host:a", DAWN, DAWN + HOUR)
    other = Schedule("UTC", TWO, (window,))
    pieces = (Stretch(DAWN, DAWN + HOUR, WAS), Stretch(DAWN + HOUR, DAWN + 3 * HOUR, other))
    found = scheduled(pieces, TODAY)
    assert found.rotas == (Rota(DAWN, DAWN + 3 * HOUR, "UTC", TWO),)
    assert found.turns == (Turn("night", DAWN, DAWN + 3 * HOUR),)
    assert found.work == (Work("host:a", DAWN, DAWN + HOUR, declared_at=DAWN + HOUR),)


def test_in_a_long_period_nobody_is_named_and_the_shifts_are() -> None:
    found = scheduled((Stretch(DAWN, DAWN + NAMED_MS, WAS),), TODAY)
    assert len(found.turns) == 7
    found = scheduled((Stretch(DAWN, DAWN + 900 * NAMED_MS, WAS),), TODAY)
    assert (found.turns, len(found.rotas)) == ((), 1)


def test_what_is_not_on_record_is_told_by_what_was_known_next_and_says_so() -> None:
    window = Maintenance("host:a", DAWN, DAWN + 9 * HOUR)
    later = Schedule("UTC", TWO, (window,))
    pieces = (
        Stretch(DAWN, DAWN + HOUR, None),
        Stretch(DAWN + HOUR, DAWN + 2 * HOUR, later),
        Stretch(DAWN + 2 * HOUR, DAWN + 3 * HOUR, None),
    )
    found = scheduled(pieces, TODAY)
    assert [(each.shifts[0].name, each.recorded) for each in found.rotas] == [
        ("day", False), ("day", True), ("today", False),
    ]  # fmt: skip
    assert found.unseen == (
        Unseen("records", ESTATE, SCHEDULE_FIRST_KEPT, DAWN, DAWN + HOUR, HOUR),
        Unseen("records", ESTATE, SCHEDULE_OF_TODAY, DAWN + 2 * HOUR, DAWN + 3 * HOUR, HOUR),
    )
    works = {each.where: each for each in found.work}
    assert not works["host:a"].recorded
    assert works["host:a"].withdrawn_at == DAWN + 2 * HOUR
    assert works["host:z"].declared_at == DAWN + 2 * HOUR


def test_work_that_is_taken_out_of_the_estate_after_its_end_was_not_withdrawn() -> None:
    window = Maintenance("host:a", DAWN, DAWN + HOUR, "kernel", "chan")
    pieces = (
        Stretch(DAWN, DAWN + 2 * HOUR, Schedule("UTC", (), (window, window))),
        Stretch(DAWN + 2 * HOUR, DAWN + 3 * HOUR, Schedule("UTC")),
    )
    found = scheduled(pieces, TODAY)
    assert found.work == (Work("host:a", DAWN, DAWN + HOUR, "kernel", "chan"),)
    assert found.duty == Duty()
    assert found.rotas == (Rota(DAWN, DAWN + 3 * HOUR, "UTC"),)


_WINDOWS = [
    Maintenance(f"host:h{n}", DAWN + starts * HOUR, DAWN + ends * HOUR)
    for n, (starts, ends) in enumerate(((0, 3), (2, 9), (5, 6), (-4, 1), (30, 31)))
]


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.none() | st.sets(st.sampled_from(_WINDOWS))),
        min_size=1,
        max_size=7,
    )
)
def test_at_every_hour_the_work_that_was_planned_is_told_and_no_other(
    changes: list[tuple[int, set[Maintenance] | None]],
) -> None:
    """Whatever changed how often: what is told of each hour is what the estate said in it."""
    ends = [*accumulate(hours for hours, _ in changes)]
    begins = [0, *ends[:-1]]
    pieces = [
        Stretch(
            DAWN + begin * HOUR,
            DAWN + end * HOUR,
            None if windows is None else Schedule("UTC", (), tuple(windows)),
        )
        for begin, end, (_, windows) in zip(begins, ends, changes, strict=True)
    ]
    found = scheduled(pieces, Schedule("UTC"))
    for piece in pieces:
        if piece.schedule is None:
            continue
        for at in range(piece.starts, piece.ends, HOUR):
            planned = {each.where for each in piece.schedule.maintenance
                       if each.starts <= at < each.ends}  # fmt: skip
            told = [each.where for each in found.work
                    if each.starts <= at < each.ends
                    and (each.declared_at or at) <= at
                    and (each.withdrawn_at is None or at < each.withdrawn_at)]  # fmt: skip
            assert sorted(told) == sorted(planned)
    unknown = [(each.starts, each.ends) for each in pieces if each.schedule is None]
    assert [(each.since, each.until) for each in found.unseen] == unknown
    for each in found.work:
        doubted = any(each.starts < until and each.ends > since for since, until in unknown)
        assert each.recorded or doubted
