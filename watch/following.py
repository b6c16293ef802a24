"""A changed estate is followed whole, or refused whole, and why is said on the board.

A defect of ours may stop it half-way: that stands on the board too, and the file is read again
until it is followed.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from estate.document import Severity
from estate.model import Estate
from watch.estatefile import EstateFile, Unusable
from watch.liveboard import LiveBoard
from watch.means import Collects, Keeps

#: The file is looked at this often.
LOOK_SECONDS = 2.0


class EstateFollower:
    """Has collection, records and board go by what the file says."""

    def __init__(
        self, file: EstateFile, collection: Collects, keeper: Keeps, board: LiveBoard
    ) -> None:
        self.file = file
        self._collection = collection
        self._keeper = keeper
        self._board = board

    async def follow(self) -> None:
        """Read the file whenever it has changed, for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                if await self.file.changed():
                    await self.read()
            except Unusable as error:
                self._complain(error)

    async def read(self) -> None:
        """Read it now."""
        try:
            estate = await self.file.estate()
        except Unusable as error:
            self._complain(error)
        else:
            self._apply(estate)

    def _complain(self, error: Unusable) -> None:
        if error.why != self._board.watch.estate_problem:
            self._board.describe(replace(self._board.watch, estate_problem=error.why))
            self._board.say(Severity.WARNING, "estate", str(error))

    def _apply(self, estate: Estate) -> None:
        if estate != self._board.present_estate:
            try:
                self._collection.reconfigure(estate)
                self._board.follow(estate)
            except Exception as error:
                self.file.forget()
                what = f"a defect of twinwatch, see its log: {type(error).__name__}"
                self._complain(Unusable("the changed file is followed in part", what))
                raise
            self._keeper.retention = estate.retention
        self._board.describe(replace(self._board.watch, estate_problem=""))
