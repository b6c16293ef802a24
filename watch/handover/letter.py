"""A handover as a letter: what is open in a few lines, and the whole document beside it. Pure."""

from __future__ import annotations

from estate.language import Words
from snapshots.difference import items_of
from snapshots.rendering import render
from snapshots.snapshot import Snapshot
from watch.notices.messages import Attachment, Message

#: Lines of items; the document has them all.
MOST_LINES = 30


def letter(made: Snapshot, words: Words) -> Message:
    """`made` in `words`, with its HTML attached."""
    say, items = words.say, [*items_of(made).values()]
    title = words.say_many(
        "{estate}: handover {handover}, {count:,} item is open",
        "{estate}: handover {handover}, {count:,} items are open",
        len(items),
        estate=made.estate,
        handover=made.id,
    )
    lines = [f"{each.where}: {words.retold(each.what)}" for each in items[:MOST_LINES]]
    if len(items) > MOST_LINES:
        lines.append(say("and {count:,} more", count=len(items) - MOST_LINES))
    lines.append(say("offered by {person}; to take it over: {command}",
                     person=made.by, command="twinwatch handover show"))  # fmt: skip
    page = render(made, "html", words)
    return Message(title, "\n".join(lines), Attachment(f"{made.id}.html", "text/html", page))
