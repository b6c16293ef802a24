"""Attaching to the watch and asking it for its board, while other things are loaded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from watch.client import Client
from watch.error import WatchError

if TYPE_CHECKING:
    from estate.document import Document


class FirstBoard(threading.Thread):
    """What `attach` and the first request bring, on a thread of its own; start it, then ask it."""

    def __init__(self, attach: Callable[[], Client]) -> None:
        super().__init__(name="first-board", daemon=True)
        self._attach = attach
        self._attached = threading.Event()
        self._client: Client | None = None
        self._board: Document | None = None
        self._error: Exception | None = None

    def run(self) -> None:
        """On its own thread; what it raises is raised where it is asked for."""
        try:
            self._client = self._attach()
            self._attached.set()
            self._board = _board_of(self._client)
        except Exception as error:
            self._error = error
        finally:
            self._attached.set()

    def client(self) -> Client:
        """Once there is a watch to ask; raises what attaching raised."""
        self._attached.wait()
        if self._client is None:
            assert self._error is not None
            raise self._error
        return self._client

    def board(self, seconds: float) -> Document | None:
        """The board, None if it takes longer; raises what attaching or asking for it raised."""
        self.join(seconds)
        if self._error is not None:
            raise self._error
        return self._board


def _board_of(client: Client) -> Document:
    from estate.wire import WireError, document_from_json

    try:
        return document_from_json(client.get("/v1/board"))
    except WireError as error:
        what, do = "the watch's board makes no sense", "restart it: it may be another version"
        raise WatchError(what, str(client.socket), str(error), do) from error
