"""Our own rounds in a row: a clock that was set is told by them, and those that matter are kept."""

from __future__ import annotations

from estate.ledger.observed import ServiceRound
from estate.ledger.rounds import Seen
from watch.ledger.ownrounds import OwnRounds


def round_(at: int, steady_ms: int, mark: str = "o") -> ServiceRound:
    return ServiceRound("mail", "here", at, steady_ms, Seen(mark))


def test_a_clock_that_was_set_is_told_by_the_steady_one() -> None:
    own = OwnRounds(None)
    assert own.clock_stepped(round_(100_000, 0)) == 0
    own.take(round_(100_000, 0), "")
    assert own.clock_stepped(round_(112_000, 10_000)) == 0  # it drifts, or the round was late
    assert own.clock_stepped(round_(112_001, 10_000)) == 2_001
    assert own.clock_stepped(round_(107_999, 10_000)) == -2_001
    assert (
        own.clock_stepped(round_(100_000, 1_000)) == -1_000
    )  # however little: the same time again


def test_over_a_restart_only_a_step_back_is_seen() -> None:
    own = OwnRounds(100_000)
    assert own.clock_stepped(round_(900_000, 5)) == 0
    assert own.clock_stepped(round_(100_000, 5)) == -1


def test_a_blind_round_in_which_hosts_prove_a_loss_is_kept_as_a_failure() -> None:
    own = OwnRounds(None)
    (kept,) = own.take(round_(0, 0, "-"), "mta: 1 of the 2 hosts that it needs")
    assert (kept.seen, kept.cause) == (Seen.FAIL, "mta: 1 of the 2 hosts that it needs")
    (good,) = own.take(round_(10_000, 10_000), "mta: 1 of the 2 hosts that it needs")
    assert (good.seen, good.cause) == (Seen.OK, "")
    assert own.take(round_(20_000, 20_000), "") == ()
