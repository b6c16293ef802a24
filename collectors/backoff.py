"""How long to wait before asking a host again."""

from __future__ import annotations

from collections.abc import Callable
from random import random

from estate.samples import Reach, Stage

FIRST_MS = 500
LONGEST_MS = 30_000

#: A host on which logins hang keeps what each attempt has started there, and nobody can end it
#: from here: two a minute are some 3,000 a day. So such a host is asked ever more seldom.
LONGEST_AFTER_LOGIN_MS = 600_000

#: A host has to be live for this long before its next loss counts as its first. Without it a host
#: that answers once and then floods or dies would be called again and again at full speed.
FORGIVEN_AFTER_MS = 30_000

#: Attempts that a host counts against us (fail2ban, PerSourcePenalties) are never quick.
_NEVER_QUICK = frozenset({Reach.REFUSED, Reach.UNTRUSTED})
_AFTER_LOGIN = frozenset({Stage.CHANNEL, Stage.SAMPLER})


class Backoff:
    """Delays that double from 0.5 s to 30 s, each shortened by up to a quarter at random.

    Where it is what follows the login that fails, they go on doubling, to 10 min. The jitter
    keeps forty hosts behind one dead switch from coming back in the same instant; it only
    shortens, so that the longest is a promise. `chance` gives a number in [0, 1).
    """

    def __init__(self, chance: Callable[[], float] = random) -> None:
        self._chance = chance
        self._failures = 0

    def delay_ms(self, reach: Reach, stage: Stage) -> int:
        """The delay after one more failure, which ended in `reach` at `stage`."""
        cap = LONGEST_AFTER_LOGIN_MS if stage in _AFTER_LOGIN else LONGEST_MS
        doubled = min(cap, FIRST_MS << min(self._failures, 11))
        self._failures += 1
        delay = LONGEST_MS if reach in _NEVER_QUICK else doubled
        return int(delay * (1.0 - 0.25 * self._chance()))

    def forgive(self, lived_ms: int) -> None:
        """The host was live for `lived_ms`: if that was long, start over."""
        if lived_ms >= FORGIVEN_AFTER_MS:
            self._failures = 0
