"""What a record comes to: only what was covered is up, and nothing that was down is ever not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from estate.ledger.book import Coverage, Entry, Pages, history, seen_until
from estate.ledger.rounds import State, Transition
from estate.ledger.spans import spans

UP, DOWN, DEGRADED, UNKNOWN = State.UP, State.DOWN, State.DEGRADED, State.UNKNOWN


def change(at: int, state: State, previous: State = UNKNOWN) -> Transition:
    return Transition(at, state, previous, at)


def test_without_coverage_nothing_is_up() -> None:
    found = history([change(0, UP)], (), 100)
    assert found.unknown == spans([(0, 100)])


def test_a_hole_in_the_coverage_is_unknown_whatever_the_state() -> None:
    found = history([change(0, UP)], [(0, 40), (60, 100)], 100)
    assert found.unknown == spans([(40, 60)])


def test_what_goes_on_being_down_is_down_as_far_as_anybody_asked() -> None:
    """Probes taken out, a service retired, a defect: nobody knows that it is down a month later."""
    found = history([change(0, UP), change(30, DOWN, UP)], [(0, 40)], 100)
    assert (found.down, found.unknown) == (spans([(30, 40)]), spans([(40, 100)]))
    never_asked = history([change(0, DOWN)], (), 100)
    assert (never_asked.down, never_asked.unknown) == (spans([]), spans([(0, 100)]))


def test_down_that_ended_is_down_where_a_clock_took_the_coverage() -> None:
    """A clock set forward, or back, takes coverage; the rounds had followed one another all along."""
    entries = [change(0, UP), change(30, DOWN, UP), change(70, UP, DOWN)]
    found = history(entries, [(0, 40), (60, 100)], 100)
    assert (found.down, found.unknown) == (spans([(30, 70)]), spans([]))


def test_down_that_goes_on_is_down_where_a_clock_was_set_forward() -> None:
    found = history([change(0, UP), change(30, DOWN, UP)], [(0, 40), (45, 100)], 100)
    assert found.down == spans([(30, 100)])


def test_a_clock_set_back_takes_nothing_from_what_was_down() -> None:
    # up at 0, down 50-70, up again; then the clock is set from 90 back to 40, and it is up.
    entries = [
        change(0, UP),
        change(50, DOWN, UP),
        change(70, UP, DOWN),
        change(40, UNKNOWN, UP),
        change(40, UP),
    ]
    found = history(entries, [(0, 40), (40, 100)], 100)
    assert found.down == spans([(50, 70)])
    assert found.unknown == spans([])


def test_the_last_round_stands_for_a_while() -> None:
    rows = [Coverage("s", "v", 0, 90)]
    assert seen_until(rows, 100, 30) == spans([(0, 100)])
    assert seen_until(rows, 121, 30) == spans([(0, 90)])
    assert seen_until(rows, 50, 30) == spans([(0, 90)])  # a clock that was set back


def test_a_vantage_that_began_later_and_fell_silent_takes_nothing_from_the_other() -> None:
    rows = [Coverage("s", "own", 0, 190), Coverage("s", "other", 100, 120)]
    assert seen_until(rows, 200, 30) == spans([(0, 200)])


MOMENTS = st.integers(0, 200)


@given(
    st.lists(st.tuples(MOMENTS, st.sampled_from(list(State))), max_size=8),
    st.lists(st.tuples(MOMENTS, MOMENTS), max_size=5),
    MOMENTS,
)
def test_as_a_reading_millisecond_by_millisecond(
    changes: list[tuple[int, State]], covered: list[tuple[int, int]], until: int
) -> None:
    """Each pair of neighbours says what held between them; down wins, then what was seen. What is
    down last is so until the asking ends."""
    entries = [change(at, state) for at, state in changes]
    found = history(entries, [(a, b) for a, b in covered if a < b], until)
    asked_last = max((min(b, until) for a, b in covered if a < min(b, until)), default=0)
    open_end = asked_last if entries and entries[-1].state is DOWN else until
    ends = [*(each.at for each in entries[1:]), open_end][: len(entries)]
    for moment in range(until):
        held = {
            each.state for each, end in zip(entries, ends, strict=True) if each.at <= moment < end
        }
        seen = any(a <= moment < b for a, b in covered)
        served = seen and bool(held & {UP, DEGRADED})
        wanted = "down" if DOWN in held else "served" if served else "unknown"
        at = (moment, moment + 1)
        got = (
            "down"
            if found.down.within(*at)
            else "unknown"
            if found.unknown.within(*at)
            else "served"
        )
        assert got == wanted, moment


def test_pages_are_sorted_out_by_service_and_keep_their_order() -> None:
    ups = tuple(Entry(service, change(at, UP)) for at, service in enumerate(("b", "a", "b")))
    covered = (Coverage("a", "here", 0, 5), Coverage("c", "here", 0, 5))
    pages = Pages(ups, covered)
    assert pages.by_service() == {
        "a": Pages((ups[1],), (covered[0],)),
        "b": Pages((ups[0], ups[2])),
        "c": Pages((), (covered[1],)),
    }
    assert pages.of("b") == Pages((ups[0], ups[2]))
    assert pages.of("nobody") == Pages()
