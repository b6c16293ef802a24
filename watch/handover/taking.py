"""What is meant by the words with which a handover is taken over, and what stands while it is not.
Pure."""

from __future__ import annotations

from estate.document import Problem, Severity
from estate.handover import OVERDUE_MS, Answer, Handover
from estate.told import told
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


def some(items: tuple[str, ...]) -> str:
    """Which items, on one line."""
    first, *others = items
    return told("{item} and {count} more", item=first, count=str(len(others))) if others else first


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
