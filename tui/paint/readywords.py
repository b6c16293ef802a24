"""Words, glyphs and figures of readiness, the same on screens and in tables."""

from __future__ import annotations

from collections.abc import Mapping

from estate.language import Words, later
from estate.readiness import Bearing, FindingRow, ReadinessRow, Verdict
from tui.paint import glyphs, numbers
from tui.paint.glyphs import Glyph

#: Verdicts as they are said.
VERDICTS: Mapping[Verdict, str] = {
    Verdict.READY: later("ready"),
    Verdict.NOT_READY: later("not ready"),
    Verdict.NOT_KNOWN: later("not known"),
}
VERDICT_ROLES: Mapping[Verdict, str] = {
    Verdict.READY: "good",
    Verdict.NOT_READY: "crit b",
    Verdict.NOT_KNOWN: "unk b",
}
VERDICT_GLYPHS: Mapping[Verdict, Glyph] = {
    Verdict.READY: glyphs.DONE,
    Verdict.NOT_READY: glyphs.CAUSE,
    Verdict.NOT_KNOWN: glyphs.UNKNOWN,
}
BEARING_GLYPHS: Mapping[Bearing, Glyph] = {
    Bearing.STOPS: glyphs.CAUSE,
    Bearing.UNKNOWN: glyphs.UNKNOWN,
    Bearing.NOTE: glyphs.WARNING,
    Bearing.PASSES: glyphs.DONE,
}
BEARINGS: Mapping[Bearing, str] = {
    Bearing.STOPS: later("stops it"),
    Bearing.UNKNOWN: later("not known"),
    Bearing.NOTE: later("to know"),
    Bearing.PASSES: later("passes"),
}
#: Who says something, where it is no host's name.
SOURCES = (
    *(later("hosts"), later("plan"), later("runs"), later("ledger"), later("watch")),
    *(later("estate"), later("packages"), later("replication"), later("configuration")),
)
_WORST = (Verdict.NOT_READY, Verdict.NOT_KNOWN, Verdict.READY)


def called(row: ReadinessRow, words: Words) -> str:
    """What the service is called in the person's language."""
    return row.names.get(words.language) or row.name


def verdict(row: ReadinessRow, words: Words) -> str:
    """The verdict; what an approver could still pass over is said with it."""
    if waivers(row):
        return words.say_many("{count:,} waiver", "{count:,} waivers", waivers(row))
    return words.say(VERDICTS[row.verdict])


def waivers(row: ReadinessRow) -> int:
    """How many findings an approver would have to waive; 0 where that alone would not do."""
    against = row.against
    return len(against) if all(each.waivable for each in against) else 0


def worst_first(rows: tuple[ReadinessRow, ...]) -> list[ReadinessRow]:
    """Services that are not ready, those of which nobody knows, and the others."""
    return sorted(rows, key=lambda row: _WORST.index(row.verdict))


def span(milliseconds: int | None) -> str:
    """A predicted or a measured time."""
    return numbers.NONE if milliseconds is None else numbers.duration(milliseconds / 1000)


def source(each: FindingRow, words: Words) -> str:
    """Who said it."""
    return words.say(each.source) if each.source in SOURCES else each.source


def why(each: FindingRow, words: Words) -> str:
    """A finding in one line."""
    asked, said = words.retold(each.asked), words.retold(each.said)
    return words.say("{asked}: {said}", asked=asked, said=said) if said else asked


def in_short(row: ReadinessRow, words: Words) -> str:
    """Why not, or how many checks passed."""
    if row.against:
        return why(row.against[0], words)
    total = len(row.findings)
    return words.say("{passed:,} of {total:,} checks pass", passed=row.passed, total=total)
