"""What people said of problems: that somebody has one, and what is not to be heard of for a while.

Each has an owner by the kernel's word, a reason and an end, in UTC ms: nothing is quiet for ever,
and what ends is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """`owner` has the problem until then, as bad as it was (a severity): a worse one breaks it."""

    problem: str  # its id
    owner: str
    reason: str
    at: int
    until: int
    severity: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Problems that `where` (filter grammar) selects wake nobody until then; they stay counted."""

    id: str
    where: str
    owner: str
    reason: str
    at: int
    until: int


class Ending(StrEnum):
    """How an acknowledgement or a silence came to its end."""

    EXPIRED = "expired"
    WORSE = "worse"  # the problem is worse than what was acknowledged
    OVER = "over"  # the problem is no more
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"  # by a later word about the same problem
    LATE = "late"  # on the disk when nobody counted on it any more: it never held


@dataclass(frozen=True, slots=True)
class Ended:
    """`said` holds no longer since `at`; `by` is who took it back, "" where nobody did."""

    said: Acknowledgement | Silence
    at: int
    how: Ending
    by: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """`target` was told of a problem as bad as that: first, and last, UTC ms."""

    target: str
    problem: str
    severity: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What is to be put on record, whole or not at all; or, read back, what holds, with what
    `ended` so that its problems came back."""

    acknowledgements: tuple[Acknowledgement, ...] = ()
    silences: tuple[Silence, ...] = ()
    ended: tuple[Ended, ...] = ()
    sent: tuple[Sent, ...] = ()
    settled: tuple[tuple[str, str], ...] = ()  # (target, problem) of which no more will be sent

    def __bool__(self) -> bool:
        return any((self.acknowledgements, self.silences, self.ended, self.sent, self.settled))
