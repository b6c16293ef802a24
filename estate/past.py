"""Moments of the past: which of them the watch has a whole board of, and how each was.

A board of the past is shown as it was: its ages are those of then, and it says that it is past.
"""

from __future__ import annotations

from dataclasses import dataclass

from estate.document import Document, Severity


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment, UTC ms, of which the whole board is kept; `critical` and `warning` are problems
    that stood then and had no cause that stood too."""

    at: int
    critical: int = 0
    warning: int = 0


#: (boards younger than this, are at most so far apart while a watch runs), ms: one a minute is
#: kept at first, a look late at times; then what was thinned to one in ten minutes, one an hour.
_MINUTE_MS, _DAY_MS = 60_000, 86_400_000
_APART = (
    (_DAY_MS, 3 * _MINUTE_MS // 2),
    (14 * _DAY_MS, 20 * _MINUTE_MS),
)
_FARTHEST_MS = 120 * _MINUTE_MS


def apart_ms(age_ms: int) -> int:
    """How far apart boards of that age are at most, where a watch kept them all the while, ms.

    A thinned one is the first of its span, so the next may be nearly two spans away.
    """
    return next((apart for younger, apart in _APART if age_ms < younger), _FARTHEST_MS)


def moment_of(document: Document) -> Moment:
    """How `document` was."""
    roots = [each for each in document.problems if not each.parent]
    return Moment(
        document.at,
        sum(each.severity is Severity.CRITICAL for each in roots),
        sum(each.severity is Severity.WARNING for each in roots),
    )
