"""The handover snapshot: what is known of an estate at one moment, and what happened before it.

One frozen value, made by `watch.handover` and published as JSON (`reading.py`, `schema.py`).
Whatever a person reads is derived from it by `telling/`.
Times are UTC milliseconds; None means "not known", which zero never does. What a watch of another
version does not have is empty, and said to be "none".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from estate.attention import Silence
from estate.availability import ServiceRow, TenantRow
from estate.backups import BackupRow
from estate.certificates import CertificateRow
from estate.configuration import ConfigurationRow
from estate.document import Event, Problem, Severity, SiteRow
from estate.handover import Note
from estate.model import Shift
from estate.patches import PatchRow
from estate.queues import QueueRow
from estate.readiness import ReadinessRow
from estate.replication import ReplicationRow
from estate.runs import DecisionRow, FeltRow, QuestionView, RunRow, ShiftRow
from estate.told import told

#: Why something was not seen, where it is we who say so.
ONE_VANTAGE = told("one vantage alone: what it sees, nobody confirms")
UNSEEN_THIS_MONTH = told("nobody saw it for so long this month")
WITHOUT_RECORDS = told("nobody watched, as far as the records tell")
PROBES_NOT_KEPT = told("what probes could not measure then is not on record")

SCHEDULE_FIRST_KEPT = told(
    "shifts and planned work of then are not on record: told as they were first put down"
)
SCHEDULE_OF_TODAY = told(
    "shifts and planned work of then are not on record: told from the estate as it is today"
)

#: Where something was not seen, of kind "records": no run could be read; what probes could not
#: measure, or the estate said, is not on record; events, or queues, were left out.
RUNS, PROBES, ESTATE, EVENTS, QUEUES = "runs", "probes", "estate", "events", "queues"

#: A run in one of these states has ended.
ENDED = ("succeeded", "failed", "aborted", "rolled-back")

#: Larger figures are of nothing that there is (as bytes they are an exabyte), and one of 400 digits
#: is no float. Whoever reads a document refuses them; a host that says so is not believed.
LARGEST = 10**18

#: Grows when a reader of the format before would misread a document; new fields do not.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Duty:
    """Whose shift it is at the snapshot, and who comes next; "" where the estate names no shifts.

    `changes_at` is when the next shift begins.
    """

    now: str = ""
    next: str = ""
    changes_at: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose shift it was in [starts, ends), UTC ms, within a report."""

    shift: str
    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class Rota:
    """The shifts that held in [starts, ends), UTC ms, on the wall clock of `timezone`; none where
    the estate named none. Where they are not `recorded`, "what could not be seen" says whence they
    are."""

    starts: int
    ends: int
    timezone: str
    shifts: tuple[Shift, ...] = ()
    recorded: bool = True


@dataclass(frozen=True, slots=True)
class HostState:
    """One host of the fleet: `state` is a word of `estate.states`, and `at` its last sample."""

    name: str
    site: str
    group: str = ""
    state: str = "connecting"
    severity: Severity = Severity.OK
    since: int = 0
    at: int | None = None
    why: str = ""
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Unseen:
    """Something that nobody could see: `kind` is host, service, queue, probe, vantage, watch,
    records, or what is measured of a host: certificate, replication, backup, file, patches, proxy,
    address.

    `since` and `until` bound the gap where they are known; `lost_ms` is how long it was, in all.
    """

    kind: str
    where: str
    why: str
    since: int | None = None
    until: int | None = None
    lost_ms: int | None = None


@dataclass(frozen=True, slots=True)
class StepSpan:
    """When a step of a run began and ended; `state` is a word of `estate.runs.StepView`, or
    "waived": it failed somewhere, and was let pass."""

    say: str
    state: str
    starts: int
    ends: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run of this period, or one that is open: its row, its steps, and what people must say.

    `unknown` names what it did of which nobody knows the outcome: "step on host". `felt` and
    `shifts` are what users felt of it, and how hosts were before and after; `decisions` are what
    people said of it.
    """

    row: RunRow
    steps: tuple[StepSpan, ...] = ()
    questions: tuple[QuestionView, ...] = ()
    unknown: tuple[str, ...] = ()
    felt: tuple[FeltRow, ...] = ()
    shifts: tuple[ShiftRow, ...] = ()
    decisions: tuple[DecisionRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """Planned work of the next 24 hours, or that is under way; in a report, of its period.

    There `declared_at` and `withdrawn_at` are when the estate began to name it, and ceased to
    before its end, where that was within the period. It is `recorded` where all of it that is of
    the period is on record.
    """

    where: str
    starts: int
    ends: int
    reason: str = ""
    owner: str = ""
    declared_at: int | None = None
    withdrawn_at: int | None = None
    recorded: bool = True


@dataclass(frozen=True, slots=True)
class Depths:
    """How deep a queue was over the period: (UTC ms, messages), None where nobody knows."""

    key: str
    site: str
    points: tuple[tuple[int, float | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One item against the handover before: `how` is new, worse, better, changed (as bad, and told
    otherwise, or how bad nobody knows by now), closed, unchanged, vanished (it is gone, and nothing
    says that it was closed) or not-known (it is gone, and what would say that it was closed could
    not be read).

    `id` is stable over handovers, `kind` is problem, service, run or note, `since` its beginning.
    """

    id: str
    kind: str
    how: str
    where: str
    what: str
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """The handover before this one, by its id and the hash of its bytes, and what is different."""

    id: str
    made_at: int
    sha256: str
    differences: tuple[Difference, ...] = ()


class Kind(StrEnum):
    """What a snapshot is for: the next shift, or whoever looks back at an incident."""

    HANDOVER = "handover"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A handover from `starts` to `made_at`, or a report of that time, whose board is that of its
    end. `id` is stable, and a part of file names.

    `events` are those of the period, newest first; `events_left_out` more were not kept in it.
    `by` is who asked for it, `audit_head` the last entry of an audit trail, "" where there is none.
    `board_at` is the moment of a board that was kept, and what the rows of it are judged by; None
    where the board is of `made_at`.
    `rotas` and `turns` are of a report: its period without a gap, and who was on duty in it, the
    oldest first; no turns where it is too long to name them. `depths` of a report are of the queues
    that were deepest in it, the deepest first.
    """

    format: int
    id: str
    made_at: int
    starts: int
    estate: str
    timezone: str
    language: str = "en"
    watch: str = ""
    version: str = ""
    by: str = ""
    duty: Duty = Duty()
    audit_head: str = ""
    every_ms: int = 0
    sites: tuple[SiteRow, ...] = ()
    hosts: tuple[HostState, ...] = ()
    problems: tuple[Problem, ...] = ()
    events: tuple[Event, ...] = ()
    events_left_out: int = 0
    services: tuple[ServiceRow, ...] = ()
    tenants: tuple[TenantRow, ...] = ()
    runs: tuple[Run, ...] = ()
    work: tuple[Work, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    notes: tuple[Note, ...] = ()
    silences: tuple[Silence, ...] = ()
    queues: tuple[QueueRow, ...] = ()
    depths: tuple[Depths, ...] = ()
    readiness: tuple[ReadinessRow, ...] = ()
    replication: tuple[ReplicationRow, ...] = ()
    certificates: tuple[CertificateRow, ...] = ()
    patches: tuple[PatchRow, ...] = ()
    configuration: tuple[ConfigurationRow, ...] = ()
    backups: tuple[BackupRow, ...] = ()
    before: Before | None = None
    kind: Kind = Kind.HANDOVER
    board_at: int | None = None
    rotas: tuple[Rota, ...] = ()
    turns: tuple[Turn, ...] = ()

    @property
    def seen_at(self) -> int:
        """When its board was so: ages, and what is known of the present, are those of then."""
        return self.made_at if self.board_at is None else self.board_at
