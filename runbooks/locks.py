"""Locks of services and hosts: who may act on them, and since which epoch.

An epoch only ever grows. A host refuses whoever comes with an older one than it has seen, so that
of two watches that can't see each other one at most acts there. A host sees it with the first start
there, and for each user apart: hosts that only one of them has come to are its own. The record here
keeps one watch from starting what a host would refuse.

In this record a lock is held until its run has ended, however long that waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from runbooks.reasons import Reason

#: On a host a lock that nobody renews is free after so long: its watch may be gone for good.
HELD_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Lock:
    """`owner` is the id of a run, "" when it is free."""

    name: str
    epoch: int
    owner: str = ""

    def held_by_other(self, owner: str) -> bool:
        """Whether somebody else may act."""
        return self.owner not in ("", owner)


@dataclass(frozen=True, slots=True)
class Locks:
    """All locks that were ever held, by name; never mutated."""

    locks: Mapping[str, Lock] = field(default_factory=dict)

    def held(self) -> dict[str, str]:
        """Which locks are held, and by which run."""
        return {name: lock.owner for name, lock in self.locks.items() if lock.owner}

    def reasons(self, names: Iterable[str], owner: str) -> tuple[Reason, ...]:
        """Why `owner` can't have these locks; none where it can."""
        todo = "wait for it to end, abort it, or take its locks over with a reason"
        return tuple(
            Reason("lock", f"{name} is held by run {self.locks[name].owner}", todo)
            for name in names
            if name in self.locks and self.locks[name].held_by_other(owner)
        )

    def taken(self, names: Sequence[str], owner: str) -> tuple[Locks, int]:
        """The locks once `owner` has them, whoever had them, and its epoch: above all before it.

        Ask `reasons` first; without them this is a takeover.
        """
        epoch = 1 + max((self.locks[name].epoch for name in names if name in self.locks), default=0)
        return self.raised(names, owner, epoch), epoch

    def raised(self, names: Iterable[str], owner: str, epoch: int) -> Locks:
        """The locks once `owner` has them since `epoch`."""
        fresh = {name: Lock(name, epoch, owner) for name in names}
        return Locks({**self.locks, **fresh})

    def released(self, owner: str) -> Locks:
        """The locks of a run that has ended are free; their epochs are remembered."""
        return Locks(
            {
                name: Lock(name, lock.epoch) if lock.owner == owner else lock
                for name, lock in self.locks.items()
            }
        )

    def returned(self, owner: str, had: Mapping[str, str]) -> Locks:
        """The locks of a run that never began: theirs again who `had` them, by name of the lock.

        The epochs are remembered; in this record nobody is refused for one.
        """
        return Locks(
            {
                name: replace(lock, owner=had.get(name, "")) if lock.owner == owner else lock
                for name, lock in self.locks.items()
            }
        )

    def released_since(self, owner: str, epoch: int) -> Locks:
        """The same, of a run whose hosts knew of `epoch`, which may be a later one than ours."""
        raised = {
            name: replace(lock, epoch=max(epoch, lock.epoch))
            for name, lock in self.locks.items()
            if lock.owner == owner
        }
        return Locks({**self.locks, **raised}).released(owner)

    def without_owners_but(self, runs: Iterable[str]) -> Locks:
        """The locks of runs that are open; those of runs that never began, or ended, are free."""
        known = {"", *runs}
        lost = {lock.owner for lock in self.locks.values()} - known
        found = self
        for owner in lost:
            found = found.released(owner)
        return found


def locks_to_json(locks: Locks) -> dict[str, Any]:
    """As JSON can hold them."""
    return {name: asdict(lock) for name, lock in locks.locks.items()}


def locks_from_json(raw: Mapping[str, Any]) -> Locks:
    """The locks that `locks_to_json` made `raw` from. ValueError where it did not."""
    try:
        return Locks({str(name): _lock(str(name), lock) for name, lock in raw.items()})
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"these are no locks: {error}") from error


def _lock(name: str, raw: Mapping[str, Any]) -> Lock:
    epoch, owner = raw["epoch"], raw["owner"]
    if not isinstance(epoch, int) or not isinstance(owner, str):
        raise TypeError(f"{name} has epoch {epoch!r} and owner {owner!r}")
    return Lock(name, epoch, owner)
