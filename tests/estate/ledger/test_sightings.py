"""Runs of rounds: cut, lengthened and paired, as if each round were told by itself."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from estate.ledger.rounds import Seen
from estate.ledger.sightings import HOSTS, Sighting, due_at, marks, paired, phase_ms

CADENCE = 10


def run(at: int, rounds: int, seen: str = "o", vantage: str = "a") -> Sighting:
    until = at + (rounds - 1) * CADENCE
    return Sighting("mail", vantage, at, until, CADENCE, Seen(seen), seq=until)


def test_a_run_is_its_rounds() -> None:
    assert list(run(30, 3).moments(-1)) == [30, 40, 50]
    assert list(run(30, 3).moments(29)) == [30, 40, 50]
    assert list(run(30, 3).moments(30)) == [40, 50]
    assert list(run(30, 3).moments(44)) == [50]
    assert list(run(30, 3).moments(50)) == []


def test_what_was_before_is_cut_between_rounds() -> None:
    assert run(30, 3).before(30) is None
    assert run(30, 3).before(31) == Sighting("mail", "a", 30, 30, CADENCE, Seen.OK, 50)
    assert run(30, 3).before(50) == Sighting("mail", "a", 30, 40, CADENCE, Seen.OK, 50)
    assert run(30, 3).before(51) == run(30, 3)


def test_a_run_goes_on_by_the_same_round_in_the_next_cadence_only() -> None:
    first = run(30, 2)
    assert first.goes_on(run(50, 1))
    assert first.with_round(run(50, 1)) == run(30, 3)
    for other in (run(60, 1), run(51, 1), run(40, 1), run(50, 1, "x")):
        assert not first.goes_on(other)


def test_a_number_is_later_than_now_only_as_far_as_a_clock_can_be_wrong() -> None:
    now, year = 1_790_000_000_000, 365 * 86_400_000
    for seq, can in ((7, True), (now + 9 * year, True), (now + 11 * year, False)):
        assert replace(run(30, 3), seq=seq).can_be_numbered(now) is can


def test_all_watches_ask_a_service_at_the_same_moments() -> None:
    for service in ("mail", "webmail", "電郵"):
        for cadence in (1_000, 10_000, 30_000):
            phase = phase_ms(service, cadence)
            assert 0 <= phase < cadence
            at = due_at(service, cadence, 1_790_000_000_000)
            assert at % cadence == phase
            for apart in (-cadence // 2 + 1, -1, 0, 1, cadence // 2 - 1):
                assert due_at(service, cadence, at + apart) == at
    assert len({phase_ms(f"s{n}", 10_000) for n in range(30)}) > 25, "not all at once"


def test_one_round_as_the_verdict_reads_it() -> None:
    both = ("a", "b")
    good, bad = run(0, 1), run(0, 1, "x", "b")
    assert marks({"a": good}, both) == (Seen.OK, Seen.NOTHING)
    assert marks({"a": good, "b": bad}, both) == (Seen.OK, Seen.FAIL)
    proof = run(0, 1, "x", HOSTS)
    assert marks({"b": bad, HOSTS: proof}, both) == (Seen.FAIL,)
    assert marks({"a": good, HOSTS: proof}, both) == (Seen.OK, Seen.NOTHING)
    assert marks({"b": bad}, ()) == (Seen.FAIL,)


RUNS = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 5), st.sampled_from("ox-")), max_size=6)


@given(RUNS, RUNS, st.integers(-5, 300))
def test_pairing_is_as_if_every_round_were_told_by_itself(
    first: list[tuple[int, int, str]], other: list[tuple[int, int, str]], after: int
) -> None:
    told: dict[str, list[Sighting]] = {}
    single: dict[int, dict[str, Seen]] = {}
    for vantage, shape in (("a", first), ("b", other)):
        at, runs = 0, []
        for gap, rounds, seen in shape:
            at += gap * CADENCE
            runs.append(run(at, rounds, seen, vantage))
            for number in range(rounds):
                single.setdefault(at + number * CADENCE, {})[vantage] = Seen(seen)
            at += (rounds - 1) * CADENCE
        told[vantage] = runs
    found = {at: {v: s.seen for v, s in seen.items()} for at, seen in paired(told, after)}
    assert found == {at: seen for at, seen in single.items() if at > after}
    assert list(found) == sorted(found)
