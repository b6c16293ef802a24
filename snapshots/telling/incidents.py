"""Section 3: what people noted, and everything that is wrong: whose it is, and until when."""

from __future__ import annotations

from collections.abc import Iterator

from estate.document import Problem, Severity
from estate.handover import Note, NoteKind
from snapshots.page import Block, Facts, Heading, Phrase, table
from snapshots.snapshot import Kind
from snapshots.telling import figures
from snapshots.telling.teller import Teller

_MOST_ROWS = 60
#: Of a reason; `twinwatch problems` has it whole, with its remedy.
_LONGEST_WHY = 110


def tell_incidents(t: Teller) -> tuple[Block, ...]:
    """Open incidents and notes in people's words, then problems by their roots."""
    noted, wrong = tuple(_noted(t)), _problems(t)
    if not noted and not wrong:
        return ()
    return (*noted, Heading(Phrase(t.words.say("What is wrong"))), wrong or t.none())


def _noted(t: Teller) -> Iterator[Block]:
    """Each incident as its facts, for they are read one by one; so is a note that somebody said
    more of than a row bears. All others are a table."""
    say = t.words.say
    told = [each for each in t.snapshot.notes if each.closed is None or _is_report(t)]
    for note in told:
        if note.kind is NoteKind.INCIDENT:
            yield Heading(Phrase(say("Incident {id}: {text}", id=note.id, text=note.text)))
            yield Facts(tuple(_facts(t, note)))
    for note in told:
        if note.kind is not NoteKind.INCIDENT and _says_more(note):
            yield Heading(Phrase(say("Note {id}: {text}", id=note.id, text=note.text)))
            yield Facts(tuple(_facts(t, note)))
    # What is on the watch list has a section of its own, but for a report.
    kinds = (NoteKind.NOTE, NoteKind.WATCH) if _is_report(t) else (NoteKind.NOTE,)
    notes = [each for each in told if each.kind in kinds and not _says_more(each)]
    if notes:
        yield Heading(Phrase(say("Notes")))
        titles = (say("note"), say("severity"), say("what"), say("next step"), say("owner"),
                  say("promised until"), say("call"), say("noted by"), say("age"))  # fmt: skip
        yield table(titles, [_note(t, each) for each in notes], right="        >")


def _is_report(t: Teller) -> bool:
    """Whether what was closed is told of too: of a time that is over, all that stood in it."""
    return t.snapshot.kind is Kind.REPORT


def _says_more(note: Note) -> bool:
    return bool(note.tenants or note.hypothesis or note.tried or note.closed)


def _facts(t: Teller, note: Note) -> Iterator[tuple[Phrase, Phrase]]:
    """Names and values of a note; what nobody said is said to be so where it matters."""
    say = t.words.say
    tenants = say(", ").join(note.tenants)
    opened = say("{time} by {person}", time=t.time(note.at), person=note.by)
    nobody = Phrase(say("nobody"), "warn")
    yield Phrase(say("severity"), "dim"), _severity(t, note)
    yield Phrase(say("opened"), "dim"), Phrase(opened)
    yield Phrase(say("tenants"), "dim"), Phrase(tenants or figures.NONE)
    yield Phrase(say("hypothesis"), "dim"), Phrase(note.hypothesis or figures.NONE)
    yield Phrase(say("tried"), "dim"), Phrase(note.tried or figures.NONE)
    yield Phrase(say("next step"), "dim"), Phrase(note.next_step or figures.NONE, "strong")
    yield Phrase(say("owner"), "dim"), Phrase(note.owner) if note.owner else nobody
    yield Phrase(say("promised until"), "dim"), _promised(t, note)
    yield Phrase(say("call"), "dim"), Phrase(note.call or figures.NONE)
    if note.closed is not None:
        closed = say("{time} by {person}: {why}", time=t.time(note.closed.at),
                     person=note.closed.by, why=note.closed.why)  # fmt: skip
        yield Phrase(say("closed"), "dim"), Phrase(closed, "good")


def _severity(t: Teller, note: Note) -> Phrase:
    return t.severity(
        next((each for each in Severity if each.value == note.severity), Severity.UNKNOWN)
    )


def _note(t: Teller, note: Note) -> tuple[Phrase, ...]:
    return (
        Phrase(note.id, "strong"),
        _severity(t, note),
        Phrase(note.text),
        Phrase(note.next_step),
        Phrase(note.owner),
        _promised(t, note),
        Phrase(note.call),
        Phrase(note.by, "dim"),
        Phrase(t.span(max(0, t.snapshot.made_at - note.at)), "dim"),
    )


def _promised(t: Teller, note: Note) -> Phrase:
    if note.promised_until is None:
        return Phrase(figures.NONE, "dim")
    late = note.promised_until <= t.snapshot.made_at and t.is_open(note)
    return Phrase(t.time(note.promised_until), "crit" if late else "")


def _problems(t: Teller) -> Block | None:
    """Problems by their roots, the worst first, with owner and consequence."""
    roots = t.roots
    if not roots:
        return None
    say = t.words.say
    more = len(roots) - _MOST_ROWS
    titles = (say("severity"), say("where"), say("what"), say("why"), say("age"),
              say("behind it"), say("owner"), say("until"))  # fmt: skip
    return table(
        titles,
        [_row(t, each) for each in roots[:_MOST_ROWS]],
        right="    >>  ",
        more=say("and {count:,} more", count=more) if more > 0 else "",
    )


def _row(t: Teller, root: Problem) -> tuple[Phrase, ...]:
    behind = t.follows(root)
    return (
        t.severity(root.severity),
        Phrase(root.where, "strong"),
        Phrase(root.what),
        Phrase(_begin(t.why(root.why)), "dim"),
        Phrase(t.age(root.since)),
        Phrase(figures.count(behind) if behind else "", "dim"),
        Phrase(root.owner or t.words.say("nobody"), "" if root.owner else "warn"),
        Phrase(t.time(root.until) if root.until is not None else ""),
    )


def _begin(why: str) -> str:
    return why if len(why) <= _LONGEST_WHY else f"{why[: _LONGEST_WHY - 1]}…"
