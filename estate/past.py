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


def moment_of(document: Document) -> Moment:
    """How `document` was."""
    roots = [each for each in document.problems if not each.parent]
    return Moment(
        document.at,
        sum(each.severity is Severity.CRITICAL for each in roots),
        sum(each.severity is Severity.WARNING for each in roots),
    )
