"""A handover at each change of shift, which nobody has to remember.

A change is served by one that was offered for it, or by a person within half an hour of it; so it
stays with one whatever restarts, and wherever the clock is set. One that was missed is made up for
at the start with what is known then; those of the last days before it are told of as missing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol

from estate.document import Severity
from estate.handover import Handover, Offered
from estate.model import Estate
from estate.told import told
from watch.error import WatchError
from watch.handover.duty import GRACE_MS, Change, changes_until

#: Whether a shift has changed is looked at so often.
LOOK_SECONDS = 10.0
#: The first picture is waited for so long; what could not be seen by then stands in the document.
PATIENCE_MS = 60_000
#: What is made up for later than this says so.
LATE_MS = 5 * 60_000
#: After a failure it is tried again so much later.
REST_MS = 60_000

_log = logging.getLogger("watch.handover")


class Offers(Protocol):
    """What is needed of the desk of handovers."""

    def handovers(self) -> tuple[Handover, ...]: ...
    async def offer(self, person: str, start: int | None, change: int | None) -> Handover: ...


class Watches(Protocol):
    """What is needed of the watch."""

    @property
    def present_estate(self) -> Estate: ...
    @property
    def complete(self) -> bool: ...
    def say(self, severity: Severity, where: str, what: str) -> None: ...


class EveryShift:
    """Looks at the clock, `now` (UTC ms), and offers what is due, where the estate says so."""

    def __init__(self, desk: Offers, watch: Watches, *, now: Callable[[], int]) -> None:
        self._desk = desk
        self._watch = watch
        self._now = now
        self._began = now()
        self._first = True
        self._failed: tuple[Change | None, int] = (None, 0)
        self._looking: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Look from now on."""
        self._looking = asyncio.create_task(self._go_on_looking(), name="every shift")

    async def close(self) -> None:
        """Look no more; what is due is made up for at the next start."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _go_on_looking(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                # A defect of ours costs a handover, never the next ones.
                _log.exception("a defect of twinwatch: a handover at each change of shift")
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Offer the handover of the last change of shift, if there is none of it."""
        estate, now = self._watch.present_estate, self._now()
        if not estate.every_shift:
            return
        if not self._watch.complete and 0 <= now - self._began < PATIENCE_MS:
            return
        changes = changes_until(estate.shifts, estate.timezone, now)
        offered: tuple[Offered, ...] = ()
        with suppress(WatchError):  # what can't be read is said where the next is refused
            offered = tuple(each.offered for each in self._desk.handovers())
        if self._first:
            self._first = False
            self._tell_missing(changes, offered, now)
        if not changes or served(changes[-1], offered, now):
            return
        change, since = self._failed
        if change == changes[-1] and 0 <= now - since < REST_MS:
            return
        await self._offer(changes[-1], now)

    async def _offer(self, change: Change, now: int) -> None:
        try:
            # One that is made up for late covers the shift that ended, and all since.
            made = await self._desk.offer(change.by, change.began, change.at)
        except WatchError as error:
            if self._failed[0] != change:
                what = told(
                    "no handover of the shift {shift}: {why}", shift=change.by, why=str(error)
                )
                self._watch.say(Severity.WARNING, "handover", what)
            self._failed = (change, now)
            return
        if now - change.at >= LATE_MS:
            what = told("{handover} is late: none was offered at the change of shift",
                        handover=made.offered.id)  # fmt: skip
            self._watch.say(Severity.WARNING, "handover", what)

    def _tell_missing(
        self, changes: Iterable[Change], offered: tuple[Offered, ...], now: int
    ) -> None:
        """Say how many changes passed since the last one that was served, but for the last."""
        passed = [*changes]
        known = [at for at, each in enumerate(passed) if served(each, offered, now)]
        ever = any(each.change is not None for each in offered)
        missing = len(passed) - 2 - known[-1] if known else len(passed) - 1
        if ever and missing > 0:
            what = told(
                "of the last {all} changes of shift {count} have no handover",
                all=str(len(passed)),
                count=str(missing),
            )
            self._watch.say(Severity.WARNING, "handover", what)


def served(change: Change, offered: Iterable[Offered], now: int) -> bool:
    """Whether a handover of `change` was offered. What a clock that was wrong put into the future
    serves nothing but the change that it was for."""
    return any(
        each.change == change.at
        or (
            each.change is None
            and change.at - GRACE_MS <= each.at <= min(now, change.at + GRACE_MS)
        )
        for each in offered
    )
