"""Read-only is the default: who wants to change something through a console arms it first.

The watch keeps who is armed, so that no console can forget to ask. A console that dies takes its
word with it, and begins again read-only. A command of the command line arms for itself: whoever
types it means it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ARMED_MS = 600_000

#: What a console that is not armed is told.
READ_ONLY = "this console is read-only: W arms it for 10 minutes"


@dataclass(frozen=True, slots=True)
class Armed:
    """A word that lets one person write until `until`, UTC ms."""

    word: str
    until: int


class Arming:
    """Who is armed. `new_word` gives words that nobody can guess."""

    def __init__(self, new_word: Callable[[], str]) -> None:
        self._new_word = new_word
        self._armed: dict[str, tuple[str, int]] = {}  # word -> person, until

    def arm(self, person: str, now: int) -> Armed:
        """Arm `person` from now on."""
        self._forget(now)
        word = self._new_word()
        self._armed[word] = (person, now + ARMED_MS)
        return Armed(word, now + ARMED_MS)

    def disarm(self, word: str) -> None:
        """Back to read-only."""
        self._armed.pop(word, None)

    def against(self, person: str, word: str, now: int) -> str:
        """Why `person`, who gives `word`, may not write now; "" where they may."""
        self._forget(now)
        whose, _ = self._armed.get(word, ("", 0))
        return "" if whose and whose == person else READ_ONLY

    def _forget(self, now: int) -> None:
        self._armed = {word: held for word, held in self._armed.items() if held[1] > now}
