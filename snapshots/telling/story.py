"""After the sections: what happened, the newest first, as far as a page bears it."""

from __future__ import annotations

from estate.document import Event, Severity
from snapshots.page import Block, Paragraph, Phrase, table
from snapshots.telling.teller import Teller

#: Of events that somebody should know, then of all others.
_MOST_LOUD, _MOST_QUIET = 60, 20


def tell_story(t: Teller) -> tuple[Block, ...]:
    """Events of the period; those that were good news give way to the others."""
    events = t.snapshot.events
    if not events:
        return ()
    loud = [each for each in events if each.severity is not Severity.OK][:_MOST_LOUD]
    quiet = [each for each in events if each.severity is Severity.OK][:_MOST_QUIET]
    shown = sorted((*loud, *quiet), key=lambda each: each.id, reverse=True)
    say = t.words.say
    titles = (say("time"), say("severity"), say("where"), say("what"))
    blocks: list[Block] = [table(titles, [_row(t, each) for each in shown])]
    if left := len(events) - len(shown) + t.snapshot.events_left_out:
        said = say("{count:,} more events are not shown; twinwatch events has them all", count=left)
        blocks.append(Paragraph(Phrase(said, "dim")))
    return tuple(blocks)


def _row(t: Teller, event: Event) -> tuple[Phrase, ...]:
    return (
        Phrase(t.time(event.at), "dim"),
        t.severity(event.severity),
        Phrase(event.where, "strong"),
        Phrase(event.what),
    )
