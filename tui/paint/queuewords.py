"""What is said of queues: their names, what becomes of them, how many are in which trouble."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from estate.language import Words, later
from estate.queues import QueueRow
from tui.paint import glyphs, numbers
from tui.paint.glyphs import Glyph
from tui.paint.matching import queue_test
from tui.paint.states import current
from tui.paint.view import View

_STATES: dict[str, tuple[Glyph, str]] = {
    "critical": (glyphs.CAUSE, "crit"),
    "warning": (glyphs.WARNING, "warn"),
    "unknown": (glyphs.UNKNOWN, "unk"),
    "ok": (glyphs.OK, "dim"),
}
_RANK = {"critical": 0, "warning": 1, "unknown": 2}

#: The charts' spans, as they are chosen.
SPANS = (("1h", "1 h"), ("24h", "24 h"), ("7d", "7 d"))

TRENDS = {"rising": later("rising"), "falling": later("falling"), "steady": later("steady")}


def key(row: QueueRow) -> str:
    """The row's key for the cursor."""
    return f"queue:{row.key}"


def glyph(row: QueueRow) -> Glyph:
    """How it is, in one cell."""
    return _STATES.get(row.state, _STATES["unknown"])[0]


def role(row: QueueRow) -> str:
    """The role of what is loud about it."""
    return _STATES.get(row.state, _STATES["unknown"])[1]


def loud(row: QueueRow) -> bool:
    """Whether it needs a look."""
    return row.state in _RANK


def ordered(view: View) -> list[QueueRow]:
    """The worst first, else as the estate declares them; only those that are asked for."""
    rows = view.document.queues
    if view.screen == "queues":  # elsewhere the filter is of something else
        rows = tuple(filter(queue_test(view), rows))
    if view.attention.faults_only:
        rows = tuple(filter(loud, rows))
    return sorted(rows, key=lambda row: _RANK.get(row.state, 3))


def depth(row: QueueRow) -> str:
    """What waits; more than that where hosts are missing."""
    if row.depth is None:
        return numbers.UNKNOWN
    return f"{'≥' if row.at_least else ''}{row.depth:,}"


def oldest(row: QueueRow) -> str:
    """How long the oldest has waited; nothing where nothing waits or nobody tells."""
    if row.oldest_seconds is None:
        return numbers.NONE if row.depth is not None else numbers.UNKNOWN
    return numbers.duration(row.oldest_seconds)


def change(row: QueueRow) -> str:
    """By how much it changes in a minute, with its sign."""
    if row.net_per_minute is None:
        return numbers.NONE
    whole = round(row.net_per_minute)
    return f"{whole:+,}".replace("-", "−") if whole else "0"


def outlook(row: QueueRow, words: Words, *, read_out: bool = False) -> str:
    """What becomes of it, or why nobody can tell; in words alone where it is read out."""
    if row.depth is None:
        return words.retold(row.why) or words.say("unknown")
    if row.full_in_seconds is not None:
        return _full(row, row.full_in_seconds, words, read_out)
    if row.empty_in_seconds is not None and row.depth:
        return words.say("empty in {time}", time=numbers.remaining(row.empty_in_seconds))
    if row.depth == 0 and not row.at_least and row.trend in ("steady", "falling"):
        return words.say("empty")
    return words.say(TRENDS[row.trend]) if row.trend in TRENDS else numbers.NONE


def _full(row: QueueRow, seconds: float, words: Words, read_out: bool) -> str:
    if not seconds:
        return words.say("full")
    time = numbers.remaining(seconds)
    if row.at_least and read_out:
        return words.say("full in {time} at most", time=time)
    if row.at_least:  # those who are missing may hold more
        return words.say("full ≤ {time}", time=time)
    return words.say("full in {time}", time=time)


def outlook_role(row: QueueRow) -> str:
    """The role of those words: of its state, where it fills or is not known."""
    if row.depth is None:
        return "unk"
    if row.full_in_seconds is not None and loud(row):
        return f"{role(row)} b"
    return "text" if row.trend == "rising" else "dim"


def believed(view: View, row: QueueRow, plain: str) -> str:
    """The role of a figure: unk where the board is old."""
    return plain if current(view) and row.depth is not None else "unk"


def note(rows: Sequence[QueueRow], words: Words, room: int) -> str:
    """How many there are, and what of them is not well: "26 · 1 critical, 3 rising".

    In `room` cells, the worst first; what has no room is left out.
    """
    if not rows:
        return ""
    parts = [
        words.say("{count:,} critical", count=count)
        if state == "critical"
        else words.say("{count:,} unknown", count=count)
        for state in ("critical", "unknown")
        if (count := sum(row.state == state for row in rows))
    ]
    if rising := sum(row.trend == "rising" for row in rows):
        parts.append(words.say("{count:,} rising", count=rising))
    if not parts and all(row.trend == "steady" for row in rows):
        parts.append(words.say("all steady"))
    for most in range(len(parts), 0, -1):
        told = f"{len(rows):,} · {', '.join(parts[:most])}"
        if cell_len(told) <= room:
            return told
    return f"{len(rows):,}"
