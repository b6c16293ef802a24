"""What is known of one host: the last of everything, and the row that the board shows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite, isnan

from estate.document import HostDetail, HostRow, Problem, Severity
from estate.metrics import INDEX, METRICS
from estate.model import Host, Threshold
from estate.samples import (
    STALE_AFTER,
    Cause,
    FileSystem,
    Gap,
    Hello,
    Interface,
    Observation,
    Probed,
    Reach,
    Reached,
    Reading,
    Sample,
    Stage,
)
from estate.thresholds import JUDGED
from estate.told import told
from watch import figurewords
from watch.forecast import Filling
from watch.judge import Figures, Finding, Judge, Space
from watch.spark import Spark
from watch.standing.onhost import OnHost
from watch.standing.told import Figures as Named
from watch.standing.words import EVERY_ONE_TAKEN_OUT
from watch.standing.worst import worst

#: File systems that get a forecast of their own; a container host may mount thousands.
MOST_FORECASTS = 64

_CPU, _NET_IN, _NET_OUT = INDEX["cpu"], INDEX["net_in"], INDEX["net_out"]
_DISK, _LOAD5 = INDEX["disk"], INDEX["load5"]
#: The state of the units that a metric counts; of inactive ones the probe tells only if wanted.
_UNIT_TROUBLES = {"unit_failed": "failed", "unit_inactive": "inactive"}


class HostState:
    """One host, as observations come in.

    The row is rebuilt when something was observed; its severity, `why` and `behind` are the
    board's to fill, for they depend on other hosts and on planned work.
    """

    def __init__(
        self,
        host: Host,
        tenants: tuple[str, ...],
        thresholds: Sequence[Threshold],
        every_ms: int,
        now: int,
    ) -> None:
        self.row = HostRow(host.name, host.site, since=now)
        #: The last reach that says something; None until the first attempt has ended.
        self.settled: Reach | None = None
        #: When its reach was last found, or found again: UTC ms.
        self.said_at = now
        #: It has started anew, and nobody has been told.
        self.rebooted = False
        self._restored: HostRow | None = None
        self._stood: dict[str, Problem] = {}
        self._judge = Judge(())
        self._sample: Sample | None = None
        self._filesystems: tuple[FileSystem, ...] = ()
        self._fillings: dict[str, Filling] = {}
        self._spaces: tuple[Space, ...] = ()
        self._readings: dict[str, tuple[Reading, ...]] = {}
        self._gaps: dict[str, str] = {}
        self._probed_at: dict[str, int] = {}
        self.standing = OnHost()
        self._sparks = {"cpu": Spark(), "net": Spark()}
        #: What is wrong by the last figures; `judged` once there were any.
        self.findings: tuple[Finding, ...] = ()
        self.judged = False
        self.describe(host, tenants, thresholds, every_ms)

    def describe(
        self,
        host: Host,
        tenants: tuple[str, ...],
        thresholds: Sequence[Threshold],
        every_ms: int,
    ) -> None:
        """What the estate says of the host now; what was observed stays."""
        self._late_ms = STALE_AFTER * every_ms
        self._thresholds = tuple(thresholds)
        self._judge.with_thresholds(thresholds)
        self.row = replace(
            self.row, site=host.site, groups=host.groups, rack=host.rack, tenants=tenants
        )

    def restored(self, row: HostRow) -> None:
        """Begin with what the records show, with its age; the host itself is yet to be reached."""
        for name, spark in self._sparks.items():
            if row.at is not None and name in row.spark:
                spark.restored(row.at, row.spark[name])
        self._restored = row
        self.row = replace(
            self.row,
            at=row.at,
            values=row.values,
            spark=row.spark,
            cores=row.cores,
            memory_bytes=row.memory_bytes,
            uptime_seconds=row.uptime_seconds,
            kernel=row.kernel,
            note=row.note,
        )

    def restored_problem(self, problem: Problem) -> None:
        """A problem of figures stood in the records: it lasts until it is seen to be over."""
        if problem.kind in JUDGED and problem.severity in (Severity.WARNING, Severity.CRITICAL):
            self._judge.restored(
                problem.kind, figurewords.subject_of(problem), problem.severity, problem.since
            )
            self._stood[problem.id] = problem

    def problem(self, finding: Finding) -> Problem:
        """The problem that `finding` makes; in the records' words until it is measured again."""
        found = figurewords.problem_of(self.row.name, self.row.site, finding)
        blames = self.standing.blames(finding.metric, finding.subject)
        if blames:
            found = replace(found, blames=blames)
        beyond = not finding.value < finding.limit  # or unknown now
        if beyond and self.standing.taken_out(finding.metric, finding.subject) is not None:
            found = replace(found, why=EVERY_ONE_TAKEN_OUT)
        if not isnan(finding.value):
            self._stood.pop(found.id, None)
        stood = self._stood.get(found.id)
        return found if stood is None else figurewords.not_measured_again(found, stood)

    # --- observing -------------------------------------------------------------------------------

    def observe(self, observation: Observation) -> None:
        """Take in one fact about this host."""
        match observation:
            case Sample():
                self._sampled(observation)
            case Reached():
                self._reached(observation)
            case Probed():
                self._probed(observation)
            case Hello():
                self.row = replace(self.row, kernel=observation.kernel, note=observation.note)

    def age(self, now: int) -> bool:
        """Grow older without a word from the host; whether that made it late."""
        row = self.row
        # A host that has just come back is not late by its last sample from before.
        heard = row.since if row.at is None else max(row.at, row.since)
        if row.reach is not Reach.LIVE or now - heard <= self._late_ms:
            return False
        silent = f"{(now - heard) / 1000:.0f}"
        cause = Cause(Stage.SAMPLER, told("no sample for {seconds} s", seconds=silent))
        self._turn(Reach.LATE, heard + self._late_ms, cause, None)
        return True

    def _sampled(self, sample: Sample) -> None:
        # Only a late or new host comes to life by a sample: where the connection is known to be
        # gone this is what was left in its buffer.
        if self.row.reach in (Reach.CONNECTING, Reach.LATE):
            self._turn(Reach.LIVE, sample.at, None, None)
        before, self._sample = self.row.uptime_seconds, sample
        self.rebooted = self.rebooted or (before is not None and sample.uptime_seconds < before)
        values = sample.values
        self._sparks["cpu"].measured(sample.at, values[_CPU])
        self._sparks["net"].measured(sample.at, values[_NET_IN] + values[_NET_OUT])
        if sample.filesystems is not None:
            self._looked(sample.at, sample.filesystems)
        known = {
            metric.name: rounded(value)
            for metric, value in zip(METRICS, values, strict=False)
            if isfinite(value)
        }
        derived = self._derived()
        named = self.standing.figures(sample.at)
        derived.update(worst(named))
        known.update((name, rounded(value)) for name, value in derived.items())
        self.row = replace(
            self.row,
            at=sample.at,
            values=known,
            spark={name: spark.cells(sample.at) for name, spark in self._sparks.items()},
            cores=sample.cores or None,
            memory_bytes=sample.memory_bytes if isfinite(sample.memory_bytes) else None,
            uptime_seconds=sample.uptime_seconds if isfinite(sample.uptime_seconds) else None,
        )
        self._find(derived, named)

    def _looked(self, at: int, filesystems: tuple[FileSystem, ...]) -> None:
        """File systems were measured; most samples do not."""
        self._filesystems = filesystems
        fillings: dict[str, Filling] = {}
        spaces: list[Space] = []
        for number, filesystem in enumerate(filesystems):
            if number >= MOST_FORECASTS:
                spaces.append(Space(filesystem))
                continue
            filling = self._fillings.get(filesystem.mount) or Filling()
            filling.measured(at, filesystem)
            fillings[filesystem.mount] = filling
            pace = filling.bytes_per_second()
            end = filling.full_in_seconds()
            spaces.append(Space(filesystem, True, end, pace, filling.tells))
        self._fillings, self._spaces = fillings, tuple(spaces)

    def _reached(self, reached: Reached) -> None:
        if reached.reach is not Reach.CONNECTING:
            self.said_at = reached.at
        if reached.reach is Reach.CONNECTING and self.settled not in (None, Reach.LIVE, Reach.LATE):
            # A further attempt at a host that is known to be gone: the known cause stays.
            self.row = replace(self.row, retry_at=None)
            return
        self._turn(reached.reach, reached.at, reached.cause, reached.retry_at)

    def _turn(self, reach: Reach, at: int, cause: Cause | None, retry_at: int | None) -> None:
        since = self.row.since if reach is self.row.reach else at
        if self.settled is None and self._goes_on(reach, cause):
            assert self._restored is not None
            since = self._restored.since
        self.row = replace(self.row, reach=reach, cause=cause, since=since, retry_at=retry_at)
        if reach is not Reach.CONNECTING:
            self.settled = reach
        if reach is not Reach.LIVE:
            self._judge.unseen()

    def _goes_on(self, reach: Reach, cause: Cause | None) -> bool:
        """Whether the host is in the same trouble as the records show: nothing says it was well."""
        row = self._restored
        return (
            row is not None
            and row.reach is reach
            and reach not in (Reach.CONNECTING, Reach.LIVE)
            and (row.cause and row.cause.stage) == (cause and cause.stage)
        )

    def _probed(self, probed: Probed) -> None:
        readings = tuple(each for each in probed.readings if isinstance(each, Reading))
        gaps = [each.reason for each in probed.readings if isinstance(each, Gap)]
        self._probed_at[probed.probe] = probed.at
        self._gaps.pop(probed.probe, None)
        if gaps:
            self._gaps[probed.probe] = "; ".join(gaps)
        self.standing.take(probed)
        # What could not be measured is not known; the last answer would look like this one's.
        self._readings[probed.probe] = readings

    # --- figures ---------------------------------------------------------------------------------

    def _derived(self) -> dict[str, float]:
        """Quantities that no sample carries by itself; absent where they are not known."""
        derived: dict[str, float] = {}
        sample = self._sample
        if sample is not None and sample.cores and isfinite(sample.values[_LOAD5]):
            derived["load_per_core"] = sample.values[_LOAD5] / sample.cores
        ends = [each.full_in_seconds for each in self._known_spaces()]
        soonest = [end for end in ends if end is not None]
        if soonest:
            derived["disk_full_in_seconds"] = min(soonest)
        offset = self._reading("clock", "offset_ms")
        if offset is not None:
            derived["clock_offset_ms"] = abs(offset)
        power = self._reading("energy", "power")
        if power is not None:
            derived["power"] = power
        if "units" in self._readings and "units" not in self._gaps:
            derived.update((name, float(len(units))) for name, units in self._units().items())
        return derived

    def _known_spaces(self) -> tuple[Space, ...]:
        """File systems as last measured; unknown once the sampler says that df hangs."""
        if self._sample is not None and isnan(self._sample.values[_DISK]):
            return tuple(Space(each.filesystem, known=False) for each in self._spaces)
        return self._spaces

    def _reading(self, probe: str, name: str) -> float | None:
        for reading in self._readings.get(probe, ()):
            if reading.name == name and isfinite(reading.value):
                return reading.value
        return None

    def _units(self) -> dict[str, tuple[str, ...]]:
        """Units in trouble, by the metric that counts them."""
        units = [each for each in self._readings.get("units", ()) if each.name == "unit"]
        return {
            metric: tuple(each.subject for each in units if each.text == text)
            for metric, text in _UNIT_TROUBLES.items()
        }

    def _find(self, derived: Mapping[str, float], named: Named) -> None:
        assert self._sample is not None
        values = {m.name: v for m, v in zip(METRICS, self._sample.values, strict=False)}
        values.update(derived)
        figures = Figures(values, self._known_spaces(), self._units(), named)
        self.findings = self._judge.judge(figures, self._sample.at)
        self.judged = True

    # --- what is shown besides the row -----------------------------------------------------------

    def detail(self) -> HostDetail:
        """What the host screen shows besides the row; series and events are asked for elsewhere."""
        interfaces: tuple[Interface, ...] = self._sample.interfaces if self._sample else ()
        return HostDetail(
            self.row.name,
            filesystems=self._filesystems,
            interfaces=interfaces,
            readings=dict(self._readings),
            gaps=dict(self._gaps),
            probed_at=dict(self._probed_at),
            thresholds={each.metric: (each.warn, each.critical) for each in self._thresholds},
        )


def rounded(value: float) -> float:
    """As precise as anybody reads it: whole from 1,000, else two decimals or two digits."""
    size = abs(value)
    if size >= 1000:
        return float(round(value))
    return round(value, 2 if size >= 0.1 else 4)
