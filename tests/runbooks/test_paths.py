"""The ways through a runbook: the longest, and those that have no end."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from runbooks.paths import Way, bound_ms, ways
from runbooks.runbook import (
    STOP,
    Act,
    Amount,
    Check,
    Clock,
    Copy,
    Do,
    Gate,
    OnFailure,
    Only,
    Probe,
    Rolling,
    Runbook,
    Sh,
    Step,
    Until,
    WhenShell,
)


def step(name: str, seconds: int, jump: str = "", *, by_jump: bool = False) -> Check:
    return Check(
        id=name, say=name, ask=Sh("a"), timeout_ms=seconds * 1000,
        if_fails=OnFailure(Act.JUMP, jump) if jump else STOP,
        only=Only.BY_JUMP if by_jump else Only.ALWAYS,
    )  # fmt: skip


def book(*steps: Step, clock: Clock | None = None) -> Runbook:
    return Runbook(name="x", title="x", version=1, steps=steps, clock=clock)


def one(_step: Step) -> int:
    return 1


def test_the_longest_way_takes_the_jump() -> None:
    found = ways(
        book(step("a", 1, "c"), step("b", 2), step("c", 9, by_jump=True), step("d", 1)), one
    )
    assert found.worst == Way(("a", "c", "d"), ("a",), 11_000)
    assert str(found.worst) == "a fails → c → d"


def test_only_what_the_clock_sees_counts() -> None:
    steps = (step("a", 100), step("b", 2), step("c", 3), step("d", 100))
    found = ways(book(*steps, clock=Clock(1, "a", "c")), one)
    assert found.worst == Way(("b", "c"), (), 5_000)


def test_a_gate_without_end_is_named_with_the_way_to_it() -> None:
    by_hand = Gate(id="g", say="g", only=Only.BY_JUMP)
    found = ways(book(step("a", 1), step("b", 2, "g"), by_hand, step("d", 1)), one)
    assert [str(way) for way in found.endless] == ["a → b fails → g"]
    assert found.worst == Way(("a", "b", "d"), (), 4_000)


def test_where_nothing_is_bounded_there_is_no_worst() -> None:
    found = ways(book(Gate(id="g", say="g"), step("a", 1)), one)
    assert found.worst is None
    assert found.endless == (Way(("g",), (), 0),)


def test_who_is_asked_may_take_for_ever() -> None:
    asks = Check(id="a", say="a", ask=Sh("a"), timeout_ms=1_000, if_fails=OnFailure(Act.ASK))
    assert ways(book(asks), one).endless == (Way(("a",), ("a",), 0),)


def test_bounds() -> None:
    tried = Check(id="a", say="a", ask=Probe("p"), timeout_ms=5_000, until=Until(24, 5_000))
    assert bound_ms(tried, 1) == 24 * 5_000 + 23 * 5_000
    slow = Check(id="a", say="a", ask=Probe("p"), timeout_ms=8_000, until=Until(10, 5_000))
    assert bound_ms(slow, 1) == 10 * 8_000 + 9 * 5_000
    do = Do(id="a", say="a", sh="a", done_when="b", timeout_ms=1_000, when=WhenShell("c"))
    assert bound_ms(do, 1) == 31_000
    assert bound_ms(Copy(id="a", say="a", to="/a", text="a", timeout_ms=1_000), 1) == 21_000
    rolling = Rolling(
        id="r", say="r", hosts=("h",), each=(do,), then_always=(tried,), canary=1, batch=Amount(2),
        soak_ms=1_000,
    )  # fmt: skip
    assert bound_ms(rolling, 5) == 3 * (31_000 + 235_000 + 1_000)
    assert bound_ms(rolling, None) is None
    apart = Rolling(
        id="r", say="r", hosts=("h",), each=(do,), batch=Amount(2), never_together=("rack",)
    )
    assert bound_ms(apart, 5) == 5 * 31_000


@given(
    st.lists(
        st.tuples(st.integers(1, 99), st.integers(1, 3), st.booleans()), min_size=1, max_size=7
    )
)
def test_the_worst_is_the_worst_of_all(shapes: list[tuple[int, int, bool]]) -> None:
    """Against every way, followed one by one."""
    names = [f"s{place}" for place in range(len(shapes))]
    steps = [
        step(
            names[place], seconds,
            names[place + ahead] if place + ahead < len(names) else "",
            by_jump=by_jump and place > 0,
        )
        for place, (seconds, ahead, by_jump) in enumerate(shapes)
    ]  # fmt: skip

    def follow(place: int) -> list[int]:
        while place < len(steps) and steps[place].only is Only.BY_JUMP:
            place += 1
        return from_(place)

    def from_(place: int) -> list[int]:
        if place >= len(steps):
            return [0]
        this = steps[place]
        onward = follow(place + 1)
        jumped = from_(names.index(this.if_fails.to)) if this.if_fails.to else []
        return [this.timeout_ms + rest for rest in itertools.chain(onward, jumped)]

    worst = ways(book(*steps), one).worst
    assert worst
    assert worst.ms == max(follow(0))
