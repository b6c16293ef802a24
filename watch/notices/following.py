"""The file of targets and rules as a running watch follows it: looked at off the loop.

It may lie in a home on a file server that is gone: neither the board nor whoever asks waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from collectors.blocking import REMEDY, Reads, Unread
from estate.error import FileRefused
from watch.error import WatchError
from watch.estatefile import FILE_SECONDS
from watch.notices import file
from watch.notices.rules import Rules
from watch.source import fingerprint

#: A file, and what it was at a look; None where there is none.
_Seen = tuple[Path, tuple[int, int, int]] | None


class Unfollowed(Exception):  # noqa: N818 - a fact about the file
    """Why the rules that are in force stay so, in a line: a mistake must not silence anybody."""


class RulesFile:
    """The file that `where` names; `where` may block, and may name another at any time."""

    def __init__(self, where: Callable[[], Path | None]) -> None:
        self._where = where
        self._reads = Reads()
        self._judged: tuple[_Seen, ...] = ()  # what was read last, unless it has to be tried again

    async def rules(self) -> Rules | None:
        """What it says, none where there is no file; None where it is what it was.

        Raises Unfollowed: for a file that is refused once, until it is another; for one that can't
        be read each time that it is looked at.
        """
        before, self._judged = self._judged, ()
        try:
            seen = await self._reads.read("look", self._look, FILE_SECONDS)
            if before != (seen,):
                rules = await self._reads.read("rules", lambda: _loaded(seen), FILE_SECONDS)
        except FileRefused as refused:
            self._judged = (seen,)
            raise Unfollowed(_first_line(refused)) from refused
        except WatchError as error:
            raise Unfollowed(_first_line(error)) from error
        except Unread as unread:
            why = f"the file of targets was not read in {unread.seconds:g} s. {REMEDY}"
            raise Unfollowed(why) from None
        except OSError as error:
            why = f"{error.filename or 'the file of targets'} can't be read: {error.strerror}"
            raise Unfollowed(f"{why}; check the path") from error
        self._judged = (seen,)
        return rules if before != (seen,) else None

    def _look(self) -> _Seen:
        path = self._where()
        return None if path is None else (path, fingerprint(path))


def _loaded(seen: _Seen) -> Rules:
    return Rules() if seen is None else file.load(seen[0])


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")
