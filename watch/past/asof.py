"""A request as of a moment: `?at=` (UTC ms) has the API answer from the board of then.

Everything that is made of the board alone can be asked so, and runs, whose journals know what was
when; and nothing else: an answer of now must never pass for one of then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from estate.document import Document
from watch.error import WatchError
from watch.past.keeping import Past

_then: ContextVar[Document | None] = ContextVar("then", default=None)

#: An older board says nothing of a moment. Those of months ago are an hour apart, or nearly two.
STALE_MS = 7_200_000

#: Of a time in ms, generously. Python reads a number of thousands of digits as an error.
_DIGITS = 20

#: What is made of the board alone.
PATHS = frozenset(
    f"/v1/{name}"
    for name in (
        "addresses", "backups", "board", "certificates", "hosts", "patches", "problems", "proxies",
        "queues", "readiness", "replication", "services", "tenants", "tenants/all",
    )
)  # fmt: skip

#: What journals answer themselves, for any moment.
_OF_RUNS = re.compile(r"/v1/runs(/[^/]+)?")


class AsOf:
    """The watch as the API sees it: its board and clock are those of the moment that is asked."""

    def __init__(self, services: Any) -> None:
        self._services = services

    def __getattr__(self, name: str) -> Any:
        return getattr(self._services, name)

    @property
    def document(self) -> Document:
        """The board of the moment, or of now."""
        then = _then.get()
        present: Document = self._services.document
        return present if then is None else then

    def now(self) -> int:
        """The moment's clock, or now's, UTC ms: ages are those of then."""
        then = _then.get()
        present: int = self._services.now()
        return present if then is None else then.at


@contextmanager
def as_of(then: Document | None) -> Iterator[None]:
    """Within, the API answers from the board `then`; from that of now where it is None."""
    token = _then.set(then)
    try:
        yield
    finally:
        _then.reset(token)


async def board_asked(past: Past, path: str, query: str, timezone: str = "UTC") -> Document | None:
    """The board that a GET of `path` asks for; None for that of now, and where none is needed.

    Raises WatchError where the moment makes no sense, nothing was kept then, or the answer is not
    made of the board alone, and says it in the time of `timezone`.
    """
    given = parse_qs(query).get("at", [])
    if not given:
        return None
    at = given[-1]
    of_runs = _OF_RUNS.fullmatch(path) is not None
    if path not in PATHS and not of_runs:
        why = "it is not made of the board, of which moments are kept"
        do = f"as of a moment ask {', '.join(sorted(PATHS))}"
        raise WatchError("no past of that", path, why, do, status=400)
    if not (at.isascii() and at.isdecimal() and len(at) <= _DIGITS):
        why, do = "it is no time", "write UTC milliseconds"
        raise WatchError("the moment is refused", f"at={at}"[:60], why, do, status=400)
    if of_runs:
        return None
    board = await past.board(int(at))
    older_ms = 0 if board is None else int(at) - board.at
    if board is None or older_ms > STALE_MS:
        why = "no board was kept then, or before"
        if board is not None:
            why = f"nobody watched: the last board before is of {_clock(str(board.at), timezone)}"
        do = "t in the console lists those that are kept"
        raise WatchError("no board of that moment", _clock(at, timezone), why, do, status=404)
    return board


def _clock(at: str, timezone: str) -> str:
    try:
        moment = datetime.fromtimestamp(int(at) / 1000, ZoneInfo(timezone))
    except (OverflowError, ValueError):  # no calendar goes so far
        return f"at={at}"[:60]
    return f"{moment:%Y-%m-%d %H:%M:%S} {timezone}"
