"""Notes: what the next shift should know, in people's own words, until somebody closes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from estate.document import Severity
from estate.handover import Closed, Note, NoteKind
from estate.told import told
from watch.error import WatchError
from watch.handover.asked import Body, one_of, span, text, texts
from watch.handover.record import Record

#: Notes that may be open at once.
MOST_OPEN = 200


class Says(Protocol):
    """What notes need of the watch."""

    def say(self, severity: Severity, where: str, what: str) -> None: ...


class Notes:
    """The notes on `record`. `now` is UTC ms, `nonce` the end of an id."""

    def __init__(
        self, record: Record, watch: Says, *, now: Callable[[], int], nonce: Callable[[], str]
    ) -> None:
        self._record = record
        self._watch = watch
        self._now = now
        self._nonce = nonce

    @property
    def all(self) -> tuple[Note, ...]:
        """Every note, the oldest first."""
        return self._record.book.notes

    def since(self, starts: int) -> tuple[Note, ...]:
        """Notes that are open, or were closed since."""
        return tuple(each for each in self.all if each.closed is None or each.closed.at >= starts)

    async def add(self, person: str, body: Body) -> Note:
        """Take a note down. Raises WatchError."""
        return await self._record.word(lambda: self._add(person, body))

    async def _add(self, person: str, body: Body) -> Note:
        if sum(each.closed is None for each in self.all) >= MOST_OPEN:
            why, do = f"{MOST_OPEN} are open already", "close some: twinwatch note close ID"
            raise WatchError("the note is not taken", "notes", why, do, status=409)
        now = self._now()
        promised = span(body, "promised_ms")
        note = Note(
            id=f"n-{self._nonce()}",
            kind=one_of(NoteKind, body, "kind", NoteKind.NOTE),
            text=text(body, "text", required=True),
            by=person,
            at=now,
            severity=one_of(Severity, body, "severity", Severity.WARNING).value,
            tenants=texts(body, "tenants"),
            hypothesis=text(body, "hypothesis"),
            tried=text(body, "tried"),
            next_step=text(body, "next_step"),
            owner=text(body, "owner") or person,
            call=text(body, "call"),
            promised_until=None if promised is None else now + promised,
        )
        await self._record.put_down(note)
        what = told("{person} notes ({note}): {text}", person=person, note=note.id, text=note.text)
        self._watch.say(Severity.OK, "handover", what)
        return note

    async def close(self, person: str, name: str, body: Body) -> Note:
        """The note is over. Raises WatchError."""
        return await self._record.word(lambda: self._close(person, name, body))

    async def _close(self, person: str, name: str, body: Body) -> Note:
        note = self._record.book.note(name)
        if note is None or note.closed is not None:
            why = "there is none of that id" if note is None else "it is closed already"
            do = "twinwatch note list has those that are open"
            raise WatchError("no such note", name, why, do, status=404)
        await self._record.put_down(
            Closed(name, person, self._now(), text(body, "why", required=True))
        )
        what = told("{person} closes {note}: {text}", person=person, note=name, text=note.text)
        self._watch.say(Severity.OK, "handover", what)
        closed = self._record.book.note(name)
        assert closed is not None
        return closed
