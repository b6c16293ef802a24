"""How long to wait before asking a host again."""

from __future__ import annotations

from collections.abc import Callable
from random import random

from estate.samples import Reach

FIRST_MS = 500
LONGEST_MS = 30_000

#: A host has to be live for this long before its next loss counts as its first. Without it a host
#: that answers once and then floods or dies would be called again and again at full speed.
FORGIVEN_AFTER_MS = 30_000

#: Attempts that a host counts against us (fail2ban, PerSourcePenalties) are never quick.
_NEVER_QUICK = frozenset({Reach.REFUSED, Reach.UNTRUSTED})


class Backoff:
    """Delays that double from 0.5 s to 30 s, each shortened by up to a quarter at random.

    The jitter keeps forty hosts behind one dead switch from coming back in the same instant;
    it only shortens, so that 30 s is a promise. `chance` gives a number in [0, 1).
    """

    def __init__(self, chance: Callable[[], float] = random) -> None:
        self._chance = chance
        self._failures = 0

    def delay_ms(self, reach: Reach) -> int:
        """The delay after one more failure that ended in `reach`."""
        doubled = min(LONGEST_MS, FIRST_MS << min(self._failures, 10))
        self._failures += 1
        longest = LONGEST_MS if reach in _NEVER_QUICK else doubled
        return int(longest * (1.0 - 0.25 * self._chance()))

    def forgive(self, lived_ms: int) -> None:
        """The host was live for `lived_ms`: if that was long, start over."""
        if lived_ms >= FORGIVEN_AFTER_MS:
            self._failures = 0
