"""Queues in words: one a line, the worst first; a line makes sense when it is read alone."""

from __future__ import annotations

from estate.language import later
from estate.queues import QueueRow
from tui.paint import numbers, queuewords
from tui.paint.view import View


def queues(view: View, *, everything: bool) -> list[str]:
    """Every queue, or only those in trouble, under a line that counts them; none where none is."""
    rows = [row for row in queuewords.ordered(view) if everything or queuewords.loud(row)]
    say = view.words.say
    if not rows:
        return [say("Queues: none.")] if everything else []
    title = later("Queues: {count:,}") if everything else later("Queues in trouble: {count:,}")
    return [say(title, count=len(rows)), *(_queue(view, row) for row in rows)]


def _queue(view: View, row: QueueRow) -> str:
    say = view.words.say
    state = "" if row.state == "ok" else f"{say(row.state)}: "
    if row.depth is None:
        return f"{state}{row.name}: {queuewords.outlook(row, view.words)}"
    depth = f"{row.depth:,}"
    waits = later("at least {depth} wait") if row.at_least else later("{depth} wait")
    parts = [f"{state}{row.name}: {say(waits, depth=depth)}"]
    if row.oldest_seconds is not None:
        parts.append(say("oldest {age}", age=numbers.duration(row.oldest_seconds)))
    if row.trend:
        moves = say("{change} a minute", change=queuewords.change(row))
        parts.append(f"{moves}, {queuewords.outlook(row, view.words, read_out=True)}")
    elif row.full_in_seconds is not None:
        parts.append(queuewords.outlook(row, view.words, read_out=True))
    parts += [view.words.retold(row.why)] if row.why else []
    return "; ".join(parts)
