"""Delays before asking again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collectors.backoff import FORGIVEN_AFTER_MS, LONGEST_AFTER_LOGIN_MS, LONGEST_MS, Backoff
from estate.samples import Reach, Stage


def test_delays_double_up_to_the_cap() -> None:
    backoff = Backoff(chance=lambda: 0.0)
    assert [backoff.delay_ms(Reach.UNREACHABLE, Stage.CONNECT) for _ in range(8)] == [
        500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
    ]  # fmt: skip


def test_what_a_host_counts_against_us_is_never_quick() -> None:
    for reach in (Reach.REFUSED, Reach.UNTRUSTED):
        assert Backoff(chance=lambda: 0.0).delay_ms(reach, Stage.AUTH) == LONGEST_MS


def test_a_host_whose_logins_hang_is_asked_ever_more_seldom() -> None:
    backoff = Backoff(chance=lambda: 0.0)
    delays = [backoff.delay_ms(Reach.UNREACHABLE, Stage.SAMPLER) for _ in range(13)]
    assert delays[:8] == [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000]
    assert delays[-2:] == [LONGEST_AFTER_LOGIN_MS] * 2
    assert backoff.delay_ms(Reach.UNREACHABLE, Stage.CONNECT) == LONGEST_MS


def test_only_a_long_life_is_forgiven() -> None:
    backoff = Backoff(chance=lambda: 0.0)
    for _ in range(5):
        backoff.delay_ms(Reach.UNREACHABLE, Stage.CONNECT)
    backoff.forgive(FORGIVEN_AFTER_MS - 1)
    assert backoff.delay_ms(Reach.UNREACHABLE, Stage.CONNECT) == 16_000
    backoff.forgive(FORGIVEN_AFTER_MS)
    assert backoff.delay_ms(Reach.UNREACHABLE, Stage.CONNECT) == 500


@given(
    st.lists(st.tuples(st.sampled_from(Reach), st.sampled_from(Stage)), max_size=40),
    st.floats(0, 1, exclude_max=True),
)
def test_jitter_only_shortens_and_never_to_nothing(
    failures: list[tuple[Reach, Stage]], chance: float
) -> None:
    backoff = Backoff(chance=lambda: chance)
    for reach, stage in failures:
        assert 375 <= backoff.delay_ms(reach, stage) <= LONGEST_AFTER_LOGIN_MS
