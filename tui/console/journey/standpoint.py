"""Where a key, an answer or a tick finds the person. Values only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from estate.document import Document
from estate.language import Words
from tui.console.journey.places import Place


@dataclass(frozen=True, slots=True)
class Standpoint:
    """The place, by which clocks, before which board, and how it is looked at.

    `at` is the console's monotonic clock in ms, `now` the watch's in UTC ms. `document` is the
    board that is shown, `newest` the last that came; both are None before the first. `row` counts
    out the key of the row at the cursor ("" where there is none), which costs as much as a paint.
    """

    place: Place
    at: int
    now: int
    document: Document | None
    newest: Document | None
    words: Words
    row: Callable[[], str]
    low: bool = False
    paused: bool = False
