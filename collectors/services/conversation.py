"""A conversation over TCP, with or without TLS: what it may cost us is bounded, whatever comes.

The one file of services that knows sockets and their errors.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache

from collectors.services.ask import MOST_PORTS, Ask, CannotAsk, ProbeFailed, quoted

#: A peer may say this much unless its kind allows for more, and in lines no longer than this; more
#: is a flood.
MOST_BYTES = 65_536
LONGEST_LINE = 8_192


class Conversation:
    """One connection. Everything raises ProbeFailed; deadlines are the caller's."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._heard = 0
        self._most_bytes = most_bytes

    async def send(self, said: bytes) -> None:
        """Say `said`, and wait until it is on its way."""
        with translated():
            self._writer.write(said)
            await self._writer.drain()

    async def line(self) -> bytes:
        """The next line, without its end."""
        with translated():
            return self._counted(await self._reader.readuntil(b"\n")).rstrip(b"\r\n")

    async def exactly(self, count: int) -> bytes:
        """The next `count` bytes."""
        if count > MOST_BYTES:
            raise ProbeFailed(f"it announces {count} bytes")
        with translated():
            return self._counted(await self._reader.readexactly(count))

    async def some(self) -> bytes:
        """Whatever comes next; nothing at the end."""
        with translated():
            return self._counted(await self._reader.read(LONGEST_LINE))

    async def start_tls(self, ask: Ask) -> None:
        """Go on under TLS, as after STARTTLS."""
        with translated():
            await self._writer.start_tls(context(ask.verify), server_hostname=ask.endpoint[0])

    def certificate(self) -> bytes:
        """The certificate that the peer showed, as DER, accepted or not."""
        tls = self._writer.get_extra_info("ssl_object")
        shown = tls.getpeercert(binary_form=True) if tls is not None else None
        if not shown:
            raise ProbeFailed("it shows no certificate")
        return bytes(shown)

    def _counted(self, heard: bytes) -> bytes:
        self._heard += len(heard)
        if self._heard > self._most_bytes:
            raise ProbeFailed(f"it said more than {self._most_bytes} bytes")
        return heard


@asynccontextmanager
async def conversation(ask: Ask, *, tls: bool = False) -> AsyncIterator[Conversation]:
    """A connection to the target of `ask`, closed at the end without waiting for the peer."""
    async with connected(ask, *ask.endpoint, tls=tls) as talk:
        yield talk


@asynccontextmanager
async def connected(
    ask: Ask, host: str, port: int, *, tls: bool = False, most_bytes: int = MOST_BYTES
) -> AsyncIterator[Conversation]:
    """As `conversation`, to an endpoint that is not the target's text, which may say so much."""
    if not 1 <= port <= MOST_PORTS:
        raise CannotAsk(f"{port} is no port")
    address = await ask.resolve(host)
    with translated():
        reader, writer = await asyncio.open_connection(
            address,
            port,
            limit=LONGEST_LINE,
            ssl=context(ask.verify) if tls else None,
            server_hostname=host if tls else None,
        )
    try:
        yield Conversation(reader, writer, most_bytes)
    finally:
        # close() would wait for a peer that takes nothing; a probe has nothing left to tell it.
        writer.transport.abort()


@cache
def context(verify: bool) -> ssl.SSLContext:
    """How TLS is spoken. Reading the system's authorities takes 20 ms, so once is enough."""
    made = ssl.create_default_context()
    if not verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


@contextmanager
def translated() -> Iterator[None]:
    """Turn what sockets and TLS raise into ProbeFailed."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ProbeFailed(f"its certificate is refused: {quoted(error.verify_message)}") from error
    except ssl.SSLError as error:
        why = (error.reason or "").replace("_", " ").lower() or quoted(str(error))
        raise ProbeFailed(f"TLS failed: {why}") from error
    except asyncio.IncompleteReadError as error:
        heard = f" after {quoted(error.partial)!r}" if error.partial else " without a word"
        raise ProbeFailed(f"it hung up{heard}") from error
    except asyncio.LimitOverrunError as error:
        raise ProbeFailed(f"it said a line of more than {LONGEST_LINE} bytes") from error
    except ConnectionRefusedError as error:
        raise ProbeFailed("connection refused") from error
    except ConnectionError as error:
        raise ProbeFailed(f"the connection was lost: {error.strerror or 'reset'}") from error
    except (OSError, ValueError) as error:  # the latter: no name
        why = getattr(error, "strerror", None) or quoted(str(error))
        raise ProbeFailed(why) from error
