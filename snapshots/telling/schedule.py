"""Of a report: which shifts there were in its time, and which planned work, as they were then."""

from __future__ import annotations

from collections.abc import Sequence

from estate.model import Shift
from snapshots.page import Block, Heading, Phrase, table
from snapshots.snapshot import Rota, Work
from snapshots.telling import figures
from snapshots.telling.teller import Teller

_MOST_ROWS = 40


def tell_schedule(t: Teller) -> tuple[Block, ...]:
    """The shifts, from when to when they held; planned work, and when it was declared late."""
    say = t.words.say
    return (
        Heading(Phrase(say("Shifts"))),
        _rotas(t, t.snapshot.rotas),
        Heading(Phrase(say("Planned work of that time"))),
        _windows(t, t.snapshot.work),
    )


def _rotas(t: Teller, rotas: Sequence[Rota]) -> Block:
    if not rotas:
        return t.none()
    titles = (t.words.say("from"), t.words.say("to"), t.words.say("shifts"), t.words.say("remark"))
    return table(titles, [_rota(t, each) for each in rotas[-_MOST_ROWS:]], more=_more(t, rotas))


def _windows(t: Teller, work: Sequence[Work]) -> Block:
    if not work:
        return t.none()
    say = t.words.say
    titles = (say("from"), say("to"), say("where"), say("why"), say("owner"), say("remark"))
    return table(titles, [_work(t, each) for each in work[:_MOST_ROWS]], more=_more(t, work))


def _more(t: Teller, rows: Sequence[object]) -> str:
    more = len(rows) - _MOST_ROWS
    return t.words.say("and {count:,} more", count=more) if more > 0 else ""


def _rota(t: Teller, rota: Rota) -> tuple[Phrase, ...]:
    said = t.words.say(", ").join(_hours(each) for each in rota.shifts)
    if not said:
        said = t.words.say("none: the estate names no shifts")
    elif rota.timezone != t.snapshot.timezone:
        said = f"{said} ({rota.timezone})"
    return (
        Phrase(t.time(rota.starts)),
        Phrase(t.time(rota.ends)),
        Phrase(said, "strong" if rota.shifts else "dim"),
        _recorded(t, rota.recorded),
    )


def _hours(shift: Shift) -> str:
    """A shift as the estate's file has it: "night 20:00-08:00"."""
    starts, ends = (f"{each // 60:02}:{each % 60:02}" for each in (shift.starts, shift.ends))
    return f"{shift.name} {starts}-{ends}"


def _work(t: Teller, work: Work) -> tuple[Phrase, ...]:
    return (
        Phrase(t.time(work.starts)),
        Phrase(t.time(work.ends)),
        Phrase(work.where, "strong"),
        Phrase(work.reason),
        Phrase(work.owner or figures.NONE),
        _remark(t, work),
    )


def _remark(t: Teller, work: Work) -> Phrase:
    """When the estate began to name it, and when it was taken out, where that was in the period."""
    said = []
    if work.declared_at is not None:
        said.append(t.words.say("declared {time}", time=t.time(work.declared_at)))
    if work.withdrawn_at is not None:
        said.append(t.words.say("withdrawn {time}", time=t.time(work.withdrawn_at)))
    if not said:
        return _recorded(t, work.recorded)
    if not work.recorded:
        said.append(_recorded(t, recorded=False).text)
    return Phrase(" · ".join(said), "warn")


def _recorded(t: Teller, recorded: bool) -> Phrase:
    return Phrase("") if recorded else Phrase(t.words.say("not on record of then"), "unk")
