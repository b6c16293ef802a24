"""smtp: a mail server that greets, knows its extensions and, if asked, speaks TLS (RFC 5321)."""

from __future__ import annotations

from collectors.services.ask import Ask, ProbeFailed, quoted
from collectors.services.conversation import Conversation, conversation

#: Submission over TLS from the first byte (RFC 8314).
SUBMISSIONS = 465
_HELLO = b"EHLO twinwatch.invalid\r\n"
_MOST_LINES = 100


async def smtp(ask: Ask) -> None:
    async with conversation(ask, tls=ask.endpoint[1] == SUBMISSIONS) as talk:
        greeting = await reply(talk, b"220", "greets with")
        offers = await hello(talk)
        if ask.starttls:
            await _secure(talk, ask, offers)
            offers = await hello(talk, " under TLS")
        if ask.expect and not any(ask.expect.encode() in line for line in (*greeting, *offers)):
            raise ProbeFailed(f"it does not say {ask.expect!r}")
        await talk.send(b"QUIT\r\n")


async def secured(talk: Conversation, ask: Ask) -> None:
    """Greet and go over to TLS, on a connection that has just been made."""
    await reply(talk, b"220", "greets with")
    await _secure(talk, ask, await hello(talk))


async def secured_if_offered(talk: Conversation, ask: Ask) -> None:
    """Greet, and go over to TLS where the server offers it, as a mail server would."""
    await reply(talk, b"220", "greets with")
    offers = await hello(talk)
    if _offers_tls(offers):
        await _secure(talk, ask, offers)
        await hello(talk, " under TLS")


async def hello(talk: Conversation, how: str = "") -> list[bytes]:
    """Say who we are; what the server offers."""
    await talk.send(_HELLO)
    return await reply(talk, b"250", f"answers EHLO{how} with")


async def reply(talk: Conversation, wanted: bytes, verb: str) -> list[bytes]:
    """The lines of one reply, whose code has to begin with `wanted`."""
    lines: list[bytes] = []
    while len(lines) < _MOST_LINES:
        line = await talk.line()
        if not (line[:3].isdigit() and line.startswith(wanted)):
            raise ProbeFailed(f"it {verb} {quoted(line)!r}")
        lines.append(line)
        if line[3:4] != b"-":
            return lines
    raise ProbeFailed(f"it {verb} more than {_MOST_LINES} lines")


def _offers_tls(offers: list[bytes]) -> bool:
    return any(line[4:].strip().upper() == b"STARTTLS" for line in offers)


async def _secure(talk: Conversation, ask: Ask, offers: list[bytes]) -> None:
    if not _offers_tls(offers):
        raise ProbeFailed("it offers no STARTTLS")
    await talk.send(b"STARTTLS\r\n")
    await reply(talk, b"220", "answers STARTTLS with")
    await talk.start_tls(ask)
