"""The desk of handovers: notes, the document that is handed over, and who takes it.

A word counts once it is on the disk. Who handed over owns every item until somebody else has signed
the hash of the very document that was offered; what nobody signs in time stands on the board.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple, Protocol, TypeVar

from estate.document import Problem, Severity
from estate.handover import (
    OVERDUE_MS,
    Answer,
    Answered,
    Closed,
    Handover,
    Item,
    Note,
    NoteKind,
    Offered,
    Signed,
)
from estate.told import told
from estate.wire import WireError
from snapshots.difference import Ended, compared, items_of
from snapshots.reading import snapshot_bytes
from snapshots.snapshot import Snapshot
from storage.database import RecordsError
from storage.handovers import HandoverFolder
from watch.error import WatchError
from watch.handover.asked import one_of, span, text, texts
from watch.handover.book import Book, Fact, fact_from_json, fact_to_json
from watch.handover.documents import Documents
from watch.handover.freezing import Left

T = TypeVar("T")
Body = Mapping[str, Any]
Send = Callable[[Snapshot], Awaitable[None]]

#: Whether a handover is overdue is looked at so often.
LOOK_SECONDS = 10.0
#: Notes that may be open at once.
MOST_OPEN = 200

_log = logging.getLogger("watch.handover")


class Frozen(NamedTuple):
    """A snapshot, and what of that which the handover before left open is known to be over."""

    snapshot: Snapshot
    ended: Ended


Freeze = Callable[[str, int | None, Left | None], Awaitable[Frozen]]


class Shows(Protocol):
    """What the desk needs of the watch."""

    def say(self, severity: Severity, where: str, what: str) -> None: ...
    def show_handovers(self, problems: tuple[Problem, ...]) -> None: ...


class HandoverDesk:
    """Takes what people say. `freeze` gives a snapshot for a person, from a start or the shift's,
    and what became of that which was left before; `send` passes on what is offered, without waiting
    for whoever takes it. `now` is UTC ms, `nonce` the end of a note's id. With `alone`, a watch of
    one person, they may sign what they offered themselves, for there is nobody else."""

    def __init__(
        self,
        folder: HandoverFolder,
        watch: Shows,
        freeze: Freeze,
        *,
        send: Send,
        now: Callable[[], int],
        nonce: Callable[[], str],
        alone: bool = False,
    ) -> None:
        self._folder = folder
        self._documents = Documents(folder)
        self._watch = watch
        self._freeze = freeze
        self._send = send
        self._now = now
        self._nonce = nonce
        self._alone = alone
        self._book = Book()
        self._closed_book = ""  # why nothing can be put down
        self._turn = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        self._told: str = ""

    # --- the start and the end --------------------------------------------------------------------

    async def open(self) -> None:
        """Go on from the record; where it can't be read, that is said, and nothing is taken."""
        try:
            await asyncio.to_thread(self._folder.sweep)
            lines = await asyncio.to_thread(self._folder.open)
            facts = [fact_from_json(line) for line in lines]
            self._book = Book(each for each in facts if each is not None)
        except (RecordsError, WireError) as error:
            self._closed_book = str(error)
            self._watch.say(
                Severity.WARNING, "handover", told("notes can't be read: {why}", why=str(error))
            )
        self._look()
        self._looking = asyncio.create_task(self._go_on_looking(), name="handovers")

    async def close(self) -> None:
        """End; everything said is on the disk already."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        async with self._turn:
            await asyncio.to_thread(self._folder.close)

    async def _go_on_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._look()

    def _look(self) -> None:
        """Show a handover that is overdue, and tell of it once."""
        now = self._now()
        late = [each for each in self._book.handovers if each.overdue(now)]
        self._watch.show_handovers(tuple(_problem(each) for each in late))
        if late and late[0].offered.id != self._told:
            self._told = late[0].offered.id
            self._watch.say(Severity.WARNING, "handover", _problem(late[0]).what)

    # --- notes ------------------------------------------------------------------------------------

    def notes(self) -> tuple[Note, ...]:
        """Every note, the oldest first."""
        return self._book.notes

    def notes_since(self, starts: int) -> tuple[Note, ...]:
        """Notes that are open, or were closed since."""
        return tuple(
            each for each in self._book.notes if each.closed is None or each.closed.at >= starts
        )

    async def add_note(self, person: str, body: Body) -> Note:
        """Take a note down. Raises WatchError."""
        return await self._in_turn(lambda: self._add_note(person, body))

    async def _add_note(self, person: str, body: Body) -> Note:
        if sum(each.closed is None for each in self._book.notes) >= MOST_OPEN:
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
        await self._put_down(note)
        what = told("{person} notes ({note}): {text}", person=person, note=note.id, text=note.text)
        self._watch.say(Severity.OK, "handover", what)
        return note

    async def close_note(self, person: str, name: str, body: Body) -> Note:
        """The note is over. Raises WatchError."""
        return await self._in_turn(lambda: self._close_note(person, name, body))

    async def _close_note(self, person: str, name: str, body: Body) -> Note:
        note = self._book.note(name)
        if note is None or note.closed is not None:
            why = "there is none of that id" if note is None else "it is closed already"
            do = "twinwatch note list has those that are open"
            raise WatchError("no such note", name, why, do, status=404)
        await self._put_down(Closed(name, person, self._now(), text(body, "why", required=True)))
        what = told("{person} closes {note}: {text}", person=person, note=name, text=note.text)
        self._watch.say(Severity.OK, "handover", what)
        closed = self._book.note(name)
        assert closed is not None
        return closed

    # --- handovers --------------------------------------------------------------------------------

    def handovers(self) -> tuple[Handover, ...]:
        """Every handover, the newest first."""
        return self._book.handovers

    def handover(self, name: str) -> Handover:
        """One of them; "last" is the newest. Raises WatchError."""
        known = self._book.handovers
        found = known[0] if name == "last" and known else self._book.handover(name)
        if found is None:
            do = "twinwatch handover list has them, twinwatch handover offer makes one"
            raise WatchError("no such handover", name, "there is none of that id", do, status=404)
        return found

    async def document(self, name: str) -> bytes:
        """The bytes that were handed over, whose hash is what people sign. Raises WatchError."""
        return await asyncio.to_thread(self._documents.content, self.handover(name).offered)

    async def snapshot(self, person: str, start: int | None) -> Snapshot:
        """A snapshot of this moment, with the notes and what is different from the last handover.
        Raises WatchError."""
        before = await self._before()
        left = None
        if before is not None:
            items = items_of(before)
            runs = frozenset(id_.partition(":")[2] for id_ in items if items[id_].kind == "run")
            left = Left(before.made_at, runs)
        made, ended = await self._freeze(person, start, left)
        made = replace(made, notes=self.notes_since(made.starts))
        if before is None:
            return made
        closed = frozenset(f"note:{each.id}" for each in self._book.notes if each.closed)
        ended = replace(ended, items=ended.items | closed)
        return replace(made, before=await asyncio.to_thread(compared, before, made, ended))

    async def _before(self) -> Snapshot | None:
        """The document of the last handover; None where there is none that can be read."""
        if not self._book.handovers:
            return None
        try:
            return await asyncio.to_thread(self._documents.read, self._book.handovers[0].offered)
        except WatchError as error:
            _log.warning("%s", error)
            return None

    async def offer(self, person: str, start: int | None, change: int | None = None) -> Handover:
        """Freeze a snapshot, keep it, offer it to the next shift, and send it; `change` where the
        watch does so by itself. Raises WatchError."""
        self._must_be_open()
        made = await self.snapshot(person, start)
        offered = await self._in_turn(lambda: self._offer(person, made, change))
        await self._send(made)
        return offered

    async def _offer(self, person: str, made: Snapshot, change: int | None) -> Handover:
        if self._book.handover(made.id) is not None:
            why = "one was made this second"
            raise WatchError("not offered", made.id, why, "try again", status=409)
        items = tuple(
            Item(name, each.kind, each.where, each.what) for name, each in items_of(made).items()
        )
        content = await asyncio.to_thread(snapshot_bytes, made)
        digest = hashlib.sha256(content).hexdigest()
        await self._put_down_with(
            content, Offered(made.id, person, made.made_at, digest, items, change)
        )
        what = told("{person} offers {handover} to the next shift", person=person, handover=made.id)
        self._watch.say(Severity.OK, "handover", what)
        self._look()
        return self.handover(made.id)

    async def _put_down_with(self, content: bytes, offered: Offered) -> None:
        """The document, then the fact; older documents go only once the fact holds."""
        try:
            await asyncio.to_thread(self._documents.keep, offered.id, content)
        except RecordsError as error:
            do = "see twinwatch doctor, then offer it again"
            raise WatchError("not offered", offered.id, str(error), do, status=507) from error
        try:
            await self._put_down(offered)
        except WatchError:
            with suppress(RecordsError):  # it is of no offer, and tried again a minute later
                await asyncio.to_thread(self._documents.take_back, offered.id)
            raise
        try:
            await asyncio.to_thread(self._documents.let_go, self._book.handovers)
        except RecordsError as error:
            _log.warning("older handovers stay: %s", error)

    async def answer(self, person: str, name: str, body: Body) -> Handover:
        """`person` accepts, questions or refuses items: `items`, or all that nothing was said of.
        Raises WatchError."""
        return await self._in_turn(lambda: self._answer(person, name, body))

    async def _answer(self, person: str, name: str, body: Body) -> Handover:
        known = self._waiting(person, name)
        answer = one_of(Answer, body, "answer", None)
        why = text(body, "why", required=answer is not Answer.ACCEPTED)
        wanted = texts(body, "items") or tuple(each.id for each in known.unanswered)
        items = {each.id for each in known.offered.items}
        for each in wanted:
            if each not in items:
                do = f"twinwatch handover show {known.offered.id} has them"
                raise WatchError("no such item", each, "it is not in this handover", do, status=404)
        for each in wanted:
            await self._put_down(Answered(known.offered.id, each, answer, person, self._now(), why))
        return self.handover(known.offered.id)

    async def sign(self, person: str, name: str, body: Body) -> Handover:
        """`person` takes it over, as the document of `sha256` tells it. Raises WatchError."""
        return await self._in_turn(lambda: self._sign(person, name, body))

    async def _sign(self, person: str, name: str, body: Body) -> Handover:
        known = self._waiting(person, name)
        handover = known.offered.id
        if known.unanswered:
            many = len(known.unanswered)
            why = f"nothing was said of {many} of its items: {known.unanswered[0].id}"
            do = f"twinwatch handover accept {handover} takes all that are left"
            raise WatchError("not signed", handover, why, do, status=409)
        if text(body, "sha256", required=True) != known.offered.sha256:
            why, do = "the hash is that of another document", "read this one, and sign its hash"
            raise WatchError("not signed", handover, why, do, status=409)
        await self._put_down(Signed(handover, person, self._now(), known.offered.sha256))
        what = told(
            "{person} has taken {handover} over from {owner}",
            person=person,
            handover=handover,
            owner=known.offered.by,
        )
        self._watch.say(Severity.OK, "handover", what)
        self._look()
        return self.handover(handover)

    def _waiting(self, person: str, name: str) -> Handover:
        """A handover that `person` may still take."""
        known = self.handover(name)
        handover = known.offered.id
        if known.signed is not None:
            why, do = f"{known.signed.by} has signed it", "later words are notes: twinwatch note"
        elif known.superseded:
            why, do = f"{known.superseded} is later", "take that one"
        elif known.offered.change is None and person == known.offered.by and not self._alone:
            why, do = "you offered it yourself", "let the incoming engineer say it"
        else:
            return known
        raise WatchError("it is not yours to take", handover, why, do, status=409)

    # --- the record -------------------------------------------------------------------------------

    async def _in_turn(self, act: Callable[[], Awaitable[T]]) -> T:
        """One word after the other, each judged by what holds then; who asks and goes away does
        not stop one half way."""

        async def alone() -> T:
            async with self._turn:
                return await act()

        return await asyncio.shield(alone())

    def _must_be_open(self) -> None:
        """Raises WatchError where nothing can be put down: the record can't be read."""
        if self._closed_book:
            raise _unwritten(self._closed_book)

    async def _put_down(self, fact: Fact) -> None:
        """On the disk, then in the book. Raises WatchError."""
        self._must_be_open()
        try:
            await asyncio.to_thread(self._folder.append, fact_to_json(fact))
        except RecordsError as error:
            raise _unwritten(str(error)) from error
        self._book.apply(fact)


def _unwritten(why: str) -> WatchError:
    do = "see twinwatch doctor, then say it again"
    return WatchError("it was not written down", "handovers", why, do, status=507)


def _problem(late: Handover) -> Problem:
    offered = late.offered
    return Problem(
        id=f"handover/{offered.id}",
        where="handover",
        what=told("nobody has signed {handover} of {owner}", handover=offered.id, owner=offered.by),
        why=told(
            "they own its {count} items until somebody does: twinwatch handover show",
            count=str(len(offered.items)),
        ),
        severity=Severity.WARNING,
        since=offered.at + OVERDUE_MS,
        kind="handover",
        glyph="warning",
    )
