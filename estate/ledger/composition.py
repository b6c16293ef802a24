"""Several parts' states as one service's, instant by instant; percentages are never multiplied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from estate.ledger.spans import NEVER, Interval, Spans, counted, spans, union


@dataclass(frozen=True, slots=True)
class States:
    """What is proven of one service in a period; the rest of it was up.

    The three never overlap: `down` wins over `unknown`, and `unknown` over `degraded`.
    """

    down: Spans = NEVER
    unknown: Spans = NEVER
    degraded: Spans = NEVER


def all_of(parts: Sequence[States]) -> States:
    """Any part down: down. Else any unknown: unknown. Else any degraded: degraded."""
    down = union(part.down for part in parts)
    unknown = union(part.unknown for part in parts) - down
    degraded = union(part.degraded for part in parts) - down - unknown
    return States(down, unknown, degraded)


def k_of(k: int, parts: Sequence[States]) -> States:
    """Up as long as `k` parts are up; degraded when they are, and another is down or degraded;
    down when not even the unknown ones could make up `k`; unknown otherwise."""
    down: list[Interval] = []
    unknown: list[Interval] = []
    degraded: list[Interval] = []
    lost = [part.down for part in parts]
    unseen = [part.unknown for part in parts]
    for stretch, gone, hidden in _both(lost, unseen):
        if len(parts) - gone < k:
            down.append(stretch)
        elif len(parts) - gone - hidden < k:
            unknown.append(stretch)
        elif gone:
            degraded.append(stretch)
    proven_down, proven_unknown = spans(down), spans(unknown)
    limping = spans(degraded) | union(part.degraded for part in parts)
    return States(proven_down, proven_unknown, limping - proven_down - proven_unknown)


def _both(first: list[Spans], second: list[Spans]) -> list[tuple[Interval, int, int]]:
    """Each stretch in which anything changes, with how many of either are in it."""
    deltas: dict[int, tuple[int, int]] = {}
    for which, sets in enumerate((first, second)):
        for (start, to), depth in counted(sets):
            if depth:
                for at, sign in ((start, depth), (to, -depth)):
                    a, b = deltas.get(at, (0, 0))
                    deltas[at] = (a + sign, b) if which == 0 else (a, b + sign)
    stretches, here, there = [], 0, 0
    moments = sorted(deltas)
    for at, following in pairwise(moments):
        here, there = here + deltas[at][0], there + deltas[at][1]
        if here or there:
            stretches.append(((at, following), here, there))
    return stretches
