"""What one shift leaves to the next in people's own words, and how the next takes it over.

Each of these facts is put on record as it is said and never changed after; what holds now is what
they come to (`watch.handover.book`). Times are UTC ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: An offered handover that nobody has signed for so long is overdue.
OVERDUE_MS = 15 * 60_000


class NoteKind(StrEnum):
    """What a note is about."""

    INCIDENT = "incident"
    NOTE = "note"
    WATCH = "watch"  # of the watch list: if this, then that, and call them


class Answer(StrEnum):
    """What the incoming engineer says of one item."""

    ACCEPTED = "accepted"
    QUESTIONED = "questioned"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Note:
    """`text` says what it is, or of the watch list what may come; `next_step` what to do then.

    `severity` is a word of `estate.document.Severity`. `owner` has it, `call` is whom to call,
    `promised_until` when somebody was promised it, None where nobody was.
    """

    id: str
    kind: NoteKind
    text: str
    by: str
    at: int
    severity: str = "warning"
    tenants: tuple[str, ...] = ()
    hypothesis: str = ""
    tried: str = ""
    next_step: str = ""
    owner: str = ""
    call: str = ""
    promised_until: int | None = None
    closed: Closed | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """The note is over: since when, by whom, and why."""

    note: str
    by: str
    at: int
    why: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is handed over, by an id that is stable over handovers."""

    id: str
    kind: str  # problem, service, run or note
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A snapshot that was frozen to be handed over: its `id`, and the hash of its bytes.

    `by` is the outgoing engineer, who owns every item until somebody else has signed. One that
    the watch offers by itself is by the shift that ends, and `change` is when it did, UTC ms.
    """

    id: str
    by: str
    at: int
    sha256: str
    items: tuple[Item, ...] = ()
    change: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody said of an item of a handover; a later word replaces an earlier one."""

    handover: str
    item: str
    answer: Answer
    by: str
    at: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Replied:
    """What somebody who knows says to a question, or to a refusal, of an item of a handover."""

    handover: str
    item: str
    by: str
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Signed:
    """The incoming engineer has taken it over, as the document of that hash tells it."""

    handover: str
    by: str
    at: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Overdue:
    """It was told of that nobody has signed a handover in time; it is told of once."""

    handover: str
    at: int


@dataclass(frozen=True, slots=True)
class Gone:
    """Problems among the items of a handover that were over for a while: whoever owned them owns
    them no more, and what comes back is new."""

    handover: str
    items: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Ownership:
    """`owner` has an item by `handover`, which they offered or signed at that time."""

    owner: str
    handover: str
    since: int


@dataclass(frozen=True, slots=True)
class Handover:
    """One handover as it stands. `superseded` by a later one, it is no more to be signed.

    `carried` is what was questioned or refused of its items in handovers before it that nobody
    signed; it is no answer to this one. `replies` are to these and to `answers`, the oldest first;
    of the items that are `settled` somebody has replied to what was asked last, whatever the clock
    said. `told_at` is when it was told of as overdue. Items that are `gone` are nobody's by it.
    """

    offered: Offered
    answers: tuple[Answered, ...] = ()
    signed: Signed | None = None
    superseded: str = ""
    carried: tuple[Answered, ...] = ()
    replies: tuple[Replied, ...] = ()
    told_at: int | None = None
    settled: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def owner(self) -> str:
        """Whose the items are, but those that were refused."""
        return self.offered.by if self.signed is None else self.signed.by

    def owner_of(self, item: str) -> str:
        """Whose an item is: one that was refused stays with whoever offered it."""
        return self.offered.by if item in {each.item for each in self.refused} else self.owner

    @property
    def refused(self) -> tuple[Answered, ...]:
        """What was refused."""
        return tuple(each for each in self.answers if each.answer is Answer.REFUSED)

    @property
    def questions(self) -> tuple[Answered, ...]:
        """Questions and refusals to which nobody has replied since, those carried over first; a
        word said here ends what was carried of its item."""
        here = {each.item for each in self.answers}
        said = (*(each for each in self.carried if each.item not in here), *self.answers)
        return tuple(
            each
            for each in said
            if each.answer is not Answer.ACCEPTED and each.item not in self.settled
        )

    @property
    def unanswered(self) -> tuple[Item, ...]:
        """Items of which nothing was said yet."""
        said = {each.item for each in self.answers}
        return tuple(each for each in self.offered.items if each.id not in said)

    def left_for(self, person: str) -> tuple[Item, ...]:
        """Items of which `person` must say something before they can sign."""
        said = {each.item for each in self.answers if each.by == person}
        return tuple(each for each in self.offered.items if each.id not in said)

    def overdue(self, now: int) -> bool:
        """Whether somebody should have signed it by now.

        One of the future was offered by a clock that was wrong: how long ago, nobody knows. What
        was told of once stays so.
        """
        waits = self.signed is None and not self.superseded
        return waits and (self.told_at is not None or abs(now - self.offered.at) >= OVERDUE_MS)
