"""Of a report: what happened, in the order in which it did, runs among the events."""

from __future__ import annotations

from collections.abc import Iterator

from estate.document import Severity
from snapshots.page import Block, Paragraph, Phrase, table
from snapshots.snapshot import Run
from snapshots.telling.runs import decisions_of, stated
from snapshots.telling.teller import Teller

#: Lines that a page bears; of more, good news gives way first.
_MOST = 200

_Line = tuple[int, Phrase, Phrase, Phrase]


def tell_chronicle(t: Teller) -> tuple[Block, ...]:
    """Every event of the time, the oldest first, and when runs began and ended."""
    events = t.snapshot.events
    loud = [each for each in events if each.severity is not Severity.OK]
    quiet = [each for each in events if each.severity is Severity.OK]
    shown = [*loud[:_MOST], *quiet[: max(0, _MOST - len(loud))]]
    lines: list[_Line] = [
        (each.at, t.severity(each.severity), Phrase(each.where, "strong"), Phrase(each.what))
        for each in sorted(shown, key=lambda each: each.id)
    ]
    lines += [line for run in t.snapshot.runs for line in _run(t, run)]
    if not lines:
        return ()
    lines.sort(key=lambda line: line[0])
    say = t.words.say
    rows = [(Phrase(t.clock_of_day(at), "dim"), *rest) for at, *rest in lines]
    blocks: list[Block] = [table((say("time"), say("severity"), say("where"), say("what")), rows)]
    if left := len(events) - len(shown) + t.snapshot.events_left_out:
        said = say("{count:,} more events are not shown; twinwatch events has them all", count=left)
        blocks.append(Paragraph(Phrase(said, "dim")))
    return tuple(blocks)


def _run(t: Teller, run: Run) -> Iterator[_Line]:
    row, say = run.row, t.words.say
    where = Phrase(row.id, "strong")
    if t.snapshot.starts <= row.started_at < t.snapshot.made_at:
        said = say("{person} begins {runbook}", person=row.by, runbook=row.title or row.runbook)
        yield row.started_at, Phrase(say("run"), "info"), where, Phrase(said)
    for decision, decided, about in decisions_of(t, run):
        if t.snapshot.starts <= decision.at:
            parts = (f"{decision.by}: {decided.text}", about, decision.why)
            what = Phrase(" · ".join(filter(None, parts)), decided.role)
            yield decision.at, Phrase(say("run"), "info"), where, what
    if row.ended_at is not None and t.snapshot.starts <= row.ended_at < t.snapshot.made_at:
        ended = stated(t, row)
        said = f"{ended.text}: {row.why}" if row.why else ended.text
        yield row.ended_at, Phrase(say("run"), "info"), where, Phrase(said, ended.role)
