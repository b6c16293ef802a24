"""postgres: a database that would let its users in, asked without being one of them.

The start-up packet is enough: a server that takes connections answers with a request to prove who
one is, or that it does not know us; one that does not says why, with a code of its own.
Source: PostgreSQL documentation, 54.7 "Message Formats", and appendix A "Error Codes".
"""

from __future__ import annotations

import struct

from collectors.services.ask import Ask, ProbeFailed, quoted
from collectors.services.conversation import Conversation, conversation

_VERSION_3 = 196_608
#: Refusals of us, not of its users: bad authorization, no such database, no entry in pg_hba.conf.
_KNOWS_US_NOT = (b"28", b"3D")
_LONGEST_ERROR = 8_192


async def postgres(ask: Ask) -> None:
    async with conversation(ask) as talk:
        said = b"user\0twinwatch\0database\0postgres\0application_name\0twinwatch\0\0"
        await talk.send(struct.pack("!ii", len(said) + 8, _VERSION_3) + said)
        kind = await talk.exactly(1)
        if kind == b"R":
            return
        if kind != b"E":
            raise ProbeFailed(f"it speaks no PostgreSQL: {quoted(kind)!r}")
        code, message = await _error(talk)
        if not code.startswith(_KNOWS_US_NOT):
            raise ProbeFailed(f"{quoted(message)} ({quoted(code)})")


async def _error(talk: Conversation) -> tuple[bytes, bytes]:
    """Code and message of an ErrorResponse."""
    (length,) = struct.unpack("!i", await talk.exactly(4))
    if not 4 < length <= _LONGEST_ERROR:
        raise ProbeFailed(f"it announces an error of {length} bytes")
    fields = (await talk.exactly(length - 4)).split(b"\0")
    parts = {field[:1]: field[1:] for field in fields if field}
    return parts.get(b"C", b""), parts.get(b"M", b"it refuses without a reason")
