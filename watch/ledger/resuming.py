"""Where an account with several vantages goes on after a restart: nothing of it is lost. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

from estate.ledger.book import Entry
from estate.ledger.rounds import State, verdict
from estate.ledger.sightings import HOSTS, Sighting, marks, paired

#: A round that says what was believed is looked for among the last so many, and then further back.
_NEAR_ROUNDS = 100


def confirmations(entries: Sequence[Entry]) -> list[int]:
    """By when each of `entries` was confirmed: rising, so that it can be bisected.

    A clock that was set back confirms entries at earlier times than those before them. What came
    before an entry was confirmed before it, whatever the clock said then.
    """
    backwards = (each.transition.confirmed_at for each in reversed(entries))
    return [*accumulate(backwards, min)][::-1]


def settled_at(
    vantages: Sequence[str],
    heard: Mapping[str, Sequence[Sighting]],
    entries: Sequence[Entry],
    last: int | None,
    reopened_ms: int,
) -> int | None:
    """The last moment of which all `vantages` had spoken and at which the round said what was
    believed: from there the state alone tells how to go on. None where there is none.

    A vantage that was never heard is not waited for: what is on record without it stays so.
    """
    if len(vantages) < 2 or last is None or any(not heard.get(each) for each in vantages):
        return None
    until = min(heard[each][-1].until for each in vantages)
    every = heard[vantages[0]][-1].every_ms
    runs = {name: runs for name, runs in heard.items() if name in (*vantages, HOSTS)}
    confirmed = confirmations(entries)
    for back in (_NEAR_ROUNDS * every, reopened_ms):
        found = None
        for at, seen in paired(runs, max(until - back, last - reopened_ms)):
            if at > until:
                break
            number = bisect_right(confirmed, at)
            believed = entries[number - 1].transition.state if number else State.UNKNOWN
            if verdict(marks(seen, vantages)) is believed:
                found = at
        if found is not None:
            return found
    return None
