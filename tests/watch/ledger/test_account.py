"""One service's account: holes, restarts, clocks that are set, proofs of loss."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from estate.ledger.book import Batch, Coverage, Entry, Pages
from estate.ledger.months import Month
from estate.ledger.observed import Probed, ServiceRound
from estate.ledger.rounds import Seen, State
from estate.ledger.spans import spans
from estate.model import Objective
from estate.quantities import share
from watch.ledger.account import Account
from watch.ledger.months import ServiceMonth, month_from

UTC = ZoneInfo("UTC")
MONTH = Month(2026, 11)
START, END = MONTH.bounds(UTC)
CADENCE = 10_000
MINUTE = 60_000


class Told:
    """An account, and the record that it would have: what was put down, in order."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.coverage: dict[int, Coverage] = {}
        self.account = Account("mail", CADENCE, Pages())

    def restart(self) -> None:
        """kill -9, and a new watch that knows what was put down."""
        self.account = Account("mail", CADENCE, self.pages())

    def pages(self) -> Pages:
        rows = [self.coverage[start] for start in sorted(self.coverage)]
        return Pages(tuple(self.entries), tuple(each for each in rows if each.start < each.to))

    def round(self, at: int, mark: str = "o", steady: int | None = None, proof: str = "") -> Batch:
        seen = Seen(mark)
        probed = Probed("tcp mx:25", seen, 1.0, "" if seen is Seen.OK else "connection refused")
        blind = "blind: no canary answers" if seen is Seen.NOTHING else ""
        monotonic = at if steady is None else steady
        batch = self.account.take(
            ServiceRound("mail", "central", at, monotonic, seen, (probed,), blind), proof
        )
        self.entries += batch.entries
        self.coverage |= {each.start: each for each in batch.coverage}
        return batch

    def rounds(self, start: int, marks: str) -> int:
        """A mark a cadence; when the next round would be."""
        for number, mark in enumerate(marks):
            self.round(start + number * CADENCE, mark)
        return start + len(marks) * CADENCE

    def month(self, now: int) -> ServiceMonth:
        objective = Objective(share("99.95%"), 22 * MINUTE, 10 * MINUTE)
        found = month_from(MONTH, UTC, objective, self.pages(), now=now, patience_ms=3 * CADENCE)
        live = month_from(
            MONTH,
            UTC,
            objective,
            Pages(tuple(self.account.entries), tuple(self.account.coverage)),
            now=now,
            patience_ms=3 * CADENCE,
        )
        assert live.states == found.states, "what is shown is what is on record"
        return found


def test_an_outage_is_dated_back_and_has_its_cause() -> None:
    told = Told()
    now = told.rounds(START, "ooo" + "x" * 12 + "ooo")
    found = told.month(now)
    assert found.states.down == spans([(START + 3 * CADENCE, START + 15 * CADENCE)])
    down = next(each for each in told.entries if each.transition.state is State.DOWN)
    assert down.cause == "tcp mx:25: connection refused"
    assert found.statement is not None and found.statement.down_ms == 120_000


def test_what_was_before_the_first_round_is_unknown() -> None:
    told = Told()
    now = told.rounds(START + MINUTE, "oooo")
    assert told.month(now).states.unknown.within(START, END) == spans([(START, START + MINUTE)])


def test_the_watch_killed_for_ten_minutes_leaves_ten_minutes_unknown() -> None:
    told = Told()
    last = told.rounds(START, "oooooo") - CADENCE
    told.restart()
    before_any_round = told.month(last + 5 * MINUTE).states
    assert before_any_round.unknown.within(START, END) == spans([(last, last + 5 * MINUTE)])
    back = last + 10 * MINUTE
    now = told.rounds(back, "ooo")
    found = told.month(now)
    assert found.states.unknown.within(START, END) == spans([(last, back)])
    assert found.states.down == spans([])
    assert found.statement is not None and found.statement.unknown_ms == 10 * MINUTE


def test_a_restart_within_three_cadences_is_no_hole() -> None:
    told = Told()
    now = told.rounds(START, "ooo")
    told.restart()
    now = told.rounds(now + CADENCE, "ooo")
    assert told.month(now).states.unknown.within(START, END) == spans([])
    assert len(told.pages().coverage) == 1


def test_a_service_that_was_down_when_the_watch_died_is_down_up_to_there_and_then_unknown() -> None:
    told = Told()
    last = told.rounds(START, "ooxxx") - CADENCE
    told.restart()
    now = told.rounds(last + 10 * MINUTE, "ooo")
    found = told.month(now).states
    assert found.down == spans([(START + 2 * CADENCE, last)])
    assert found.unknown.within(START, END) == spans([(last, last + 10 * MINUTE)])


def test_down_is_counted_as_long_as_anybody_asks() -> None:
    """Its probes are taken out, it is retired, or every round of it is a defect of ours."""
    told = Told()
    last = told.rounds(START, "o" * 6 + "x" * 6) - CADENCE
    down_from = START + 6 * CADENCE
    a_moment_later = told.month(last + 2 * CADENCE).states
    assert a_moment_later.down == spans([(down_from, last + 2 * CADENCE)])
    for later, verdict in ((last + 4 * CADENCE, "open"), (END - 1, "not provable")):
        found = told.month(later)
        assert found.states.down == spans([(down_from, last)])
        assert found.statement is not None
        assert (found.statement.down_ms, found.statement.verdict) == (50_000, verdict)
    december = Pages(tuple(told.entries[-1:]), ())
    objective = Objective(share("99.95%"), 22 * MINUTE, 10 * MINUTE)
    whole = Month(2026, 12).bounds(UTC)
    after = month_from(
        Month(2026, 12), UTC, objective, december, now=whole[1] + 1, patience_ms=3 * CADENCE
    )
    assert after.statement is not None
    assert (after.statement.down_ms, after.statement.unknown_ms) == (0, whole[1] - whole[0])


def test_a_clock_set_forward_splits_the_coverage() -> None:
    told = Told()
    told.rounds(START, "ooo")
    at = START + 3 * CADENCE + 5_000
    told.round(at, steady=START + 3 * CADENCE)
    told.round(at + CADENCE, steady=START + 4 * CADENCE)
    assert [(each.start, each.to) for each in told.pages().coverage] == [
        (START, START + 2 * CADENCE),
        (at, at + CADENCE),
    ]
    unknown = told.month(at + CADENCE).states.unknown.within(START, END)
    assert unknown == spans([(START + 2 * CADENCE, at)])


def test_a_clock_that_drifts_does_not() -> None:
    told = Told()
    told.rounds(START, "ooo")
    told.round(START + 3 * CADENCE + 1_500, steady=START + 3 * CADENCE)
    assert len(told.pages().coverage) == 1


def test_a_clock_set_back_forgets_no_outage() -> None:
    told = Told()
    now = told.rounds(START, "oooxxxxxoo")  # down for 50 s from 30 s on
    back = START + 20_000
    told.round(back, steady=now)
    told.round(back + CADENCE, steady=now + CADENCE)
    later = back + 12 * CADENCE
    for number in range(2, 12):
        told.round(back + number * CADENCE, steady=now + number * CADENCE)
    found = told.month(later).states
    assert found.down == spans([(START + 30_000, START + 80_000)])
    assert found.unknown.within(START, END) == spans([])


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize(
    ("set_back_s", "down_s"),
    [
        # Down from 660 s to the last round at 950 s, and for three more by the clock as it is now.
        (620, [(620, 650), (660, 950)]),
        (760, [(660, 950)]),  # seconds that were lived twice are counted once
        (940, [(660, 970)]),
    ],
)
def test_a_clock_set_back_in_an_outage_takes_nothing_from_it(
    set_back_s: int, down_s: list[tuple[int, int]], restarted: bool
) -> None:
    told = Told()
    ten = START + 600_000
    steady = told.rounds(ten, "o" * 6 + "x" * 30)
    back = START + set_back_s * 1_000
    if restarted:
        told.restart()
    for number, mark in enumerate("xxx" + "o" * 60):
        told.round(back + number * CADENCE, mark, steady=steady + number * CADENCE)
    found = told.month(back + 63 * CADENCE).states
    assert found.down == spans((START + a * 1_000, START + b * 1_000) for a, b in down_s)


def test_a_clock_that_was_a_day_ahead_does_not_stop_the_ledger() -> None:
    told = Told()
    ahead = START + 86_400_000
    told.rounds(ahead, "ooo")
    told.restart()  # the steady clock is lost with the process
    now = told.rounds(START, "ooo")
    assert told.month(now).states.unknown.within(START, END) == spans([])


def test_a_blind_vantage_is_unknown_and_never_down() -> None:
    told = Told()
    now = told.rounds(START, "ooo-----ooo")
    found = told.month(now).states
    assert found.down == spans([])
    assert found.unknown.within(START, END) == spans([(START + 3 * CADENCE, START + 8 * CADENCE)])


def test_hosts_may_turn_unknown_into_down_and_never_into_up() -> None:
    told = Told()
    told.rounds(START, "ooo")
    for number in (3, 4, 5):
        told.round(START + number * CADENCE, "-", proof="mta: 1 of the 2 hosts that it needs")
    told.round(START + 6 * CADENCE, "o", proof="mta: 1 of the 2 hosts that it needs")
    down = [each for each in told.entries if each.transition.state is State.DOWN]
    assert [(each.transition.at, each.cause) for each in down] == [
        (START + 3 * CADENCE, "mta: 1 of the 2 hosts that it needs")
    ]
    assert told.account.latest is not None and told.account.latest.seen is Seen.OK


def test_rounds_that_were_not_good_are_kept_and_the_first_good_one() -> None:
    told = Told()
    kept = [
        told.round(START + number * CADENCE, mark).rounds for number, mark in enumerate("ooxxoo")
    ]
    assert [len(each) for each in kept] == [0, 0, 1, 1, 1, 0]


def test_what_is_too_old_is_let_go_and_the_state_stays() -> None:
    told = Told()
    now = told.rounds(START, "ooxxxooooo")
    told.account.forget(now)
    assert told.account.state is State.UP
    assert len(told.account.entries) == 1


def test_another_cadence_keeps_the_state() -> None:
    told = Told()
    now = told.rounds(START, "ooo")
    told.account.follow(30_000, ())
    batch = told.round(now + 60_000)
    assert told.account.state is State.UP and batch.entries == ()
    assert replace(batch.coverage[0], to=0).start == START
