"""The desk of handovers: notes, the document that is handed over, and who takes it.

A word counts once it is on the disk. Who handed over owns every item until somebody else has signed
the hash of the very document that was offered; what nobody signs in time stands on the board.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple, Protocol

from estate.document import Document, Problem, Severity
from estate.handover import (
    Answer,
    Answered,
    Handover,
    Item,
    Note,
    Offered,
    Overdue,
    Ownership,
    Replied,
    Signed,
)
from estate.told import told
from snapshots.difference import Ended, compared, items_of
from snapshots.reading import sha256_of
from snapshots.snapshot import Snapshot, Unseen
from storage.database import RecordsError
from storage.handovers import HandoverFolder
from watch.error import WatchError
from watch.handover.asked import Body, one_of, text
from watch.handover.documents import Documents, document_of
from watch.handover.freezing import Left
from watch.handover.notes import Notes
from watch.handover.owning import Owning
from watch.handover.record import Record
from watch.handover.taking import (
    left_by,
    named,
    not_signed,
    nothing_meant,
    overdue_problem,
    questions_of,
    some,
)
from watch.surviving import Defects, surviving

#: Whether a handover is overdue, or a problem of one is over, is looked at so often.
LOOK_SECONDS = 10.0

_log = logging.getLogger("watch.handover")


class Frozen(NamedTuple):
    """A snapshot, and what of that which the handover before left open is known to be over."""

    snapshot: Snapshot
    ended: Ended


Freeze = Callable[[str, int | None, Left | None], Awaitable[Frozen]]


class Delivers(Protocol):
    """What the desk needs of whoever passes on what is offered."""

    async def send(self, made: Snapshot) -> None: ...
    async def rehearsed(self, made: Snapshot) -> list[dict[str, Any]]: ...


class Shows(Protocol):
    """What the desk needs of the watch."""

    @property
    def document(self) -> Document: ...
    @property
    def complete(self) -> bool: ...
    def say(self, severity: Severity, where: str, what: str, cleared: str = "") -> None: ...
    def show_handovers(self, problems: tuple[Problem, ...]) -> None: ...
    def show_owners(self, owners: Mapping[str, Ownership]) -> None: ...


class HandoverDesk:
    """Takes what people say. `freeze` gives a snapshot for a person, from a start or the shift's,
    and what became of that which was left before; `delivery` passes on what is offered, without
    waiting for whoever takes it. `now` is UTC ms, `nonce` the end of a note's id. With `alone`, a
    watch of one person, they may sign what they offered themselves, for there is nobody else."""

    def __init__(
        self,
        folder: HandoverFolder,
        watch: Shows,
        freeze: Freeze,
        *,
        delivery: Delivers,
        now: Callable[[], int],
        nonce: Callable[[], str],
        alone: bool = False,
    ) -> None:
        self._record = Record(folder)
        self._documents = Documents(folder)
        self._watch = watch
        self._freeze = freeze
        self._delivery = delivery
        self._now = now
        self._opened_at = now()
        self._alone = alone
        self._owning = Owning()
        self._notes = Notes(self._record, watch, now=now, nonce=nonce)
        self._looking: asyncio.Task[None] | None = None
        self._told: set[str] = set()  # handovers that were told of as overdue

    # --- the start and the end --------------------------------------------------------------------

    async def open(self) -> None:
        """Go on from the record; where it can't be read, that is said, and nothing is taken."""
        if why := await self._record.open():
            what = told("notes can't be read: {why}", why=why)
            self._watch.say(Severity.WARNING, "handover", what)
        await self._record.in_turn(self._look)
        looking = surviving(self._go_on_looking, Defects(self._watch.say).confess)
        self._looking = asyncio.create_task(looking, name="handovers")

    async def close(self) -> None:
        """End; everything said is on the disk already."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._record.close()

    async def _go_on_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._record.in_turn(self._look)

    async def _look(self) -> None:
        """Show a handover that is overdue, and tell of it once, whatever restarts; show what was
        asked, and whose the problems are."""
        now = self._now()
        await self._let_go_of_owners(now)
        late = [each for each in self._record.book.handovers if each.overdue(now)]
        for each in late:
            if each.told_at is not None or each.offered.id in self._told:
                continue
            self._told.add(each.offered.id)
            with suppress(WatchError):  # it is told of again after a restart, which is no harm
                await self._record.put_down(Overdue(each.offered.id, now))
            self._watch.say(Severity.WARNING, "handover", overdue_problem(each, now).what)
        late = [each for each in self._record.book.handovers if each.overdue(now)]
        asked = (questions_of(each, self._owning.owner_of, now) for each in self._open_ones())
        overdue = (overdue_problem(each, now) for each in late)
        unread = self._record.problems(self._opened_at)
        self._watch.show_handovers((*unread, *overdue, *chain.from_iterable(asked)))
        self._watch.show_owners(self._owning.by_problem)

    async def _let_go_of_owners(self, now: int) -> None:
        """A problem that is over is nobody's, on the record too; tried again until it is there."""
        self._owning.follow(self._record.book.handovers)
        problems = {each.id for each in self._watch.document.problems}
        gone = self._owning.look(problems, now, complete=self._watch.complete)
        with suppress(WatchError):
            await self._record.put_down(*gone)
        if gone:
            self._owning.follow(self._record.book.handovers)

    def _open_ones(self) -> Iterator[Handover]:
        """Handovers that nobody has signed, and of which none is later."""
        known = self._record.book.handovers
        return (each for each in known if each.signed is None and not each.superseded)

    # --- notes ------------------------------------------------------------------------------------

    def notes(self) -> tuple[Note, ...]:
        """Every note, the oldest first. Raises WatchError where the record can't be read."""
        self._record.must_be_read()
        return self._notes.all

    async def add_note(self, person: str, body: Body) -> Note:
        """Take a note down. Raises WatchError."""
        return await self._notes.add(person, body)

    async def close_note(self, person: str, name: str, body: Body) -> Note:
        """The note is over. Raises WatchError."""
        return await self._notes.close(person, name, body)

    # --- handovers --------------------------------------------------------------------------------

    def handovers(self) -> tuple[Handover, ...]:
        """Every handover, the newest first. Raises WatchError where they can't be read."""
        self._record.must_be_read()
        return self._record.book.handovers

    def handover(self, name: str) -> Handover:
        """One of them; "last" is the newest. Raises WatchError."""
        known = self.handovers()
        found = known[0] if name == "last" and known else self._record.book.handover(name)
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
        last = next(iter(self._record.book.handovers), None)
        before: Snapshot | None = None
        lost = self._record.unseen
        if last is not None:
            try:
                before = await asyncio.to_thread(self._documents.read, last.offered)
            except WatchError as error:  # told of, for what it left open is not compared
                lost = (Unseen("records", last.offered.id, error.why, last.offered.at),)
        made, ended = await self._freeze(person, start, None if before is None else _left(before))
        notes = self._notes.since(made.starts)
        made = replace(made, notes=notes, unseen=(*made.unseen, *lost))
        if before is None or last is None:
            return made
        closed = frozenset(f"note:{each.id}" for each in self._record.book.notes if each.closed)
        ended = replace(ended, items=ended.items | closed)
        found = await asyncio.to_thread(compared, before, made, ended)
        return replace(made, before=replace(found, sha256=last.offered.sha256))

    async def offer(self, person: str, start: int | None, change: int | None = None) -> Handover:
        """Freeze a snapshot, keep it, offer it to the next shift, and send it; `change` where the
        watch does so by itself. Raises WatchError."""
        await self._record.must_be_open()
        made = await self.snapshot(person, start)
        offered = await self._record.word(lambda: self._offer(person, made, change))
        await self._delivery.send(made)
        return offered

    async def rehearsed(self, person: str, start: int | None) -> list[dict[str, Any]]:
        """What would be sent of a handover that is offered now, to whom, as what; nothing is
        offered or sent. Raises WatchError where it could not be offered, or nothing is sent."""
        await self._record.must_be_open()
        made = await self.snapshot(person, start)
        await asyncio.to_thread(document_of, made)
        return await self._delivery.rehearsed(made)

    async def _offer(self, person: str, made: Snapshot, change: int | None) -> Handover:
        if self._record.book.handover(made.id) is not None:
            why = "one was made this second"
            raise WatchError("not offered", made.id, why, "try again", status=409)
        items = tuple(
            Item(name, each.kind, each.where, each.what) for name, each in items_of(made).items()
        )
        last = next(iter(self._record.book.handovers), None)
        content = await asyncio.to_thread(document_of, made)
        digest = sha256_of(content)
        await self._put_down_with(
            content, Offered(made.id, person, made.made_at, digest, items, change)
        )
        what = told("{person} offers {handover} to the next shift", person=person, handover=made.id)
        cleared = f"handover/{last.offered.id}" if last is not None and last.signed is None else ""
        self._watch.say(Severity.OK, "handover", what, cleared)
        await self._look()
        return self.handover(made.id)

    async def _put_down_with(self, content: bytes, offered: Offered) -> None:
        """The document, then the fact; older documents go only once the fact holds."""
        try:
            await asyncio.to_thread(self._documents.keep, offered.id, content)
        except RecordsError as error:
            do = "see twinwatch doctor, then offer it again"
            raise WatchError("not offered", offered.id, str(error), do, status=507) from error
        try:
            await self._record.put_down(offered)
        except WatchError:
            with suppress(RecordsError):  # it is of no offer, and tried again a minute later
                await asyncio.to_thread(self._documents.take_back, offered.id)
            raise
        try:
            await asyncio.to_thread(self._documents.let_go, self._record.book.handovers)
        except RecordsError as error:
            _log.warning("older handovers stay: %s", error)

    async def answer(self, person: str, name: str, body: Body) -> Handover:
        """`person` accepts, questions or refuses items: `items`, or all that nothing was said of;
        who accepts takes what others have accepted, too. Raises WatchError, also where all is
        nothing."""
        return await self._record.word(lambda: self._answer(person, name, body))

    async def _answer(self, person: str, name: str, body: Body) -> Handover:
        known = self._waiting(person, name)
        answer = one_of(Answer, body, "answer", None)
        why = text(body, "why", required=answer is not Answer.ACCEPTED)
        wanted = named(known, body) or left_by(known, person, answer)
        if known.offered.items and not wanted:
            why, do = nothing_meant(known, person, answer)
            raise WatchError("nothing is left", known.offered.id, why, do, status=409)
        now = self._now()
        offered = known.offered.id
        said_of = (Answered(offered, each, answer, person, now, why) for each in wanted)
        await self._record.put_down(*said_of)
        if wanted and answer is not Answer.ACCEPTED:
            said = {"person": person, "items": some(wanted), "handover": known.offered.id}
            what = told("{person} questions {items} of {handover}: {why}", **said, why=why)
            if answer is Answer.REFUSED:
                what = told("{person} refuses {items} of {handover}: {why}", **said, why=why)
            self._watch.say(Severity.WARNING, "handover", what)
        await self._look()
        return self.handover(known.offered.id)

    async def reply(self, person: str, name: str, body: Body) -> Handover:
        """`person` replies `text` to what was questioned or refused: `items`, or all of it to which
        nobody has replied. Raises WatchError."""
        return await self._record.word(lambda: self._reply(person, name, body))

    async def _reply(self, person: str, name: str, body: Body) -> Handover:
        known = self._open(name)
        said = text(body, "text", required=True)
        asked = {each.item for each in (*known.carried, *known.answers)
                 if each.answer is not Answer.ACCEPTED}  # fmt: skip
        wanted = named(known, body) or tuple({each.item: None for each in known.questions})
        for each in wanted or ("its items",):
            if each not in asked:
                do = f"twinwatch handover show {known.offered.id} has what was asked"
                raise WatchError("no such question", each, "nobody asked of it", do, status=404)
        now = self._now()
        offered = known.offered.id
        await self._record.put_down(*(Replied(offered, each, person, now, said) for each in wanted))
        what = told("{person} replies of {items} of {handover}: {text}", person=person,
                    items=some(wanted), handover=known.offered.id, text=said)  # fmt: skip
        self._watch.say(Severity.OK, "handover", what)
        await self._look()
        return self.handover(known.offered.id)

    async def sign(self, person: str, name: str, body: Body) -> Handover:
        """`person` takes it over, as the document of `sha256` tells it; what they refused stays
        with whoever offered it. Raises WatchError."""
        return await self._record.word(lambda: self._sign(person, name, body))

    async def _sign(self, person: str, name: str, body: Body) -> Handover:
        known = self._waiting(person, name)
        handover = known.offered.id
        if left := known.left_for(person):
            why, do = not_signed(known, left)
            raise WatchError("not signed", handover, why, do, status=409)
        if text(body, "sha256", required=True) != known.offered.sha256:
            why, do = "the hash is that of another document", "read this one, and sign its hash"
            raise WatchError("not signed", handover, why, do, status=409)
        await self._record.put_down(Signed(handover, person, self._now(), known.offered.sha256))
        said = {"person": person, "handover": handover, "owner": known.offered.by}
        what = told("{person} has taken {handover} over from {owner}", **said)
        if known.refused:
            kept = some(tuple(each.item for each in known.refused))
            what = told("{taken}, who keeps {items}", taken=what, items=kept)
        self._watch.say(Severity.OK, "handover", what, f"handover/{handover}")
        await self._look()
        return self.handover(handover)

    def _waiting(self, person: str, name: str) -> Handover:
        """A handover that `person` may still take."""
        known = self._open(name)
        if known.offered.change is None and person == known.offered.by and not self._alone:
            why, do = "you offered it yourself", "let the incoming engineer say it"
            raise WatchError("it is not yours to take", known.offered.id, why, do, status=409)
        return known

    def _open(self, name: str) -> Handover:
        """A handover of which something may still be said; the one that was read, by its id."""
        if name == "last":
            why = "another may have been offered since you read it"
            do = "give the id that you read: twinwatch handover show"
            raise WatchError("which handover?", name, why, do, status=400)
        known = self.handover(name)
        if known.signed is not None:
            why, do = f"{known.signed.by} has signed it", "later words are notes: twinwatch note"
        elif known.superseded:
            why, do = f"{known.superseded} is later", "take that one"
        else:
            return known
        raise WatchError("it is not yours to take", known.offered.id, why, do, status=409)


def _left(before: Snapshot) -> Left:
    """What the handover before left open."""
    items = items_of(before)
    runs = (id_.partition(":")[2] for id_ in items if items[id_].kind == "run")
    return Left(before.made_at, frozenset(runs))
