"""What is meant by the words with which a handover is taken over, and what stands while it is not.
Pure."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator

from estate.document import Problem, Severity
from estate.handover import OVERDUE_MS, Answer, Answered, Handover, Item
from estate.told import told
from snapshots.difference import QUESTION
from watch.error import WatchError
from watch.handover.asked import Body, texts


def named(known: Handover, body: Body) -> tuple[str, ...]:
    """The `items` that are named, each of which the handover has. Raises WatchError."""
    wanted = texts(body, "items")
    items = {each.id for each in known.offered.items}
    for each in wanted:
        if each not in items:
            do = f"twinwatch handover show {known.offered.id} has them"
            raise WatchError("no such item", each, "it is not in this handover", do, status=404)
    return wanted


def left_by(known: Handover, person: str, answer: Answer) -> tuple[str, ...]:
    """What `person` means by all: a question or a refusal of somebody else is not passed over."""
    found = {each.id for each in known.unanswered}
    if answer is Answer.ACCEPTED:
        found |= {
            each.item
            for each in known.answers
            if each.answer is Answer.ACCEPTED and each.by != person
        }
    return tuple(each.id for each in known.offered.items if each.id in found)


def not_signed(known: Handover, left: tuple[Item, ...]) -> tuple[str, str]:
    """Why whoever has said nothing of `left` can't sign yet, and what to do."""
    first, name = left[0].id, known.offered.id
    why = f"you said nothing of {len(left)} of its items: {first}"
    if doubt := _doubt(known, first):
        return f"{why}, which {doubt.by} {doubt.answer}", _by_name(name, first)
    return why, f"twinwatch handover accept {name} takes what nobody questioned or refused"


def nothing_meant(known: Handover, person: str, answer: Answer) -> tuple[str, str]:
    """Why `person` means nothing by all, and what to do instead."""
    name, left = known.offered.id, known.left_for(person)
    if answer is not Answer.ACCEPTED:
        return "something was said of each of its items", "say which: --item ITEM"
    if left and (doubt := _doubt(known, left[0].id)):
        why = f"of what is left {doubt.by} {doubt.answer} {doubt.item}"
        return why, _by_name(name, doubt.item)
    return "you have answered for each of its items", f"twinwatch handover sign {name}"


def _doubt(known: Handover, item: str) -> Answered | None:
    """The question or the refusal that stands of an item."""
    said = (each for each in known.answers if each.item == item)
    return next((each for each in said if each.answer is not Answer.ACCEPTED), None)


def _by_name(handover: str, item: str) -> str:
    # Hosts name parts of what is wrong with them, and people copy this line into a shell.
    command = shlex.join(("twinwatch", "handover", "accept", handover, "--item", item))
    return f"{command}, or question it too"


def some(items: tuple[str, ...]) -> str:
    """Which items, on one line."""
    first, *others = items
    return told("{item} and {count} more", item=first, count=str(len(others))) if others else first


def questions_of(known: Handover, owner: Callable[[str], str], now: int) -> Iterator[Problem]:
    """What was questioned or refused of `known` and nobody has replied to, as problems of their
    own: they stand, and are told of, like any other. `owner` gives whose an item is."""
    handover = known.offered.id
    for each in known.questions:
        said = {"person": each.by, "items": each.item, "handover": handover, "why": each.why}
        what = told("{person} questions {items} of {handover}: {why}", **said)
        if each.answer is Answer.REFUSED:
            what = told("{person} refuses {items} of {handover}: {why}", **said)
        reply = shlex.join(
            ("twinwatch", "handover", "reply", handover, "TEXT", "--item", each.item)
        )
        begins = (at for at in (each.at, known.offered.at) if at <= now)
        yield Problem(
            # By its time too: another question of the same item is told of as another.
            id=f"question/{each.handover}/{each.item}/{each.at}",
            where="handover",
            what=what,
            why=told("nobody has replied: {command}", command=reply),
            severity=Severity.WARNING,
            since=next(begins, now),  # a clock that was ahead asked it: it waits since the offer
            kind=QUESTION,
            owner=owner(each.item),
            glyph="warning",
        )


def overdue_problem(late: Handover, now: int) -> Problem:
    offered = late.offered
    due = offered.at + OVERDUE_MS
    return Problem(
        id=f"handover/{offered.id}",
        where="handover",
        what=told("nobody has signed {handover} of {owner}", handover=offered.id, owner=offered.by),
        why=told(
            "they own its {count} items until somebody does: twinwatch handover show",
            count=str(len(offered.items)),
        ),
        severity=Severity.WARNING,
        since=due if due <= now else min(now, late.told_at or now),
        kind="handover",
        glyph="warning",
    )
