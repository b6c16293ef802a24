"""What the board says of figures beyond their limits: a problem's words, and those of many alike.

What is wrong with the figure stands beside its limit, then what happens if nobody acts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite, isnan

from estate.document import Problem
from estate.language import later
from estate.thresholds import JUDGED
from estate.told import Told, told
from watch import words
from watch.judge import Finding
from watch.standing.words import SENTENCES, sentence, well_again

#: What follows if nobody acts, by metric.
_CONSEQUENCES: Mapping[str, str] = {
    "cpu": told("work queues up and answers get slow"),
    "cpu_user": told("work queues up and answers get slow"),
    "cpu_system": told("the kernel is busy with itself: look for interrupts or swapping"),
    "cpu_iowait": told("processes stand still until the disk answers"),
    "cpu_steal": told("the hypervisor gives this core to others"),
    "load1": told("more work waits than is done"),
    "load5": told("more work waits than is done"),
    "load15": told("more work waits than is done"),
    "load_per_core": told("more work waits than is done"),
    "mem": told("when it is gone the kernel kills processes"),
    "swap": told("it moves memory to disk instead of working"),
    "net_errors": told("packets are lost and sent again"),
    "disk_busy": told("reads and writes wait in line"),
    "disk": told("writes fail when it is full"),
    "inodes": told("no new files when they are gone, however much space is left"),
    "disk_full_in_seconds": told("writes fail when it is full"),
    "psi_cpu": told("tasks wait for a core"),
    "psi_memory": told("tasks wait for memory: the killer is near"),
    "psi_io": told("tasks wait for the disk"),
    "clock_offset_ms": told("tickets and certificates fail, and logs do not line up"),
    "unit_failed": told("what it serves is off until someone starts it"),
    "unit_inactive": told("what it serves is off until someone starts it, or disables it"),
}

#: What is said of one unit, and of several, by metric.
_UNIT_WORDS: Mapping[str, tuple[str, str]] = {
    "unit_failed": (later("{unit} failed"), later("{count} units failed: {units}")),
    "unit_inactive": (
        later("{unit} is enabled and not running"),
        later("{count} units are enabled and not running: {units}"),
    ),
}
#: Characters of a unit's name where it stands among others; systemd allows 255.
_UNIT_CHARACTERS = 28


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
    before = stood.what
    if isinstance(before, Told) and before.said == _NOT_AGAIN:
        before = before.parts["what"]
    what = before.removesuffix(_YET) if not isinstance(before, Told) else before
    return replace(found, what=Told(_NOT_AGAIN, {"what": what}), why=stood.why)


#: A text of the records that does not know how it was said ends so.
_YET = ", not measured again yet"
_NOT_AGAIN = later("{what}, not measured again yet")


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
    many = f"{len(findings):,}"
    return told(
        "{what} on {many} of {hosts}", what=_range(findings), many=many, hosts=words.hosts(size)
    )


def _range(findings: Sequence[Finding]) -> str:
    names = sorted({name for each in findings for name in each.names})
    if names:
        return _units(findings[0].metric, names)
    if findings[0].metric in SENTENCES:
        known = [each for each in findings if not isnan(each.value)] or findings
        worst = (max if findings[0].above else min)(known, key=lambda each: each.value)
        return _standing(worst)
    space = [each for each in findings if each.metric != "disk_full_in_seconds"]
    return _figures(space) if space else _fillings(findings)


def _fillings(findings: Sequence[Finding]) -> str:
    """How soon the first and the last of several file systems are full."""
    mount = findings[0].subject
    beyond = sorted(each.value for each in findings if _is_beyond(each))
    if not beyond:
        return told("{mount} was filling up", mount=mount)
    return told("{mount} full in {time}", mount=mount, time=_between(beyond, "s"))


def _figures(like: Sequence[Finding]) -> str:
    """The range of those that are beyond their limits, and the limit that all of them passed."""
    beyond = sorted(each.value for each in like if _is_beyond(each))
    first = like[0]
    metric = JUDGED[first.metric]
    limits = [each.limit for each in like]
    limit = words.figure(min(limits) if first.above else max(limits), metric.unit)
    subject = _subject(first)
    if not beyond:
        return _was_beyond(subject, limit, first.above)
    between = _between(beyond, metric.unit)
    if between == limit:
        between = words.figure_unlike(beyond[-1 if first.above else 0], first.limit, metric.unit)
    said = _beyond(subject, between, limit, first.above)
    ends = [each.full_in_seconds for each in like if each.full_in_seconds is not None]
    if not ends:
        return said
    return told("{what}, first full in {time}", what=said, time=words.remaining(min(ends)))


def _beyond(subject: str, value: str, limit: str, above: bool) -> str:
    if above:
        return told("{subject} {value} > {limit}", subject=subject, value=value, limit=limit)
    return told("{subject} {value} < {limit}", subject=subject, value=value, limit=limit)


def _was_beyond(subject: str, limit: str, above: bool) -> str:
    if above:
        return told("{subject} was over {limit}", subject=subject, limit=limit)
    return told("{subject} was under {limit}", subject=subject, limit=limit)


def _between(ordered: Sequence[float], unit: str) -> str:
    """`58–64%` of figures in order, one at the least."""
    low, high = words.figure(ordered[0], unit), words.figure(ordered[-1], unit)
    if low == high:
        return low
    same = high.lstrip("-0123456789.,")
    if same and low.endswith(same):
        low = low.removesuffix(same)
    return f"{low}–{high}"


def _what(finding: Finding) -> str:
    if finding.names:
        return _units(finding.metric, finding.names)
    if finding.metric == "disk_full_in_seconds":
        return _filling(finding.subject, finding.value)
    metric, subject = JUDGED[finding.metric], _subject(finding)
    if finding.metric in _UNIT_WORDS:
        gone = (
            later("{subject}: now unknown")
            if isnan(finding.value)
            else later("{subject}: none now")
        )
        return Told(gone, {"subject": subject})
    limit = words.figure(finding.limit, metric.unit)
    value = words.figure_unlike(finding.value, finding.limit, metric.unit)
    if isnan(finding.value) or not _is_beyond(finding):
        was = _was_beyond(subject, limit, finding.above)
        now = told("unknown") if isnan(finding.value) else value
        return told("{what}, now {value}", what=was, value=now)
    said = _beyond(subject, value, limit, finding.above)
    if finding.full_in_seconds is None:
        return said
    return told("{what}, full in {time}", what=said, time=words.remaining(finding.full_in_seconds))


def _standing(finding: Finding) -> str:
    unit = JUDGED[finding.metric].unit
    beyond = isnan(finding.value) or _is_beyond(finding)
    say = sentence if beyond else well_again
    return say(
        finding.metric, finding.subject, finding.value, lambda value: words.figure(value, unit)
    )


def _subject(finding: Finding) -> str:
    subject = finding.subject or Told(JUDGED[finding.metric].title, {})
    if finding.metric == "inodes" and finding.subject:
        return told("{mount} inodes", mount=subject)
    return subject


def _is_beyond(finding: Finding) -> bool:
    if finding.above:
        return finding.value > finding.limit
    return finding.value < finding.limit


def _units(metric: str, names: Sequence[str]) -> str:
    short = [name.removesuffix(".service") for name in names]
    one, many = _UNIT_WORDS[metric]
    if len(short) == 1:
        return Told(one, {"unit": _shortened(short[0], 2 * _UNIT_CHARACTERS)})
    short.sort(key=lambda name: len(name) > _UNIT_CHARACTERS)  # those that can be read, in order
    units = ", ".join(_shortened(name, _UNIT_CHARACTERS) for name in short[:3])
    units += ", …" if len(short) > 3 else ""
    return Told(many, {"count": str(len(short)), "units": units})


def _shortened(unit: str, most: int) -> str:
    """The name's beginning and its end: hundreds of characters would hide what is said of it."""
    return unit if len(unit) <= most else f"{unit[: most - 9]}…{unit[-8:]}"


def _filling(mount: str, full_in: float) -> str:
    if isnan(full_in):
        return told("{mount} was filling up, now unknown", mount=mount)
    if not isfinite(full_in):
        return told("{mount} was filling up, and stopped", mount=mount)
    return told("{mount} full in {time}", mount=mount, time=words.remaining(full_in))


def _why(finding: Finding) -> str:
    if finding.metric in SENTENCES:
        return SENTENCES[finding.metric].follows
    follows = _CONSEQUENCES.get(finding.metric, "")
    if finding.percent_per_minute is not None and finding.percent_per_minute >= 0.05:
        pace = f"{finding.percent_per_minute:.1f}"
        return told("+{pace}%/min: {follows}", pace=pace, follows=follows)
    return follows
