"""Parts into a whole: instant by instant, compared with a reading of every instant."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from estate.ledger.composition import States, all_of, k_of
from estate.ledger.spans import NEVER, Spans, spans
from estate.ledger.tenants import tenants

MINUTE = 60_000


def minutes(*pairs: tuple[int, int]) -> Spans:
    return spans((a * MINUTE, b * MINUTE) for a, b in pairs)


def test_one_of_two_is_down_only_while_both_are() -> None:
    whole = k_of(1, [States(down=minutes((0, 10))), States(down=minutes((7, 15)))])
    assert whole.down == minutes((7, 10))
    assert whole.degraded == minutes((0, 7), (10, 15))


def test_two_of_three() -> None:
    parts = [
        States(down=minutes((0, 10))),
        States(down=minutes((4, 9))),
        States(unknown=minutes((6, 8))),
    ]
    whole = k_of(2, parts)
    assert whole.down == minutes((4, 9))
    assert whole.degraded == minutes((0, 4), (9, 10))
    assert whole.unknown == NEVER


def test_the_unknown_part_may_be_the_one_that_counts() -> None:
    parts = [States(down=minutes((0, 10))), States(unknown=minutes((6, 8)))]
    whole = k_of(1, parts)
    assert (whole.down, whole.unknown) == (NEVER, minutes((6, 8)))


SETS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4)
PARTS = st.lists(st.tuples(SETS, SETS, SETS), min_size=1, max_size=4)


def _parts(drawn: list[tuple[list, list, list]]) -> list[States]:
    made = []
    for down, unknown, degraded in drawn:
        d = spans(down)
        u = spans(unknown) - d
        made.append(States(d, u, spans(degraded) - d - u))
    return made


def _state(part: States, at: int) -> str:
    for word in ("down", "unknown", "degraded"):
        if any(a <= at < b for a, b in getattr(part, word)):
            return word
    return "up"


@given(PARTS, st.integers(1, 4))
def test_composed_states_agree_with_every_instant(drawn: list, k: int) -> None:
    parts = _parts(drawn)
    k = min(k, len(parts))
    both, some = all_of(parts), k_of(k, parts)
    for at in range(30):
        states = [_state(part, at) for part in parts]
        expected = next((w for w in ("down", "unknown", "degraded") if w in states), "up")
        assert _state(both, at) == expected
        served = sum(state in ("up", "degraded") for state in states)
        if served >= k:
            expected = "degraded" if {"down", "degraded"} & set(states) else "up"
        else:
            expected = "down" if served + states.count("unknown") < k else "unknown"
        assert _state(some, at) == expected


def test_tenants_worst_first_with_what_any_of_them_lost() -> None:
    said = tenants(
        {
            "sb": States(down=minutes((0, 2))),
            "csb": States(down=minutes((1, 4)), unknown=minutes((4, 6))),
            "edb": States(),
        },
        (0, 60 * MINUTE),
    )
    assert [share.tenant for share in said.shares] == ["csb", "sb", "edb"]
    assert said.lost_ms == 5 * MINUTE
    assert (said.any_down, said.any_unknown) == (minutes((0, 4)), minutes((4, 6)))
    assert said.shares[0].worst == Fraction(55, 60)
    assert said.mean is not None and said.mean < 1
