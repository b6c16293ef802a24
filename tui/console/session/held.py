"""Which picture of the board is on the glass: the newest, or one that is held still.

A pause holds it until the person lets go; the clock goes on, so that what is held grows old in
sight. On a spared link it moves every ten seconds, and at once
when a state changes; figures in between would cost bytes and tell nothing.
"""

from __future__ import annotations

from estate.document import Change, Document

TICK_MS = 1_000
LOW_TICK_MS = 10_000


class HeldBoard:
    """The newest board, the shown one, and the watch's clock as far as the console knows it.

    `at` is the console's monotonic clock in ms at the moment of each call.
    """

    def __init__(self) -> None:
        self._newest: Document | None = None
        self._newest_at = 0
        self._shown: Document | None = None
        self._shown_at = 0
        self.held_at: int | None = None  # the watch's clock when the pause began, None without one

    @property
    def document(self) -> Document | None:
        """The board to show, None before the first."""
        return self._shown

    @property
    def newest(self) -> Document | None:
        """The newest board, shown or not."""
        return self._newest

    @property
    def now(self) -> int:
        """The watch's clock for that board, UTC ms."""
        return self.clock(self._shown_at)

    @property
    def paused(self) -> bool:
        """Whether the person holds the board still."""
        return self.held_at is not None

    @property
    def heard_at(self) -> int | None:
        """When the watch last spoke, shown or not, by its own clock."""
        return None if self._newest is None else self._newest.at

    def pause(self, at: int) -> None:
        """Show the newest board, and hold it."""
        self.step(at)
        self.held_at = self.clock(at)

    def resume(self, at: int) -> None:
        """Let the board go on."""
        self.held_at = None
        self.step(at)

    def clock(self, at: int) -> int:
        """The watch's clock now, UTC ms: its last word, and the time since by our own clock."""
        return 0 if self._newest is None else self._newest.at + at - self._newest_at

    def advance(self, document: Document, at: int) -> None:
        """A newer board came."""
        self._newest, self._newest_at = document, at

    def step(self, at: int) -> bool:
        """Show the newest board as of now; False while it is paused or there is none.

        A board that is held is shown as of now too: its values stay, and their ages count.
        """
        if self._newest is None:
            return False
        self._shown_at = at
        if self.paused and self._shown is not None:
            return False
        self._shown = self._newest
        return True

    def due(self, at: int, low: bool) -> bool:
        """Whether the clock alone is a reason to step."""
        return at - self._shown_at >= (LOW_TICK_MS if low else TICK_MS) - TICK_MS // 4

    def differs_in_state(self, change: Change | None) -> bool:
        """Whether a change is worth showing at once on a spared link."""
        if change is None or self._shown is None or change.problems is not None:
            return True
        shown = self._shown.hosts
        return any(
            row.name not in shown
            or (row.reach, row.severity) != (shown[row.name].reach, shown[row.name].severity)
            for row in change.hosts
        )
