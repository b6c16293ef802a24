"""How long steps will take, and where that is known from."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from runbooks.fingerprint import fingerprint
from runbooks.planning.prediction import LEAST_RUNS, Source, Span, predicted, total
from runbooks.runbook import Amount, Do, Gate, Rolling

DO = Do(id="a", say="A", hosts=("h",), timeout_ms=60_000, sh="a", done_when="b")


def never(_fingerprint: str) -> Sequence[int]:
    return ()


def test_five_runs_are_a_history() -> None:
    def history(asked: str) -> Sequence[int]:
        return [5_000, 1_000, 9_000, 2_000, 3_000] if asked == fingerprint(DO) else ()

    assert predicted(DO, 1, history) == Span(3_000, 9_000, Source.HISTORY)


def test_four_are_none() -> None:
    assert predicted(DO, 1, lambda _: [1] * (LEAST_RUNS - 1)).source is Source.TIMEOUT


def test_else_the_author_is_believed_and_else_the_time_out() -> None:
    said = Do(id="a", say="A", hosts=("h",), timeout_ms=60_000, sh="a", takes_ms=7_000)
    assert predicted(said, 1, never) == Span(7_000, 7_000, Source.TAKES)
    # the time-out, and its oracle before and after
    assert predicted(DO, 1, never) == Span(80_000, 80_000, Source.TIMEOUT)


def test_people_take_as_long_as_they_take() -> None:
    assert predicted(Gate(id="g", say="G"), 0, never) == Span(0, 0, Source.PEOPLE)
    waiting = Gate(id="g", say="G", wait_ms=60_000)
    assert predicted(waiting, 0, never) == Span(0, 60_000, Source.PEOPLE)


def test_a_rolling_takes_turns() -> None:
    inner = Do(id="i", say="I", timeout_ms=60_000, sh="a", takes_ms=10_000)
    rolling = Rolling(
        id="r", say="R", hosts=("h",), each=(inner,), canary=1, batch=Amount(2), soak_ms=5_000
    )
    assert predicted(rolling, 6, never).p50_ms == (1 + 3) * 15_000


def test_the_sum_is_less_late_than_its_parts_together() -> None:
    spans = [Span(1_000, 4_000, Source.HISTORY), Span(1_000, 5_000, Source.HISTORY)]
    assert total(spans) == Span(2_000, 7_000, Source.SUM)
    assert total([]) == Span(0, 0, Source.SUM)


@given(st.lists(st.integers(0, 10**9), min_size=LEAST_RUNS, max_size=50))
def test_ranks_are_measured_values_in_order(past: list[int]) -> None:
    span = predicted(DO, 1, lambda _: past)
    assert {span.p50_ms, span.p90_ms} <= set(past)
    assert span.p50_ms <= span.p90_ms
    assert sum(each <= span.p90_ms for each in past) >= 0.9 * len(past)
