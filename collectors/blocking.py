"""Calls that block, on threads of their own: name look-ups, and files on a server that is gone.

A thread that waits for a file server that is gone can't be ended, only left behind. So nobody waits
for one longer than a deadline; there is one for each thing that is read, not one for each who asks;
and it is a daemon, which the process need not wait for at its end.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")

#: What to do about a file that is not read in time: of no use to the host that needs it.
REMEDY = (
    "It does not answer: the file server or the disk it lies on hangs, on this machine. Bring that "
    "back, or keep the file on a local disk."
)


class Unread(Exception):  # noqa: N818 - a fact about a file, not an error of the program
    """`path` was not read within a deadline; "" where nobody knows what was being read."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__(f"{path or 'what it needs'} was not read in {seconds:g} s")
        self.path = path
        self.seconds = seconds


@dataclass(slots=True)
class _Progress:
    path: str = ""


_here = threading.local()


def opening(path: str) -> None:
    """Say that this thread turns to `path` now: it is named if the thread does not come back."""
    progress: _Progress | None = getattr(_here, "progress", None)
    if progress is not None:
        progress.path = path


class Reads:
    """What is being read now: whoever asks for it meanwhile waits for the same answer.

    For one event loop.
    """

    def __init__(self) -> None:
        self._under_way: dict[Hashable, tuple[asyncio.Future[Any], _Progress]] = {}

    async def read(self, what: Hashable, call: Callable[[], T], seconds: float) -> T:
        """What `call` gives, run on a thread, or what it raises; it is not run again for `what`
        before it has ended.

        Raises Unread after `seconds`, with the path that `opening` was last told of.
        """
        if what not in self._under_way:
            progress = _Progress()
            begun = _begun(partial(_noting, progress, call))
            self._under_way[what] = begun, progress
            begun.add_done_callback(partial(self._forget, what))
        answer, progress = self._under_way[what]
        done, _ = await asyncio.wait({answer}, timeout=seconds)
        if not done:
            raise Unread(progress.path, seconds)
        result: T = answer.result()
        return result

    def _forget(self, what: Hashable, answer: asyncio.Future[Any]) -> None:
        self._under_way.pop(what, None)
        if not answer.cancelled():
            answer.exception()  # retrieved: everybody who asked may have left


async def on_thread(call: Callable[[], T]) -> T:
    """What `call` gives, or raises, run on a daemon thread of its own.

    It cannot be cancelled, only left behind, and must not keep the program from ending or fill a
    pool that others wait for.
    """
    return await _begun(call)


def _begun(call: Callable[[], T]) -> asyncio.Future[T]:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def finish(result: Any, error: Exception | None) -> None:
        if not done.done():
            if error is None:
                done.set_result(result)
            else:
                done.set_exception(error)

    def run() -> None:
        result: Any = None
        error: Exception | None = None
        try:
            result = call()
        except Exception as caught:  # carried to whoever awaits
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop is gone
            loop.call_soon_threadsafe(finish, result, error)

    threading.Thread(target=run, daemon=True, name="twinwatch-wait").start()
    return done


def _noting(progress: _Progress, call: Callable[[], T]) -> T:
    _here.progress = progress
    return call()
