"""smtp: a mail server that greets, knows its extensions and, if asked, speaks TLS (RFC 5321)."""

from __future__ import annotations

from collectors.services.ask import Ask, ProbeFailed, quoted
from collectors.services.conversation import Conversation, conversation

#: Submission over TLS from the first byte (RFC 8314).
_SUBMISSIONS = 465
_HELLO = b"EHLO twinwatch.invalid\r\n"
_MOST_LINES = 100


async def smtp(ask: Ask) -> None:
    async with conversation(ask, tls=ask.endpoint[1] == _SUBMISSIONS) as talk:
        greeting = await _reply(talk, b"220", "greets with")
        await talk.send(_HELLO)
        offers = await _reply(talk, b"250", "answers EHLO with")
        if ask.starttls:
            await _secure(talk, ask, offers)
            await talk.send(_HELLO)
            offers = await _reply(talk, b"250", "answers EHLO under TLS with")
        if ask.expect and not any(ask.expect.encode() in line for line in (*greeting, *offers)):
            raise ProbeFailed(f"it does not say {ask.expect!r}")
        await talk.send(b"QUIT\r\n")


async def secured(talk: Conversation, ask: Ask) -> None:
    """Greet and go over to TLS, on a connection that has just been made."""
    await _reply(talk, b"220", "greets with")
    await talk.send(_HELLO)
    await _secure(talk, ask, await _reply(talk, b"250", "answers EHLO with"))


async def _secure(talk: Conversation, ask: Ask, offers: list[bytes]) -> None:
    if not any(line[4:].strip().upper() == b"STARTTLS" for line in offers):
        raise ProbeFailed("it offers no STARTTLS")
    await talk.send(b"STARTTLS\r\n")
    await _reply(talk, b"220", "answers STARTTLS with")
    await talk.start_tls(ask)


async def _reply(talk: Conversation, wanted: bytes, verb: str) -> list[bytes]:
    """The lines of one reply, which has to have the code `wanted`."""
    lines: list[bytes] = []
    while len(lines) < _MOST_LINES:
        line = await talk.line()
        if line[:3] != wanted:
            raise ProbeFailed(f"it {verb} {quoted(line)!r}")
        lines.append(line)
        if line[3:4] != b"-":
            return lines
    raise ProbeFailed(f"it {verb} more than {_MOST_LINES} lines")
