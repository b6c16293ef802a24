"""Section 12: the watch list. What may come, what to do then, and whom to call."""

from __future__ import annotations

from collections.abc import Iterator

from estate.document import Severity
from estate.handover import NoteKind
from snapshots.page import Block, Phrase, table
from snapshots.telling.teller import Teller

_MOST_ROWS = 20
_DAY_MS = 86_400_000


def tell_watchlist(t: Teller) -> tuple[Block, ...]:
    """Trigger, action, whom to call: derived from what moves towards a limit."""
    rows = [*_noted(t), *_queues(t), *_budgets(t), *_certificates(t), *_endings(t), *_problems(t)]
    if not rows:
        return ()
    say = t.words.say
    more = len(rows) - _MOST_ROWS
    return (
        table(
            (say("if"), say("then"), say("call")),
            rows[:_MOST_ROWS],
            more=say("and {count:,} more", count=more) if more > 0 else "",
        ),
    )


def _row(t: Teller, trigger: str, action: str, whom: str = "") -> tuple[Phrase, ...]:
    whom = whom or t.snapshot.duty.next or t.snapshot.duty.now or t.words.say("whoever is on duty")
    return (Phrase(trigger, "strong"), Phrase(action), Phrase(whom))


def _noted(t: Teller) -> Iterator[tuple[Phrase, ...]]:
    """What people put on the list themselves comes first."""
    for note in t.snapshot.notes:
        if note.kind is NoteKind.WATCH and note.closed is None:
            yield _row(t, note.text, note.next_step, note.call or note.owner)


def _queues(t: Teller) -> Iterator[tuple[Phrase, ...]]:
    say = t.words.say
    for row in t.snapshot.queues:
        if row.full_in_seconds is not None:
            time = t.span(row.full_in_seconds * 1000)
            trigger = say("{queue} at {site} is full: in {time} at this rate",
                          queue=row.name, site=row.site, time=time)  # fmt: skip
            if not row.full_in_seconds:
                trigger = say("{queue} at {site} is full", queue=row.name, site=row.site)
            yield _row(t, trigger, say("find what does not take it: twinwatch queues"))


def _budgets(t: Teller) -> Iterator[tuple[Phrase, ...]]:
    say = t.words.say
    for service in t.snapshot.services:
        budget = service.budget
        if budget is None or budget.verdict == "breached":
            continue
        pace = budget.at_month_pace_ms
        if budget.used_up_at is not None:
            at = t.time(budget.used_up_at)
            trigger = say("{service} stays down until {time}: its month is lost",
                          service=t.name(service), time=at)  # fmt: skip
            yield _row(t, trigger, say("fail over, or bring it back before"))
        elif pace is not None and pace > budget.limit_ms:
            trigger = say("{service} goes on losing time as it did: its month is lost",
                          service=t.name(service))  # fmt: skip
            yield _row(t, trigger, say("put off what is planned on it"))


def _certificates(t: Teller) -> Iterator[tuple[Phrase, ...]]:
    say = t.words.say
    for row in t.snapshot.certificates:
        left = row.left_ms(t.snapshot.seen_at)
        if left is not None and 0 < left <= _DAY_MS:
            trigger = say("{name} on {host} is not renewed by {time}",
                          name=row.name, host=row.host, time=t.time(row.not_after))  # fmt: skip
            yield _row(t, trigger, say("renew it: twinwatch runbook list"))


def _endings(t: Teller) -> Iterator[tuple[Phrase, ...]]:
    """Acknowledgements and silences that end in the coming shift, loudly."""
    say, seen_at = t.words.say, t.snapshot.seen_at
    for each in t.snapshot.problems:
        if each.owner and each.until is not None and seen_at <= each.until <= seen_at + _DAY_MS:
            trigger = say("{where} is still so at {time}, when {owner}’s word on it ends",
                          where=each.where, time=t.time(each.until),
                          owner=each.whose_word)  # fmt: skip
            yield _row(t, trigger, say("take it on, or ask its owner"), each.owner)
    for silence in t.snapshot.silences:
        if seen_at <= silence.until <= seen_at + _DAY_MS:
            trigger = say("the silence on {where} ends at {time}",
                          where=silence.where, time=t.time(silence.until))  # fmt: skip
            yield _row(t, trigger, say("see what it kept quiet"), silence.owner)


def _problems(t: Teller) -> Iterator[tuple[Phrase, ...]]:
    """Warnings that somebody has: what to do when they get worse."""
    for each in t.roots:
        if each.severity is Severity.WARNING and each.why:
            trigger = t.words.say("{where} gets worse: {what}", where=each.where, what=each.what)
            yield _row(t, trigger, t.why(each.why), each.owner)
