"""Thresholds with hold times: which figures of a host are wrong, and since when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf, isnan, nan

from estate.document import HostRow, Severity
from estate.fields import host_fields
from estate.filter import parse
from estate.model import Host, Threshold
from estate.samples import FileSystem
from estate.thresholds import ON_HOSTS
from watch.latch import Latch

_NAMED = frozenset(metric.name for metric in ON_HOSTS)
_LEVELS = (Severity.WARNING, Severity.CRITICAL)


@dataclass(frozen=True, slots=True)
class Finding:
    """`metric` of `subject` (a mount point, or "") is beyond `limit`, since `since`.

    `value` is the figure as last measured, which may be back within the limit while it has not
    been so for the hold time. `names` are what failed, where that can be named;
    `full_in_seconds` and `percent_per_minute` tell how a file system fills, where it does.
    """

    metric: str
    subject: str
    severity: Severity
    since: int
    value: float
    limit: float
    above: bool = True
    names: tuple[str, ...] = ()
    full_in_seconds: float | None = None
    percent_per_minute: float | None = None


@dataclass(frozen=True, slots=True)
class Space:
    """One file system as it is judged; None where no end is in sight.

    `known` is False while its figures are too old to count (df hangs on the host), `paced` until
    it was looked at for long enough to tell whether it fills.
    """

    filesystem: FileSystem
    known: bool = True
    full_in_seconds: float | None = None
    bytes_per_second: float | None = None
    paced: bool = True


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of one host when it is judged: values by name, NaN or absent if not known.

    Without `spaces` nobody has looked at its file systems yet.
    """

    values: Mapping[str, float]
    spaces: tuple[Space, ...] = ()
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by metric of units
    #: Figures of things with names, by metric: NaN is not known now, absent is gone.
    named: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def thresholds_for(host: Host, thresholds: Sequence[Threshold]) -> tuple[Threshold, ...]:
    """The thresholds that hold for `host`: for each metric the first whose `where` matches.

    `where` sees what the estate says of a host (name, site, groups, rack, tenants), not how it
    feels: a limit does not move with the figures.
    """
    plain = HostRow(host.name, host.site, host.groups, rack=host.rack)
    fields = {**host_fields(plain, 0), **{f"tag.{k}": v for k, v in host.tags.items()}}
    chosen: dict[str, Threshold] = {}
    for threshold in thresholds:
        if threshold.metric not in chosen and parse(threshold.where).matches(fields):
            chosen[threshold.metric] = threshold
    return tuple(chosen.values())


class Judge:
    """Judges one host, tick by tick."""

    def __init__(self, thresholds: Sequence[Threshold]) -> None:
        self._thresholds = tuple(thresholds)
        self._latches: dict[tuple[str, str, Severity], Latch] = {}

    def with_thresholds(self, thresholds: Sequence[Threshold]) -> None:
        """Judge by other limits from now on; what stands keeps its beginning."""
        self._thresholds = tuple(thresholds)

    def restored(self, metric: str, subject: str, severity: Severity, since: int) -> None:
        """Begin with a finding that stood when the records were written."""
        for level in _LEVELS[: _LEVELS.index(severity) + 1]:
            self._latches[(metric, subject, level)] = Latch(True, since)

    def judge(self, figures: Figures, at: int) -> tuple[Finding, ...]:
        """What is wrong by the figures of `at`, UTC ms, worst first."""
        found: list[Finding] = []
        still: dict[tuple[str, str, Severity], Latch] = {}
        for threshold in self._thresholds:
            for subject, value in self._subjects(threshold.metric, figures):
                finding = self._look(threshold, subject, value, at, still)
                if finding is not None:
                    found.append(finding)
        self._latches = still
        return _worst_first(_explained(found, figures))

    def _subjects(self, metric: str, figures: Figures) -> Iterator[tuple[str, float]]:
        """What a threshold on `metric` looks at: each file system, else the host's figure.

        Most samples carry no file systems, the first ones after a restart neither: what stood on
        one is not over because it was not measured.
        """
        measure = _OF_SPACE.get(metric)
        if metric in figures.named:
            yield from figures.named[metric].items()
        elif metric in _NAMED:  # nobody has told of it yet
            yield from ((subject, nan) for subject in self._standing(metric))
        elif measure is None:
            yield "", figures.values.get(metric, nan)
        elif figures.spaces:
            for space in figures.spaces:
                yield space.filesystem.mount, measure(space) if space.known else nan
        elif standing := [subject for subject in self._standing(metric) if subject]:
            yield from ((subject, nan) for subject in standing)
        elif metric != "disk_full_in_seconds":
            yield "", figures.values.get(metric, nan)

    def _standing(self, metric: str) -> list[str]:
        return sorted({subject for name, subject, _ in self._latches if name == metric})

    def unseen(self) -> None:
        """The host could not be looked at: nothing counts as lasting over this moment."""
        for key, latch in list(self._latches.items()):
            self._latches[key] = latch.seen(None, 0, 0)

    def _look(
        self,
        threshold: Threshold,
        subject: str,
        value: float,
        at: int,
        still: dict[tuple[str, str, Severity], Latch],
    ) -> Finding | None:
        """Step the latches of one figure into `still`; the finding if one of them stands."""
        finding: Finding | None = None
        for level, limit in zip(_LEVELS, (threshold.warn, threshold.critical), strict=True):
            if limit is None:
                continue
            fact = _beyond(value, limit, threshold.above)
            key = (threshold.metric, subject, level)
            latch = self._latches.get(key)
            if latch is None and not fact:
                continue  # nearly always: it was well, and is
            latch = (latch or _AT_REST).seen(fact, at, threshold.hold_ms)
            if latch.idle:
                continue
            still[key] = latch
            if latch.on and latch.since is not None:
                since = min(finding.since, latch.since) if finding else latch.since
                finding = Finding(
                    threshold.metric, subject, level, since, value, limit, threshold.above
                )
        return finding


_AT_REST = Latch()


def _beyond(value: float, limit: float, above: bool) -> bool | None:
    if isnan(value):
        return None
    return value > limit if above else value < limit


def _full_in(space: Space) -> float:
    # Not filling is well, not unknown: a forecast must be able to clear.
    if not space.paced:
        return nan
    return inf if space.full_in_seconds is None else space.full_in_seconds


_OF_SPACE: Mapping[str, Callable[[Space], float]] = {
    "disk": lambda space: space.filesystem.used_percent,
    "inodes": lambda space: space.filesystem.inodes_used,
    "disk_full_in_seconds": _full_in,
}


def _explained(found: Sequence[Finding], figures: Figures) -> list[Finding]:
    """One finding for each file system: how full it is and how soon it will be are one trouble."""
    spaces = {space.filesystem.mount: space for space in figures.spaces}
    full = {each.subject: each for each in found if each.metric == "disk_full_in_seconds"}
    used = {each.subject for each in found if each.metric == "disk"}
    explained = []
    for each in found:
        if each.metric in figures.units:
            explained.append(replace(each, names=figures.units[each.metric]))
        elif each.metric == "disk":
            explained.append(_with_pace(_joined(each, full.get(each.subject)), spaces))
        elif each.metric == "disk_full_in_seconds" and each.subject not in used:
            explained.append(_with_pace(each, spaces))
        elif each.metric != "disk_full_in_seconds":
            explained.append(each)
    return explained


def _joined(used: Finding, full: Finding | None) -> Finding:
    if full is None:
        return used
    worst = min(used.severity, full.severity, key=_LEVELS[::-1].index)
    return replace(used, severity=worst, since=min(used.since, full.since))


def _with_pace(finding: Finding, spaces: Mapping[str, Space]) -> Finding:
    space = spaces.get(finding.subject)
    if space is None or space.bytes_per_second is None:
        return finding
    reach = space.filesystem.used + space.filesystem.available
    pace = 6000.0 * space.bytes_per_second / reach if reach > 0 else None
    return replace(finding, full_in_seconds=space.full_in_seconds, percent_per_minute=pace)


def _worst_first(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda each: (-_LEVELS.index(each.severity), each.since)))
