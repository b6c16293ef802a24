"""Why a service is as it is, in the words of those who saw it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from estate.ledger.book import Entry
from estate.ledger.rounds import State, Transition
from estate.ledger.sightings import HOSTS, Sighting


def entry_of(
    service: str,
    change: Transition,
    seen: Mapping[str, Sighting],
    vantages: Sequence[str],
    patience_ms: int,
) -> Entry:
    """A transition with its cause, by what was `seen` in the round that confirmed it."""
    cause = ""
    if change.state is State.UNKNOWN and change.confirmed_at - change.at > patience_ms:
        cause = "nobody asked"
    elif change.state is not State.UP:
        cause = _cause(seen, vantages)
    return Entry(service, change, cause)


def _cause(seen: Mapping[str, Sighting], vantages: Sequence[str]) -> str:
    """With several vantages what each of them says, by its name."""
    proof = seen[HOSTS].cause if HOSTS in seen else ""
    if len(vantages) < 2:
        own = next((each for name, each in seen.items() if name != HOSTS), None)
        return proof or (own.cause if own else "")
    said = [
        f"{name}: {seen[name].cause or 'well' if name in seen else 'no data'}" for name in vantages
    ]
    return "; ".join([*said, *([proof] if proof else [])])
