"""ldap and xmpp: a server that answers the first thing that any client says to it."""

from __future__ import annotations

from collectors.services.ask import Ask, ProbeFailed, quoted
from collectors.services.conversation import Conversation, conversation

_LDAPS = 636
#: Anonymous bind, message 1, version 3 (RFC 4511, 4.2), and the start of its answer.
_BIND = bytes.fromhex("300c 0201 01 6007 020103 0400 8000".replace(" ", ""))
_BIND_RESPONSE = 0x61
#: inappropriateAuthentication and others that refuse us alone: the directory is there.
_REFUSES_US = frozenset({0, 8, 13, 48, 49, 50, 53})

_STREAM = (
    "<?xml version='1.0'?><stream:stream to='{host}' version='1.0' xmlns='jabber:client'"
    " xmlns:stream='http://etherx.jabber.org/streams'>"
)


async def ldap(ask: Ask) -> None:
    async with conversation(ask, tls=ask.endpoint[1] == _LDAPS) as talk:
        await talk.send(_BIND)
        head = await talk.exactly(2)
        if head[0] != 0x30 or not 5 <= head[1] < 0x80:
            raise ProbeFailed(f"it speaks no LDAP: {quoted(head)!r}")
        body = await talk.exactly(head[1])
        at = 2 + body[1]  # behind the message's number
        if at + 4 >= len(body) or body[at] != _BIND_RESPONSE:
            raise ProbeFailed("it does not answer a bind")
        code = body[at + 4]  # tag, length, then an ENUMERATED of one byte
        if code not in _REFUSES_US:
            raise ProbeFailed(f"it answers a bind with result {code}")


async def xmpp(ask: Ask) -> None:
    opening = _STREAM.format(host=ask.endpoint[0]).encode()
    async with conversation(ask) as talk:
        await talk.send(opening)
        heard = await _until(talk, b"</stream:features>")
        if ask.starttls:
            if b"urn:ietf:params:xml:ns:xmpp-tls" not in heard:
                raise ProbeFailed("it offers no STARTTLS")
            await talk.send(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
            await _until(talk, b"<proceed")
            await talk.start_tls(ask)
            await talk.send(opening)
            await _until(talk, b"</stream:features>")


async def _until(talk: Conversation, wanted: bytes) -> bytes:
    heard = b""
    while wanted not in heard:
        piece = await talk.some()
        if not piece:
            raise ProbeFailed(f"it hung up after {quoted(heard)!r}" if heard else "it hung up")
        heard += piece
        if b"<stream:error" in heard or b"<failure" in heard:
            raise ProbeFailed(f"it answers {quoted(heard)!r}")
    return heard
