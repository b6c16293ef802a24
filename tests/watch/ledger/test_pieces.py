"""What another vantage saw for days is read piece by piece: it comes to the same, whenever the
watch is killed meanwhile, and the event loop never waits for more than a piece."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estate.file import read_estate
from estate.ledger.book import Coverage, Entry, Pages
from estate.ledger.observed import Probed, ServiceRound, Spoke
from estate.ledger.rounds import Ledger, Round, Seen, replay
from estate.ledger.sightings import Sighting
from tests.watch.ledger.test_desk import Refusing, Shown, until
from tests.watch.ledger.test_vantages import BOTH, CADENCE, OTHER, OWN, START, Journal
from watch.ledger.account import PIECE_ROUNDS
from watch.ledger.accounts import Accounts
from watch.ledger.desk import Desk
from watch.ledger.places import Places

SERVICES = tuple(f"s{number}" for number in range(4))
ESTATE = read_estate(
    "estate: E\ntimezone: UTC\nsites: {c: {name: C}}\nhosts: {bastion-c: {}, bastion-r: {}}\n"
    f"vantages: {{{OWN}: {{host: bastion-c}}, {OTHER}: {{host: bastion-r}}}}\n"
    'services: {mail: {probes: [{tcp: "mx:25"}]}, '
    + ", ".join(f'{key}: {{probes: [{{tcp: "mx:25"}}]}}' for key in SERVICES)
    + "}\n",
    "estate.yaml",
)
LATER = START + 86_400_000


def round_(service: str, number: int, mark: str) -> ServiceRound:
    at, seen = START + number * CADENCE, Seen(mark)
    probed = Probed("tcp mx:25", seen, 1.0, "" if seen is Seen.OK else "timed out")
    return ServiceRound(service, OWN, at, at, seen, (probed,), "blind" if mark == "-" else "")


class Book:
    """Accounts that read few rounds at once, and the disk that they go on from."""

    def __init__(self, piece_rounds: int) -> None:
        self._piece_rounds = piece_rounds
        self.entries: list[Entry] = []
        self._coverage: dict[tuple[str, int], Coverage] = {}
        self._sightings: dict[tuple[str, int], Sighting] = {}
        self.restart()

    def restart(self) -> None:
        """kill -9, and a new watch."""
        pages = Pages(
            tuple(self.entries),
            tuple(self._coverage.values()),
            sightings=tuple(self._sightings[key] for key in sorted(self._sightings)),
        )
        self.accounts = Accounts(
            ESTATE, lambda _: CADENCE, pages, START,
            vantages=lambda _: BOTH, piece_rounds=self._piece_rounds,
        )  # fmt: skip

    def own(self, number: int, mark: str) -> None:
        self.accounts.take(round_("mail", number, mark), {})

    def hear(self, journal: Journal, upto: int) -> None:
        told = journal.told(upto, self.accounts.heard_until(OTHER))
        self.accounts.hear(OTHER, told, LATER)

    def keep(self) -> None:
        """What waits is on the disk, all of it or nothing."""
        batch = self.accounts.waiting()
        for entry in batch.entries:
            if entry.withdrawn:
                self.entries.remove(next(
                    each for each in self.entries if each.transition == entry.transition
                ))  # fmt: skip
            else:
                self.entries.append(entry)
        self._coverage |= {(each.vantage, each.start): each for each in batch.coverage}
        self._sightings |= {(each.vantage, each.at): each for each in batch.sightings}
        self.accounts.kept(batch)


MARKS = st.lists(st.tuples(st.sampled_from("ooxx-"), st.sampled_from("oooxx- ")), max_size=40)


@settings(max_examples=400, deadline=None)
@given(MARKS, st.integers(1, 5), st.data())
def test_read_in_pieces_it_comes_to_the_same(
    drawn: list[tuple[str, str]], piece_rounds: int, data: st.DataObject
) -> None:
    marks = [("o", "o"), *drawn, ("o", "o")]
    own, other = ("".join(each) for each in zip(*marks, strict=True))
    book, journal, lag = Book(piece_rounds), Journal(other), 0
    book.own(0, "o")
    book.hear(journal, 1)
    book.keep()
    for number in range(1, len(own)):
        if data.draw(st.integers(0, 9), "dies at 0") == 0:
            book.restart()
        book.own(number, own[number])
        lag = data.draw(st.sampled_from([0, 0, lag, lag + 1, lag + 1]), "unheard rounds")
        book.hear(journal, max(0, number + 1 - lag))
        for _ in range(data.draw(st.integers(0, 2), "pieces")):
            book.accounts.go_on()
        book.keep()
    book.hear(journal, len(other))
    while book.accounts.behind:
        book.accounts.go_on()
    book.keep()
    seen = [
        Round(START + n * CADENCE, tuple(Seen.NOTHING if m == " " else Seen(m) for m in pair))
        for n, pair in enumerate(marks)
    ]
    said = [(each.transition.at, each.transition.state) for each in book.entries]
    assert said == [(each.at, each.state) for each in replay(CADENCE, seen)]


def test_killed_in_the_middle_it_hears_all_of_it_again() -> None:
    """Another service of the same journal was read already: its numbers must not speak for all."""
    book = Book(2)
    journal = Journal("o" + "x" * 20 + "oo")
    book.own(0, "o")
    book.hear(journal, 1)
    for number in range(1, 23):
        book.own(number, "o" if number > 20 else "x")
        book.keep()
    told = journal.told(23, book.accounts.heard_until(OTHER))
    at = START + 22 * CADENCE
    quick = Sighting("s0", OTHER, at, at, CADENCE, Seen.OK, 999, 1.0)
    book.accounts.hear(OTHER, [quick, *told], LATER)
    assert book.accounts.behind
    book.keep()
    book.restart()
    assert book.accounts.heard_until(OTHER) == 1
    book.hear(journal, 23)
    while book.accounts.behind:
        book.accounts.go_on()
    book.keep()
    assert [str(each.transition.state) for each in book.entries] == ["up", "down", "up"]


def test_a_round_of_our_own_that_reads_the_last_of_it_holds_nothing_back() -> None:
    """The link may be cut again at once, and nobody be heard who would ask for what was held."""
    book, journal = Book(6), Journal("o" * 40)
    book.own(0, "o")
    book.hear(journal, 1)
    for number in range(1, 20):
        book.own(number, "o")
    book.hear(journal, 20)
    assert book.accounts.behind
    number = 20
    while book.accounts.behind:
        book.own(number, "o")
        number += 1
    assert any(each.vantage == OTHER for each in book.accounts.waiting().coverage)
    for _ in range(12):
        book.own(number, "x")
        number += 1
    book.keep()
    assert [str(each.transition.state) for each in book.entries] == ["up", "unknown"]


def test_an_estate_that_changes_holds_nothing_back() -> None:
    """Its services that were behind are read to the end, or asked no more."""
    book, journal = Book(2), Journal("o" * 20)
    book.own(0, "o")
    book.hear(journal, 1)
    for number in range(1, 20):
        book.own(number, "x")
    book.hear(journal, 20)
    assert book.accounts.behind
    left = {key: each for key, each in ESTATE.services.items() if key != "mail"}
    book.accounts.follow(replace(ESTATE, services=left), LATER)
    assert not book.accounts.behind
    assert any(
        each.until > START for each in book.accounts.waiting().sightings if each.vantage == OTHER
    )


def test_what_cannot_be_read_is_unknown_and_holds_up_no_other_service(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A defect of ours in the middle of a backfill: said once, and the next rounds count."""
    rounds, bad = 40, START + 20 * CADENCE
    take = Ledger.take

    def breaks(ledger: Ledger, seen: Round) -> object:
        if seen.at == bad and Seen.FAIL in seen.seen:
            raise ZeroDivisionError("a defect")
        return take(ledger, seen)

    monkeypatch.setattr(Ledger, "take", breaks)

    def told(service: str, first: int, last: int, seq: int, mark: str = "o") -> Sighting:
        at, until = START + first * CADENCE, START + last * CADENCE
        return Sighting(service, OTHER, at, until, CADENCE, Seen(mark), seq, 1.0)

    async def play() -> Refusing:
        board, keeper = Shown(), Refusing(0)
        desk = Desk(
            keeper, board, estate=lambda: ESTATE, hosts=dict, cadence_ms=lambda _: CADENCE,
            now=lambda: LATER, places=Places("bastion-c"),
        )  # fmt: skip
        await desk.open()
        for number in range(rounds):
            desk.take(round_("s0", number, "o"))
            desk.take(round_("s1", number, "o"))
            if number == 0:
                desk.hear(Spoke(OTHER, (told("s0", 0, 0, 1), told("s1", 0, 0, 2))))
        late = (
            told("s0", 1, 19, 11), told("s0", 20, 24, 12, "x"), told("s0", 25, rounds - 1, 13),
            told("s1", 1, rounds - 1, 14),
        )  # fmt: skip
        desk.hear(Spoke(OTHER, late))
        for number in range(rounds, rounds + 4):
            for service in ("s0", "s1"):
                desk.take(round_(service, number, "o"))
                seq = 20 + 2 * number + (service == "s1")
                desk.hear(Spoke(OTHER, (told(service, number, number, seq),)))
        await until(lambda: kept(keeper, "s0")[-1:] == [(rounds, "up")])
        await desk.close()
        return keeper

    def kept(keeper: Refusing, service: str) -> list[tuple[int, str]]:
        entries = [e for batch in keeper.kept for e in batch.entries if e.service == service]
        gone = [each.transition for each in entries if each.withdrawn]
        left = [each.transition for each in entries if each.transition not in gone]
        return [((each.at - START) // CADENCE, str(each.state)) for each in left]

    keeper = asyncio.run(play())
    assert kept(keeper, "s0") == [(0, "up"), (19, "unknown"), (rounds, "up")]
    assert kept(keeper, "s1") == [(0, "up")]
    heard = {
        each.service: each.until
        for batch in keeper.kept for each in batch.sightings if each.vantage == OTHER
    }  # fmt: skip
    assert heard == dict.fromkeys(("s0", "s1"), START + (rounds + 3) * CADENCE)
    assert [each.levelname for each in caplog.records] == ["ERROR"]
    assert "what was seen of s0 can't be read" in caplog.text


def test_the_loop_never_waits_for_more_than_a_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four services, a cut of 5,000 rounds: read in pieces, and everybody has a turn between two."""
    rounds, read = 5_000, 0
    take = Ledger.take

    def counted(ledger: Ledger, seen: Round) -> object:
        nonlocal read
        read += 1
        return take(ledger, seen)

    monkeypatch.setattr(Ledger, "take", counted)

    def told(service: str, seq: int) -> list[Sighting]:
        end, bad = START + (rounds - 1) * CADENCE, START + 2_000 * CADENCE
        return [
            Sighting(service, OTHER, START + CADENCE, bad - CADENCE, CADENCE, Seen.OK, seq, 1.0),
            Sighting(service, OTHER, bad, bad + 9 * CADENCE, CADENCE, Seen.FAIL, seq + 1, 1.0, "x"),
            Sighting(service, OTHER, bad + 10 * CADENCE, end, CADENCE, Seen.OK, seq + 2, 1.0),
        ]

    async def play() -> None:
        board, now = Shown(), START + rounds * CADENCE
        desk = Desk(
            Refusing(0), board, estate=lambda: ESTATE, hosts=dict, cadence_ms=lambda _: CADENCE,
            now=lambda: now, places=Places("bastion-c"),
        )  # fmt: skip
        await desk.open()
        for number in range(rounds):
            for service in SERVICES:
                bad = 2_000 <= number < 2_010
                desk.take(round_(service, number, "x" if bad else "o"))
            if number == 0:
                first = [
                    Sighting(service, OTHER, START, START, CADENCE, Seen.OK, n + 1, 1.0)
                    for n, service in enumerate(SERVICES)
                ]
                desk.hear(Spoke(OTHER, tuple(first)))
        turns = [read]

        async def another() -> None:
            while True:
                await asyncio.sleep(0)
                turns.append(read)

        watching = asyncio.create_task(another())
        late = [each for n, service in enumerate(SERVICES) for each in told(service, 10 + 3 * n)]
        desk.hear(Spoke(OTHER, tuple(late)))
        down = [f"{service}: down since " for service in SERVICES]
        await until(lambda: all(any(s.startswith(d) for s in board.said) for d in down))
        watching.cancel()
        turns.append(read)  # of the last piece nobody else had a turn yet
        await desk.close()
        total, most = turns[-1] - turns[0], max(b - a for a, b in pairwise(turns))
        assert total >= len(SERVICES) * (rounds - 1)
        assert most <= 2 * PIECE_ROUNDS
        assert sum(b > a for a, b in pairwise(turns)) >= total // (2 * PIECE_ROUNDS)

    asyncio.run(play())


def test_rounds_that_are_no_pairs_are_said_once_as_long_as_it_is_so() -> None:
    def told(at: int, every: int, seq: int) -> Spoke:
        return Spoke(OTHER, (Sighting("mail", OTHER, at, at, every, Seen.OK, seq, 1.0),))

    async def play() -> list[str]:
        board = Shown()
        desk = Desk(
            Refusing(0), board, estate=lambda: ESTATE, hosts=dict, cadence_ms=lambda _: CADENCE,
            now=lambda: START + 600_000, places=Places("bastion-c"),
        )  # fmt: skip
        await desk.open()
        for number, every in enumerate((30_000, 30_000, CADENCE, 30_000)):
            desk.hear(told(START + number * 30_000, every, number + 1))
        await desk.close()
        return [each for each in board.said if "cadence" in each]

    said = f"{OTHER}: asks mail every 0:30, which is not our cadence: what it saw does not count"
    assert asyncio.run(play()) == [said, said]
