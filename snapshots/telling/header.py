"""Section 1: whose report this is and of what time; and at its foot, by which document it can be
proven."""

from __future__ import annotations

from collections.abc import Iterator

from snapshots.page import Block, Facts, Phrase
from snapshots.snapshot import Turn
from snapshots.telling import figures
from snapshots.telling.teller import Teller

_DAY_MS = 86_400_000


def tell_header(t: Teller) -> tuple[Block, ...]:
    """From when to when, in local time and in UTC; who is on duty; which document it is."""
    say, snapshot = t.words.say, t.snapshot
    zone = snapshot.timezone
    pairs = [
        (say("estate"), snapshot.estate),
        (say("from"), _both(t, snapshot.starts)),
        (say("to"), _both(t, snapshot.made_at)),
        (say("period"), t.span(snapshot.made_at - snapshot.starts)),
        *_board(t),
        (say("on duty"), _on_duty(t)),
        (say("made by"), _made_by(t)),
        (say("report"), snapshot.id),
        (say("handover before"), _before(t)),
        (say("times"), say("of {zone}, unless another zone is named", zone=zone)),
    ]
    return (Facts(tuple((Phrase(name, "dim"), Phrase(said)) for name, said in pairs)),)


def _both(t: Teller, at: int) -> str:
    here = figures.full_moment(at, t.snapshot.timezone, t.words)
    universal = figures.full_moment(at, "UTC", t.words)
    return here if here == universal else f"{here} · {universal}"


def _board(t: Teller) -> Iterator[tuple[str, str]]:
    """Of which moment the board is, where it is one that was kept."""
    snapshot = t.snapshot
    if snapshot.board_at is not None:
        at, before = t.clock_of_day(snapshot.board_at), snapshot.made_at - snapshot.board_at
        said = t.words.say("of {time}, {span} before the end; how things stood is told as of then",
                           time=at, span=t.span(max(0, before)))  # fmt: skip
        yield t.words.say("board"), said


def _on_duty(t: Teller) -> str:
    say, duty, turns = t.words.say, t.snapshot.duty, t.snapshot.turns
    if turns:
        return say(", ").join(_turn(t, each) for each in turns)
    if not duty.now and not duty.next:
        return say("none: the estate names no shifts")
    now = duty.now or say("nobody")
    if not duty.next or duty.changes_at is None:
        return now
    at = t.time(duty.changes_at)
    return say("{now}; next is {next} at {time}", now=now, next=duty.next, time=at)


def _turn(t: Teller, turn: Turn) -> str:
    """Of a report: a shift, and from when to when where that is not all of the period."""
    if (turn.starts, turn.ends) == (t.snapshot.starts, t.snapshot.made_at):
        return turn.shift
    time = t.clock if t.snapshot.made_at - t.snapshot.starts < _DAY_MS else t.time
    return f"{turn.shift} {time(turn.starts)}-{time(turn.ends)}"


def _made_by(t: Teller) -> str:
    snapshot = t.snapshot
    made = f"twinwatch {snapshot.version}" + (f" @ {snapshot.watch}" if snapshot.watch else "")
    if not snapshot.by:
        return made
    return t.words.say("{watch}, asked by {person}", watch=made, person=snapshot.by)


def _before(t: Teller) -> str:
    before = t.snapshot.before
    if before is None:
        return t.words.say("none to compare with")
    made = figures.full_moment(before.made_at, t.snapshot.timezone, t.words)
    return f"{before.id} · {made}"


def colophon(t: Teller) -> Iterator[Phrase]:
    """By which hashes it is proven: its own, of the handover before, of the audit trail."""
    say, before = t.words.say, t.snapshot.before
    yield Phrase(say("Report {id}", id=t.snapshot.id))
    yield Phrase(f"sha256 {t.sha256}")
    if before is not None:
        yield Phrase(f"{say('handover before')}: {before.id} · sha256 {before.sha256}")
    audited = t.snapshot.audit_head or say("none: no audit trail is kept")
    yield Phrase(f"{say('audit head')}: {audited}")
