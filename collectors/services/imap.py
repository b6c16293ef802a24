"""imap and pop3: a mailbox server that greets and takes its leave (RFC 9051, RFC 1939)."""

from __future__ import annotations

from collectors.services.ask import Ask, ProbeFailed, quoted
from collectors.services.conversation import Conversation, conversation

_IMAPS, _POP3S = 993, 995


async def imap(ask: Ask) -> None:
    async with conversation(ask, tls=ask.endpoint[1] == _IMAPS) as talk:
        await _heard(talk, (b"* OK", b"* PREAUTH"), "greets with", ask.expect)
        if ask.starttls:
            await _secure(talk, ask)
        await talk.send(b"t2 NOOP\r\n")
        await _heard(talk, (b"t2 OK",), "answers NOOP with")


async def secured(talk: Conversation, ask: Ask) -> None:
    """Hear the greeting and go over to TLS, on a connection that has just been made."""
    await _heard(talk, (b"* OK", b"* PREAUTH"), "greets with")
    await _secure(talk, ask)


async def _secure(talk: Conversation, ask: Ask) -> None:
    await talk.send(b"t1 STARTTLS\r\n")
    await _heard(talk, (b"t1 OK",), "answers STARTTLS with")
    await talk.start_tls(ask)


async def pop3(ask: Ask) -> None:
    async with conversation(ask, tls=ask.endpoint[1] == _POP3S) as talk:
        await _heard(talk, (b"+OK",), "greets with", ask.expect)
        if ask.starttls:
            await talk.send(b"STLS\r\n")
            await _heard(talk, (b"+OK",), "answers STLS with")
            await talk.start_tls(ask)
        await talk.send(b"QUIT\r\n")
        await _heard(talk, (b"+OK",), "answers QUIT with")


async def _heard(
    talk: Conversation, wanted: tuple[bytes, ...], verb: str, expect: str = ""
) -> None:
    line = await talk.line()
    # Between a command and its answer IMAP may say other things: "* CAPABILITY …".
    while not wanted[0].startswith(b"*") and line.startswith(b"* ") and line[2:5].upper() != b"BYE":
        line = await talk.line()
    if not line.startswith(wanted):
        raise ProbeFailed(f"it {verb} {quoted(line)!r}")
    if expect and expect.encode() not in line:
        raise ProbeFailed(f"it {verb} {quoted(line)!r}, not {expect!r}")
