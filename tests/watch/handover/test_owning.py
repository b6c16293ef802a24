"""Whose items are: the last handover says it, and what was over for a while is nobody's."""

from __future__ import annotations

from estate.handover import Answer, Answered, Handover, Item, Offered, Ownership, Signed
from watch.attention.recalled import OVER_MS
from watch.handover.owning import Owning, owners_of

DISK, LOST, NOTE = "problem:a/disk", "problem:b/reach", "note:n-1"


def offered(name: str, by: str, at: int, *items: str, change: int | None = None) -> Handover:
    made = tuple(Item(each, each.partition(":")[0], "x", "y") for each in items)
    return Handover(Offered(name, by, at, "0" * 64, made, change))


def signed(known: Handover, by: str, at: int, *refused: str) -> Handover:
    name = known.offered.id
    no = tuple(Answered(name, each, Answer.REFUSED, by, at, "not ours") for each in refused)
    return Handover(known.offered, answers=no, signed=Signed(name, by, at, known.offered.sha256))


def whose(*handovers: Handover) -> dict[str, str]:
    return {item: each.owner for item, each in owners_of(handovers).items()}


def test_who_offers_has_it_until_somebody_signs() -> None:
    first = offered("h-1", "op", 10, DISK, NOTE)
    assert owners_of((first,)) == dict.fromkeys((DISK, NOTE), Ownership("op", "h-1", 10))
    taken = signed(first, "chan", 20, NOTE)
    assert owners_of((taken,))[DISK] == Ownership("chan", "h-1", 20)
    assert whose(taken) == {DISK: "chan", NOTE: "op"}
    assert whose(taken, offered("h-2", "lee", 30, DISK)) == {DISK: "lee"}


def test_what_the_last_handover_has_not_is_nobodys() -> None:
    first = signed(offered("h-1", "op", 10, DISK, LOST), "chan", 20)
    assert whose(first, offered("h-2", "chan", 30, LOST)) == {LOST: "chan"}
    assert whose(first, offered("h-2", "chan", 30)) == {}


def test_what_the_watch_offers_stays_whose_it_was_until_somebody_signs() -> None:
    first = signed(offered("h-1", "op", 10, DISK), "chan", 20)
    night = offered("h-2", "night", 30, DISK, LOST, change=30)
    assert owners_of((first, night)) == {DISK: Ownership("chan", "h-1", 20)}, "a shift is nobody"
    assert whose(first, signed(night, "lee", 40)) == {DISK: "lee", LOST: "lee"}
    assert whose(first, signed(night, "lee", 40, DISK, LOST)) == {DISK: "chan"}


def test_only_problems_are_over_by_the_board() -> None:
    owning = Owning()
    owning.follow((offered("h-1", "op", 10, DISK, NOTE),))
    assert owning.by_problem == {"a/disk": Ownership("op", "h-1", 10)}
    assert owning.look((), 100, complete=True) == ()
    (gone,) = owning.look((), 100 + OVER_MS, complete=True)
    assert (gone.handover, gone.items) == ("h-1", (DISK,))
    assert (owning.owner_of(DISK), owning.owner_of(NOTE)) == ("", "op")
    assert owning.by_problem == {}


def test_a_clock_that_is_set_back_ends_nothing_early_or_late() -> None:
    owning = Owning()
    owning.follow((offered("h-1", "op", 10, DISK),))
    assert owning.look((), 10 * OVER_MS, complete=True) == ()
    assert owning.look((), OVER_MS, complete=True) == ()
    assert owning.owner_of(DISK) == "op"
    assert owning.look((), 2 * OVER_MS - 1, complete=True) == ()
    assert len(owning.look((), 2 * OVER_MS, complete=True)) == 1, "nor keeps it for long"


def test_what_is_offered_anew_is_owned_anew_though_it_was_over() -> None:
    owning, first = Owning(), offered("h-1", "op", 10, DISK)
    owning.follow((first,))
    owning.look((), 100, complete=True)
    owning.look((), 100 + OVER_MS, complete=True)
    assert owning.owner_of(DISK) == ""
    owning.follow((offered("h-2", "chan", 200 + OVER_MS, DISK), first))
    assert owning.owner_of(DISK) == "chan"
