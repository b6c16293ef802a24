"""Whose the items of the handovers are, and when a problem among them is nobody's again. Pure.

The last handover says it: what it does not have was over when it was made, or followed from another
problem, which it has. One that the watch offers by itself is by no person, and changes no owner.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from estate.handover import Gone, Handover, Ownership
from watch.attention.recalled import OVER_MS

_PROBLEM = "problem:"


def owners_of(handovers: Iterable[Handover]) -> Mapping[str, Ownership]:
    """Whose each item is by its id, of `handovers` with the oldest first; nobody's is absent."""
    owners: dict[str, Ownership] = {}
    for each in handovers:
        owners = _after(owners, each)
    return owners


def _after(before: Mapping[str, Ownership], each: Handover) -> dict[str, Ownership]:
    offered, signed = each.offered, each.signed
    names = [item.id for item in offered.items if item.id not in each.gone]
    owners = {name: before[name] for name in names if name in before}
    if offered.change is None:
        owners = dict.fromkeys(names, Ownership(offered.by, offered.id, offered.at))
    if signed is not None:
        refused = {answer.item for answer in each.refused}
        taken = Ownership(signed.by, offered.id, signed.at)
        owners |= {name: taken for name in names if name not in refused}
    return owners


class Owning:
    """Owners by the record, but for problems that are over, which it may not have yet."""

    def __init__(self) -> None:
        self._known: tuple[Handover, ...] = ()
        self._owners: Mapping[str, Ownership] = {}
        self._missed: dict[str, int] = {}  # item -> since when its problem is not there
        self._lost: dict[str, Ownership] = {}  # by item; what is not known to be on record

    def follow(self, newest_first: tuple[Handover, ...]) -> None:
        """These handovers there are now."""
        if newest_first == self._known:  # years of them: they are added up when one has changed
            return
        self._known = newest_first
        self._owners = owners_of(reversed(newest_first))
        self._lost = {k: each for k, each in self._lost.items() if self._owners.get(k) == each}

    def owner_of(self, item: str) -> str:
        """Who has an item, "" where nobody has."""
        owned = self._owners.get(item)
        return "" if owned is None or item in self._lost else owned.owner

    @property
    def by_problem(self) -> Mapping[str, Ownership]:
        """Whose problems are, by the problem's id."""
        return {
            item.removeprefix(_PROBLEM): each
            for item, each in self._owners.items()
            if item.startswith(_PROBLEM) and item not in self._lost
        }

    def look(self, problems: Collection[str], now: int, *, complete: bool) -> tuple[Gone, ...]:
        """What is to be put on record at `now`, UTC ms, where `problems` (ids) are all there are:
        a problem that has been over for so long is nobody's, and again until it is on record.

        While the picture is not `complete`, one that is missing is not known to be over.
        """
        if complete:
            missing = [
                item
                for item in self._owners
                if item.startswith(_PROBLEM) and item.removeprefix(_PROBLEM) not in problems
            ]
            # Since now at the latest: a clock that was set back would have it wait for long.
            self._missed = {item: min(now, self._missed.get(item, now)) for item in missing}
            for item, since in self._missed.items():
                if now - since >= OVER_MS:
                    self._lost[item] = self._owners[item]
        by_handover: dict[str, list[str]] = {}
        for item, each in self._lost.items():
            by_handover.setdefault(each.handover, []).append(item)
        return tuple(Gone(name, tuple(items), now) for name, items in by_handover.items())
