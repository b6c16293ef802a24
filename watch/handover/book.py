"""What was said at changes of shift, fact by fact, and what it comes to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from estate.handover import (
    Answer,
    Answered,
    Closed,
    Gone,
    Handover,
    Note,
    Offered,
    Overdue,
    Replied,
    Signed,
)
from estate.wire import from_json, to_json

Fact = Note | Closed | Offered | Answered | Replied | Signed | Overdue | Gone

_KINDS: Mapping[str, type[Fact]] = {
    "note": Note,
    "closed": Closed,
    "offered": Offered,
    "answered": Answered,
    "replied": Replied,
    "signed": Signed,
    "overdue": Overdue,
    "gone": Gone,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


class Book:
    """Every note and every handover, as the facts say."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._notes: dict[str, Note] = {}
        self._handovers: dict[str, Handover] = {}
        for fact in facts:
            self.apply(fact)

    @property
    def notes(self) -> tuple[Note, ...]:
        """Every note, the oldest first, closed ones too."""
        return tuple(self._notes.values())

    @property
    def handovers(self) -> tuple[Handover, ...]:
        """Every handover, the newest first."""
        return tuple(reversed(self._handovers.values()))

    def note(self, name: str) -> Note | None:
        """The note of that id."""
        return self._notes.get(name)

    def handover(self, name: str) -> Handover | None:
        """The handover of that id."""
        return self._handovers.get(name)

    def apply(self, fact: Fact) -> None:
        """`fact` holds from now on; one about what nobody knows changes nothing."""
        match fact:
            case Note():
                self._notes[fact.id] = fact
            case Closed():
                if fact.note in self._notes:
                    self._notes[fact.note] = replace(self._notes[fact.note], closed=fact)
            case Offered():
                self._offer(fact)
            case _:
                if known := self._handovers.get(fact.handover):
                    self._handovers[fact.handover] = _after(known, fact)

    def _offer(self, fact: Offered) -> None:
        made = Handover(fact)
        for name, each in self._handovers.items():
            if each.signed is None and not each.superseded:
                self._handovers[name] = replace(each, superseded=fact.id)
                made = _carried(each, made)
        self._handovers[fact.id] = made


def _after(known: Handover, fact: Answered | Replied | Signed | Overdue | Gone) -> Handover:
    """`known`, of which `fact` was said."""
    match fact:
        case Answered():
            others = tuple(each for each in known.answers if each.item != fact.item)
            return replace(known, answers=(*others, fact), settled=_without(known, fact.item))
        case Replied():
            settled = (*_without(known, fact.item), fact.item)
            return replace(known, replies=(*known.replies, fact), settled=settled)
        case Signed():
            return replace(known, signed=fact)
        case Overdue():
            return replace(known, told_at=fact.at)
        case Gone():
            return replace(known, gone=(*known.gone, *fact.items))


def _without(known: Handover, item: str) -> tuple[str, ...]:
    """What is settled but for `item`: of what is said after what, the record's order tells, for
    clocks are set back."""
    return tuple(each for each in known.settled if each != item)


def _carried(before: Handover, made: Handover) -> Handover:
    """`made`, with what was questioned or refused of its items in the one that it replaces."""
    items = {each.id for each in made.offered.items}
    said = {each.item: each for each in (*before.carried, *before.answers) if each.item in items}
    carried = tuple(each for each in said.values() if each.answer is not Answer.ACCEPTED)
    about = {each.item for each in carried}
    replies = tuple(each for each in before.replies if each.item in about)
    settled = tuple(each for each in before.settled if each in about)
    return replace(made, carried=carried, replies=replies, settled=settled)


def fact_to_json(fact: Fact) -> dict[str, Any]:
    """A fact as a line of the journal."""
    return {"fact": _NAMES[type(fact)], **to_json(fact)}


def fact_from_json(line: Mapping[str, Any]) -> Fact | None:
    """The fact of a line; None for one of a later version. Raises WireError."""
    kind = _KINDS.get(str(line.get("fact")))
    if kind is None:
        return None
    fact: Fact = from_json(kind, {key: value for key, value in line.items() if key != "fact"})
    return fact
