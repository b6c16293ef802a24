"""A mailbox over IMAP (RFC 9051), as little of it as a canary needs: search, and delete."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from collectors.services.ask import Ask, ProbeFailed, quoted
from collectors.services.conversation import Conversation

_MOST_LINES = 1_000
#: So many messages are deleted at once; a mailbox that others fill is not emptied in one round.
_MOST_DELETED = 200
_NUMBERS = re.compile(rb"\* SEARCH((?: [0-9]{1,10})*) ?", re.ASCII)
#: Months in IMAP are English, whatever the locale.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Login:
    """Who opens the mailbox. The password is in no text that this makes."""

    user: str
    password: str = field(repr=False)

    def without_password(self, text: str) -> str:
        """What a server said, with the password taken out: one that lies may repeat it."""
        return text.replace(self.password, "…") if self.password else text


class Mailbox:
    """The INBOX at the other end of a conversation. Everything raises ProbeFailed."""

    def __init__(self, talk: Conversation, login: Login) -> None:
        self._talk = talk
        self._login = login
        self._tag = 0

    async def greet(self, way: Ask, *, starttls: bool) -> None:
        """Hear its greeting, and go on under TLS unless it is not to be (or there is TLS already).

        A password is never sent in the clear by itself: `starttls: false` has to say so.
        """
        line = await self._talk.line()
        if not line.startswith((b"* OK", b"* PREAUTH")):
            raise ProbeFailed(f"it greets with {quoted(line)!r}")
        if way.endpoint[1] != 993 and starttls:
            await self._do(b"STARTTLS", "STARTTLS")
            await self._talk.start_tls(way)

    async def open(self) -> None:
        """Log in, and select INBOX."""
        words = _string(self._login.user) + b" " + _string(self._login.password)
        await self._do(b"LOGIN " + words, "LOGIN")
        await self._do(b"SELECT INBOX", "SELECT")

    async def search(self, header: str, value: str) -> list[bytes]:
        """The UIDs of messages whose `header` holds `value`."""
        return await self._found(f"UID SEARCH UNDELETED HEADER {header} {value}".encode())

    async def search_older(self, header: str, *, days: int) -> list[bytes]:
        """The UIDs of messages that have `header` and came before so many days."""
        day = datetime.now(UTC) - timedelta(days=days)
        date = f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}"
        asked = f'UID SEARCH UNDELETED HEADER {header} "" BEFORE {date}'
        return (await self._found(asked.encode()))[:_MOST_DELETED]

    async def refresh(self) -> None:
        """Let the server say what came meanwhile."""
        await self._do(b"NOOP", "NOOP")

    async def delete(self, uids: Sequence[bytes]) -> None:
        """Delete these messages, and no others that may be marked."""
        if uids:
            some = b",".join(dict.fromkeys(uids))
            await self._do(b"UID STORE " + some + rb" +FLAGS.SILENT (\Deleted)", "STORE")
            await self._do(b"EXPUNGE", "EXPUNGE")

    async def leave(self) -> None:
        """Say good-bye, and wait for nothing."""
        await self._talk.send(b"t LOGOUT\r\n")

    async def _found(self, command: bytes) -> list[bytes]:
        for line in await self._do(command, "SEARCH"):
            found = _NUMBERS.fullmatch(line)
            if found:
                return found[1].split()
        return []

    async def _do(self, command: bytes, verb: str) -> list[bytes]:
        """The lines before the answer to `command`, which has to be OK."""
        self._tag += 1
        tag = b"t%d " % self._tag
        await self._talk.send(tag + command + b"\r\n")
        lines: list[bytes] = []
        while len(lines) < _MOST_LINES:
            line = await self._talk.line()
            if line.startswith(tag):
                if not line[len(tag) :].upper().startswith(b"OK"):
                    raise ProbeFailed(f"it answers {verb} with {quoted(line[len(tag) :])!r}")
                return lines
            lines.append(line)
        raise ProbeFailed(f"it answers {verb} with more than {_MOST_LINES} lines")


def _string(text: str) -> bytes:
    """A quoted string (RFC 9051, section 4.3)."""
    if not text.isascii() or not text.isprintable():
        raise ProbeFailed("user or password holds characters that IMAP's LOGIN can't carry")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'.encode()
