"""What the board says: the words of problems and events.

A problem says what is wrong with the figure beside its threshold, then what happens if nobody
acts. Percentages are rounded down, thousands have commas, times are clock times of the estate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isfinite
from zoneinfo import ZoneInfo

from estate.document import Problem
from estate.language import later
from estate.model import Maintenance
from estate.samples import Cause, Reach
from estate.told import Told, told

#: The state word of a host that is not live, for the glyph.
_GLYPHS: Mapping[Reach, str] = {
    Reach.LATE: "stale",
    Reach.UNREACHABLE: "unreachable",
    Reach.REFUSED: "refused",
    Reach.UNTRUSTED: "untrusted",
    Reach.FROZEN: "frozen",
}


# --- figures ------------------------------------------------------------------------------------


def duration(seconds: float) -> str:
    """`8:32`, from an hour `2 h 03`, from a day `6 d`."""
    whole = int(seconds)
    if whole >= 86_400:
        return f"{whole // 86_400} d"
    if whole >= 3_600:
        return f"{whole // 3_600} h {whole % 3_600 // 60:02}"
    return f"{whole // 60}:{whole % 60:02}"


def remaining(seconds: float) -> str:
    """How long is left, in words: `48 s`, `17 min`, `2 h 31`, `6 d`."""
    if seconds < 60:
        return f"{int(seconds)} s"
    return f"{int(seconds) // 60} min" if seconds < 3_600 else duration(seconds)


def clock(at: int, timezone: str) -> str:
    """A moment as the estate's wall clock: `02:58:35`."""
    return datetime.fromtimestamp(at / 1000, ZoneInfo(timezone)).strftime("%H:%M:%S")


def figure(value: float, unit: str) -> str:
    """A number with its unit, as short as it stays true; `?` where it is not known."""
    if not isfinite(value):
        return "?"
    if unit == "%":
        return f"{int(value)}%"
    if unit == "s":
        return remaining(value)
    if unit in ("B", "B/s"):
        return f"{_scaled(value)}{unit}"
    number = f"{int(value):,}" if value >= 100 or value == int(value) else f"{value:.1f}"
    return f"{number} {unit}" if unit == "ms" else f"{number}{unit}"


def figure_unlike(value: float, other: float, unit: str) -> str:
    """`value` as `figure` says it, or exact enough to read as another than `other`, if it is one:
    95% is not over 95%."""
    said = figure(value, unit)
    alike = said == figure(other, unit) and value != other and isfinite(value)
    if not alike or unit in ("s", "B", "B/s"):
        return said
    for digits in (1, 2, 3):
        exact = f"{value:,.{digits}f}"
        if exact != f"{other:,.{digits}f}":
            return f"{exact} {unit}" if unit == "ms" else f"{exact}{unit}"
    return said


def _scaled(value: float) -> str:
    prefixes = iter(("", "k", "M", "G"))
    prefix = next(prefixes)
    while abs(value) >= 1000:
        value /= 1000
        prefix = next(prefixes, "T")
        if prefix == "T":
            break
    return f"{value:,.1f} {prefix}" if value < 10 and prefix else f"{int(value):,} {prefix}"


# --- problems of reach --------------------------------------------------------------------------


def reach_words(reach: Reach, cause: Cause | None, at: int | None, timezone: str) -> str:
    """Why a host is not live, in a clause; `at` is its last sample."""
    said = cause.what if cause else told("no reason known")
    if reach is Reach.LATE:
        seen = clock(at, timezone) if at is not None else told("never")
        return told("stale: last sample {time}", time=seen)
    if reach is Reach.UNTRUSTED or said.startswith(reach.value[:-1]):  # it "refuses our keys"
        return said
    if reach is Reach.UNREACHABLE:
        if at is not None:
            return told("lost: {why}", why=said)
        return told("unreachable: {why}", why=said)
    return told("{state}: {why}", state=Told(reach.value, {}), why=said)


def reach_glyph(reach: Reach, at: int | None) -> str:
    """The state word behind the glyph of a host that is not live."""
    return "lost" if reach is Reach.UNREACHABLE and at is not None else _GLYPHS[reach]


def last_seen(at: int, values: Mapping[str, float], timezone: str) -> str:
    """The last good facts about a host that is gone: `seen 02:58:35, load 0.4, memory 31%`."""
    parts = {"time": clock(at, timezone)}
    if "load1" in values:
        parts["load"] = f"{values['load1']:.1f}"
    if "mem" in values:
        parts["percent"] = str(int(values["mem"]))
    return Told(_SEEN["load" in parts, "percent" in parts], parts)


#: By whether load and memory are known. Said of every lost host at every step, so in one piece.
_SEEN = {
    (False, False): later("seen {time}"),
    (True, False): later("seen {time}, load {load}"),
    (False, True): later("seen {time}, memory {percent}%"),
    (True, True): later("seen {time}, load {load}, memory {percent}%"),
}


def listed(parts: Sequence[str]) -> str:
    """Clauses side by side; one at the least."""
    said = parts[0]
    for part in parts[1:]:
        said = told("{clauses}, {clause}", clauses=said, clause=part)
    return said


def sentences(parts: Sequence[str]) -> str:
    """What is not empty of `parts`, a sentence each, one after the other."""
    said, *others = [part for part in parts if part] or [""]
    for part in others:
        said = told("{sentences}. {sentence}", sentences=said, sentence=part)
    return said


# --- events -------------------------------------------------------------------------------------


def cleared(problem: Problem, began: int | None, now: int) -> str:
    """A problem is over that `began` at a time of the clock of `now`, None where nobody knows."""
    if began is None:
        return told("cleared: {what}", what=problem.what)
    lasted = duration((now - began) / 1000)
    return told("cleared after {time}: {what}", time=lasted, what=problem.what)


def rebooted(uptime_seconds: float) -> str:
    """A host has been up for less than it was before."""
    return told("rebooted, up for {time}", time=remaining(uptime_seconds))


def escalated(problem: Problem) -> str:
    """A problem got worse."""
    severity = Told(problem.severity.value, {})
    return told("now {severity}: {what}", severity=severity, what=problem.what)


def fold_risen(fold: Problem) -> str:
    """The same trouble came up on several hosts."""
    return told("{what}: {hosts}", what=fold.what, hosts=some([*fold.hosts]))


def fold_dissolved(left: Problem) -> str:
    """Of the same trouble on several hosts one is left."""
    return told("now only {where}: {what}", where=left.where, what=left.what)


def planned(window: Maintenance, timezone: str) -> str:
    """Planned work on a host that is otherwise well."""
    until = datetime.fromtimestamp(window.ends / 1000, ZoneInfo(timezone)).strftime("%H:%M")
    if window.reason:
        return told("maintenance until {time}: {reason}", time=until, reason=window.reason)
    return told("maintenance until {time}", time=until)


def left_out(notes: Sequence[str]) -> str:
    """What the source of hosts names and the estate can't: the first, and how many more."""
    more = f" (and {len(notes) - 1} more: twinwatch doctor)" if len(notes) > 1 else ""
    return f"left out: {notes[0]}{more}"


def count(many: int, noun: str) -> str:
    """`1 host`, `12 hosts`."""
    return f"{many:,} {noun}" if many == 1 else f"{many:,} {noun}s"


def hosts(many: int) -> str:
    """As `count`, in any language."""
    return told("1 host") if many == 1 else told("{count} hosts", count=f"{many:,}")


def some(names: Sequence[str], most: int = 8) -> str:
    """A few names, and how many more there are."""
    first = " ".join(names[:most])
    if len(names) <= most:
        return first
    return told("{names} and {count} more", names=first, count=f"{len(names) - most:,}")
