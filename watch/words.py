"""What the board says: the words of problems and events.

A problem says what is wrong with the figure beside its threshold, then what happens if nobody
acts. Percentages are rounded down, thousands have commas, times are clock times of the estate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from math import isfinite, isnan
from zoneinfo import ZoneInfo

from estate.document import Problem, Severity
from estate.model import Maintenance
from estate.samples import Cause, Reach
from estate.thresholds import JUDGED
from watch.judge import Finding
from watch.standing.words import SENTENCES, sentence, well_again

#: What follows if nobody acts, by metric.
_CONSEQUENCES: Mapping[str, str] = {
    "cpu": "work queues up and answers get slow",
    "cpu_user": "work queues up and answers get slow",
    "cpu_system": "the kernel is busy with itself: look for interrupts or swapping",
    "cpu_iowait": "processes stand still until the disk answers",
    "cpu_steal": "the hypervisor gives this core to others",
    "load1": "more work waits than is done",
    "load5": "more work waits than is done",
    "load15": "more work waits than is done",
    "load_per_core": "more work waits than is done",
    "mem": "when it is gone the kernel kills processes",
    "swap": "it moves memory to disk instead of working",
    "net_errors": "packets are lost and sent again",
    "disk_busy": "reads and writes wait in line",
    "disk": "writes fail when it is full",
    "inodes": "no new files when they are gone, however much space is left",
    "disk_full_in_seconds": "writes fail when it is full",
    "psi_cpu": "tasks wait for a core",
    "psi_memory": "tasks wait for memory: the killer is near",
    "psi_io": "tasks wait for the disk",
    "clock_offset_ms": "tickets and certificates fail, and logs do not line up",
    "unit_failed": "what it serves is off until someone starts it",
    "unit_inactive": "what it serves is off until someone starts it, or disables it",
}

#: What is said of one unit, and of several, by metric.
_UNIT_WORDS: Mapping[str, tuple[str, str]] = {
    "unit_failed": ("failed", "failed"),
    "unit_inactive": ("is enabled and not running", "are enabled and not running"),
}

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


def _scaled(value: float) -> str:
    prefixes = iter(("", "k", "M", "G"))
    prefix = next(prefixes)
    while abs(value) >= 1000:
        value /= 1000
        prefix = next(prefixes, "T")
        if prefix == "T":
            break
    return f"{value:,.1f} {prefix}" if value < 10 and prefix else f"{int(value):,} {prefix}"


# --- problems of figures ------------------------------------------------------------------------


def problem_of(host: str, site: str, finding: Finding) -> Problem:
    """A figure over its threshold, in words."""
    return Problem(
        id=f"{host}/{trouble(finding.metric, finding.subject)}",
        where=host,
        what=_standing(finding) if finding.metric in SENTENCES else _what(finding),
        why=_why(finding),
        severity=finding.severity,
        since=finding.since,
        kind=finding.metric,
        hosts=(host,),
        site=site,
        glyph=finding.severity.value,
    )


def not_measured_again(found: Problem, stood: Problem) -> Problem:
    """`found`, which nobody has measured since the restart, as it stood in the records."""
    yet = ", not measured again yet"
    return replace(found, what=stood.what.removesuffix(yet) + yet, why=stood.why)


def subject_of(problem: Problem) -> str:
    """What a problem of figures is about: a mount point, or "" for the host as a whole."""
    return problem.id.removeprefix(f"{problem.where}/{trouble(problem.kind, '')}")


def trouble(metric: str, subject: str) -> str:
    """A name for what is wrong on a host: `cpu`, `disk/var`.

    How full it is and when it will be are one trouble with one name, whichever came first.
    """
    return f"{'disk' if metric == 'disk_full_in_seconds' else metric}{subject}"


def alike(findings: Sequence[Finding], size: int) -> str:
    """The same trouble on several hosts of a group of `size`: `cpu 58–64% > 55% on 3 of 16 hosts`.

    The range is that of figures beyond their limits, and the limit is one that all of them passed.
    """
    return f"{_range(findings)} on {len(findings):,} of {count(size, 'host')}"


def _range(findings: Sequence[Finding]) -> str:
    names = sorted({name for each in findings for name in each.names})
    if names:
        return _units(findings[0].metric, names)
    if findings[0].metric in SENTENCES:
        known = [each for each in findings if not isnan(each.value)] or findings
        worst = (max if findings[0].above else min)(known, key=lambda each: each.value)
        return _standing(worst)
    space = [each for each in findings if each.metric != "disk_full_in_seconds"]
    like = space or findings
    beyond = sorted(each.value for each in like if _is_beyond(each))
    first = like[0]
    metric = JUDGED[first.metric]
    if not space:
        return f"{first.subject} {_between('full in ', beyond, 's') or 'was filling up'}"
    limits = [each.limit for each in like]
    limit = figure(min(limits) if first.above else max(limits), metric.unit)
    said = f"{_subject(first)} {_between('', beyond, metric.unit)}"
    if not beyond:
        return f"{said}was {'over' if first.above else 'under'} {limit}"
    said += f" {'>' if first.above else '<'} {limit}"
    ends = [each.full_in_seconds for each in like if each.full_in_seconds is not None]
    return f"{said}, first full in {remaining(min(ends))}" if ends else said


def _between(before: str, ordered: Sequence[float], unit: str) -> str:
    """`58–64%` of figures in order; "" where there are none."""
    if not ordered:
        return ""
    low, high = figure(ordered[0], unit), figure(ordered[-1], unit)
    if low == high:
        return f"{before}{low}"
    same = high.lstrip("-0123456789.,")
    if same and low.endswith(same):
        low = low.removesuffix(same)
    return f"{before}{low}–{high}"


def _what(finding: Finding) -> str:
    if finding.names:
        return _units(finding.metric, finding.names)
    if finding.metric == "disk_full_in_seconds":
        return f"{finding.subject} {_filling(finding.value)}"
    metric, subject = JUDGED[finding.metric], _subject(finding)
    if finding.metric in _UNIT_WORDS:
        return f"{subject}: {'now unknown' if isnan(finding.value) else 'none now'}"
    value, limit = figure(finding.value, metric.unit), figure(finding.limit, metric.unit)
    if isnan(finding.value):
        return f"{subject} was {'over' if finding.above else 'under'} {limit}, now unknown"
    if not _is_beyond(finding):
        return f"{subject} was {'over' if finding.above else 'under'} {limit}, now {value}"
    said = f"{subject} {value} {'>' if finding.above else '<'} {limit}"
    if finding.full_in_seconds is not None:
        said += f", full in {remaining(finding.full_in_seconds)}"
    return said


def _standing(finding: Finding) -> str:
    unit = JUDGED[finding.metric].unit
    beyond = isnan(finding.value) or _is_beyond(finding)
    say = sentence if beyond else well_again
    return say(finding.metric, finding.subject, finding.value, lambda value: figure(value, unit))


def _subject(finding: Finding) -> str:
    subject = finding.subject or JUDGED[finding.metric].title
    return f"{subject} inodes" if finding.metric == "inodes" and finding.subject else subject


def _is_beyond(finding: Finding) -> bool:
    if finding.above:
        return finding.value > finding.limit
    return finding.value < finding.limit


def _units(metric: str, names: Sequence[str]) -> str:
    short = [name.removesuffix(".service") for name in names]
    one, many = _UNIT_WORDS[metric]
    if len(short) == 1:
        return f"{short[0]} {one}"
    more = ", …" if len(short) > 3 else ""
    return f"{len(short)} units {many}: {', '.join(short[:3])}{more}"


def _filling(full_in: float) -> str:
    if isnan(full_in):
        return "was filling up, now unknown"
    return f"full in {remaining(full_in)}" if isfinite(full_in) else "was filling up, and stopped"


def _why(finding: Finding) -> str:
    if finding.metric in SENTENCES:
        return SENTENCES[finding.metric].follows
    follows = _CONSEQUENCES.get(finding.metric, "")
    if finding.percent_per_minute is not None and finding.percent_per_minute >= 0.05:
        return f"+{finding.percent_per_minute:.1f}%/min: {follows}"
    return follows


# --- problems of reach --------------------------------------------------------------------------


def reach_words(reach: Reach, cause: Cause | None, at: int | None, timezone: str) -> str:
    """Why a host is not live, in a clause; `at` is its last sample."""
    said = cause.what if cause else "no reason known"
    if reach is Reach.LATE:
        seen = clock(at, timezone) if at is not None else "never"
        return f"stale: last sample {seen}"
    if reach is Reach.UNTRUSTED or said.startswith(reach.value[:-1]):  # it "refuses our keys"
        return said
    if reach is Reach.UNREACHABLE:
        return f"lost: {said}" if at is not None else f"unreachable: {said}"
    return f"{reach.value}: {said}"


def reach_glyph(reach: Reach, at: int | None) -> str:
    """The state word behind the glyph of a host that is not live."""
    return "lost" if reach is Reach.UNREACHABLE and at is not None else _GLYPHS[reach]


def last_seen(at: int, values: Mapping[str, float], timezone: str) -> str:
    """The last good facts about a host that is gone: `seen 02:58:35, load 0.4, memory 31%`."""
    said = [f"seen {clock(at, timezone)}"]
    if "load1" in values:
        said.append(f"load {values['load1']:.1f}")
    if "mem" in values:
        said.append(f"memory {int(values['mem'])}%")
    return ", ".join(said)


# --- events -------------------------------------------------------------------------------------


def cleared(problem: Problem, now: int) -> str:
    """A problem is over."""
    return f"cleared after {duration((now - problem.since) / 1000)}: {problem.what}"


def rebooted(uptime_seconds: float) -> str:
    """A host has been up for less than it was before."""
    return f"rebooted, up for {remaining(uptime_seconds)}"


def escalated(problem: Problem) -> str:
    """A problem got worse."""
    worse = "critical" if problem.severity is Severity.CRITICAL else problem.severity.value
    return f"now {worse}: {problem.what}"


def fold_risen(fold: Problem) -> str:
    """The same trouble came up on several hosts."""
    return f"{fold.what}: {some([*fold.hosts])}"


def fold_dissolved(left: Problem) -> str:
    """Of the same trouble on several hosts one is left."""
    return f"now only {left.where}: {left.what}"


def planned(window: Maintenance, timezone: str) -> str:
    """Planned work on a host that is otherwise well."""
    until = datetime.fromtimestamp(window.ends / 1000, ZoneInfo(timezone)).strftime("%H:%M")
    return f"maintenance until {until}" + (f": {window.reason}" if window.reason else "")


def left_out(notes: Sequence[str]) -> str:
    """What the source of hosts names and the estate can't: the first, and how many more."""
    more = f" (and {len(notes) - 1} more: twinwatch doctor)" if len(notes) > 1 else ""
    return f"left out: {notes[0]}{more}"


def count(many: int, noun: str) -> str:
    """`1 host`, `12 hosts`."""
    return f"{many:,} {noun}" if many == 1 else f"{many:,} {noun}s"


def some(names: Sequence[str], most: int = 8) -> str:
    """A few names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return " ".join(names[:most]) + more
