"""A cable between a client and a server, which can be cut at any byte: with a word, or without."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import StrEnum


class Cut(StrEnum):
    """How a cable ends."""

    RESET = "reset"  # both ends are told
    SILENCE = "silence"  # neither is: half-open TCP


@dataclass(eq=False)
class Cable:
    """Forwards connections to `port`. The next one is cut after `after` bytes towards the server.

    `after` None: it holds. Bytes up to the cut arrive, and none after it, in either direction.
    """

    port: int
    after: int | None = None
    how: Cut = Cut.RESET
    cuts: int = 0
    connections: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def cut_all(self) -> None:
        """Cut what is connected now."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        left, self.after = self.after, None
        there, onward = await asyncio.open_connection("127.0.0.1", self.port)
        self._writers += (writer, onward)
        back = asyncio.create_task(_pump(there, writer))
        self._tasks.add(back)
        try:
            while data := await reader.read(65_536):
                if left is not None and len(data) >= left:
                    onward.write(data[:left])
                    with contextlib.suppress(OSError):
                        await onward.drain()
                    self.cuts += 1
                    back.cancel()
                    if self.how is Cut.RESET:
                        await asyncio.sleep(
                            0.01
                        )  # what was sent arrives: it is after it that we cut
                        writer.transport.abort()
                        onward.transport.abort()
                    return  # in silence both ends stay open, and hear nothing more
                if left is not None:
                    left -= len(data)
                onward.write(data)
                await onward.drain()
        except OSError:
            pass
        finally:
            if self.how is Cut.RESET or left is None:
                onward.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def cable_to(port: int) -> AsyncIterator[tuple[Cable, int]]:
    """A cable, and the port at its near end."""
    cable = Cable(port)
    server = await asyncio.start_server(cable.join, "127.0.0.1", 0)
    try:
        yield cable, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        cable.cut_all()
        for task in cable._tasks:
            task.cancel()
