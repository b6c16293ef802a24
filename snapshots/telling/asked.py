"""What the next shift is asked to do, derived from everything else: the most pressing first."""

from __future__ import annotations

from collections.abc import Iterator

from estate.document import Severity
from estate.handover import NoteKind
from estate.readiness import Bearing, Verdict
from snapshots.page import Phrase
from snapshots.telling.recovery import finding_words
from snapshots.telling.teller import Teller

#: A certificate with less than this left is asked about; the security section lists more.
SOON_MS = 7 * 86_400_000

#: Names in one sentence.
_MOST_NAMES = 5


def asked_of_the_next(t: Teller) -> list[Phrase]:
    """One sentence each; none where nothing is asked."""
    return [
        *_of_notes(t),
        *_of_runs(t),
        *_of_problems(t),
        *_of_budgets(t),
        *_of_hosts(t),
        *_of_certificates(t),
        *_of_readiness(t),
    ]


def _of_notes(t: Teller) -> Iterator[Phrase]:
    """What people ask for themselves, and what they promised until the next shift is at work."""
    for note in t.snapshot.notes:
        if note.closed is not None or note.kind is NoteKind.WATCH or not note.next_step:
            continue
        said = f"{note.id}: {note.next_step}"
        if note.promised_until is not None:
            time = t.time(note.promised_until)
            said = t.words.say("{what}, promised until {time}", what=said, time=time)
        yield Phrase(said, "crit" if note.kind is NoteKind.INCIDENT else "warn")


def _of_runs(t: Teller) -> Iterator[Phrase]:
    say = t.words.say
    for run in t.snapshot.runs:
        for question in run.questions:
            said = say("Answer run {run}: {question}", run=run.row.id, question=question.text)
            yield Phrase(said, "warn")
        for what in run.unknown:
            said = say("Find out what run {run} did: {what}", run=run.row.id, what=what)
            yield Phrase(said, "unk")


def _of_problems(t: Teller) -> Iterator[Phrase]:
    for each in t.roots:
        # Who owns it by the handover before this one need not be at work on it.
        if each.severity is Severity.CRITICAL and (not each.owner or each.until is None):
            said = t.words.say("Take on {where}: {what}", where=each.where, what=each.what)
            yield Phrase(said, "crit")


def _of_budgets(t: Teller) -> Iterator[Phrase]:
    unproven: list[str] = []
    for service in t.snapshot.services:
        budget = service.budget
        if budget is None:
            continue
        if budget.verdict == "breached":
            said = t.words.say(
                "Tell who was promised {service}: its month is breached", service=t.name(service)
            )
            yield Phrase(said, "crit")
        elif budget.verdict == "not provable":
            unproven.append(t.name(service))
    if unproven:
        names = t.words.say(", ").join(unproven[:_MOST_NAMES])
        more = len(unproven) - _MOST_NAMES
        if more > 0:
            names = t.words.say("{names} and {count:,} more", names=names, count=more)
        said = t.words.say("Find out how these were while nobody saw them: {names}", names=names)
        yield Phrase(said, "unk")


def _of_hosts(t: Teller) -> Iterator[Phrase]:
    for host in t.snapshot.hosts:
        if host.state == "untrusted":
            said = t.words.say(
                "Find out why the key of {host} is another: {why}", host=host.name, why=host.why
            )
            yield Phrase(said, "unk")


def _of_certificates(t: Teller) -> Iterator[Phrase]:
    seen_at = t.snapshot.seen_at
    for row in t.snapshot.certificates:
        left = row.left_ms(seen_at)
        if left is not None and left <= SOON_MS:
            said = t.words.say(
                "Renew {name} on {host}: it ends {time}",
                name=row.name,
                host=row.host,
                time=t.time(row.not_after),
            )
            yield Phrase(said, "crit" if left <= 0 else "warn")


def _of_readiness(t: Teller) -> Iterator[Phrase]:
    for row in t.snapshot.readiness:
        stops = row.of(Bearing.STOPS)
        if row.verdict is Verdict.NOT_READY and stops:
            said = t.words.say(
                "Make {service} ready to fail over: {why}",
                service=t.name(row),
                why=finding_words(stops[0]),
            )
            yield Phrase(said, "warn")
