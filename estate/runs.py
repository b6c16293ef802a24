"""A run as the console shows it: a row in the list, and everything about one.

Times are UTC ms. States and outcomes are the words of `runbooks.progress`, as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in a line. `since` is when its state changed last.

    `step` is the sentence of the step that it is at; `question` the first thing that a person must
    say. `trouble` holds it up and is not the runbook's: a full disk, a silent host.
    `ending` is when an open run that a person has aborted will end: "now", what runs is being
    stopped, or after this "step". `steps_done` are done and proven: those that were passed over
    are in `steps_passed`, and `waived` counts those that an approver let pass, checks before the
    first one included. A run is `unproven` where that was so of what stops its clock: the time it
    took measures nothing.
    """

    id: str
    runbook: str
    title: str
    state: str
    seq: int  # of its last entry: whoever shows more than this row asks again when it grows
    started_at: int
    since: int
    by: str
    drill: bool = False
    sensitive: bool = False
    ended_at: int | None = None
    why: str = ""
    step: str = ""
    steps_done: int = 0
    steps_total: int = 0
    steps_passed: int = 0
    waived: int = 0
    unproven: bool = False
    question: str = ""
    trouble: str = ""
    clock_started_at: int | None = None
    clock_stopped_at: int | None = None
    target_ms: int | None = None
    predicted_ms: int | None = None
    ending: str = ""


@dataclass(frozen=True, slots=True)
class ChangedHosts:
    """The `hosts` that a run which goes on has begun to change; it `began` at a time in UTC ms."""

    run: str
    runbook: str
    by: str
    began: int
    hosts: frozenset[str]


@dataclass(frozen=True, slots=True)
class TaskView:
    """A step on a host. `output` names what it printed, for `/v1/runs/ID/output`."""

    host: str
    state: str
    about: str = ""
    undo: bool = False
    outcome: str = ""
    why: str = ""
    attempt: int = 0
    output: str = ""
    output_bytes: int = 0
    started_at: int | None = None
    ended_at: int | None = None
    silent_since: int | None = None  # the host does not answer since then
    silent_why: str = ""
    waived: bool = False  # it did not end well, and an approver let it pass


@dataclass(frozen=True, slots=True)
class StepView:
    """A step and how it is on its hosts. `depth` is 1 within a rolling step.

    `p50_ms` and `p90_ms` are how long it was predicted to take, 0 where it is not on the way.
    """

    id: str
    kind: str
    say: str
    state: str  # "", "now", "ok", "waived", "failed", "unknown", "skipped"
    depth: int = 0
    begun_at: int | None = None
    tasks: tuple[TaskView, ...] = ()
    p50_ms: int = 0
    p90_ms: int = 0


@dataclass(frozen=True, slots=True)
class QuestionView:
    """What a person must say; `choices` are verbs of `twinwatch runs decide`.

    Of a gate: who has `signed`, how many are `needed` still, and `until` when.
    """

    step: str
    host: str
    text: str
    choices: tuple[str, ...]
    needed: int = 1
    signed: tuple[str, ...] = ()
    until: int | None = None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What a person decided: `what` is one of `DECISIONS`, `about` the step and its host,
    "" where it is about the whole run."""

    at: int
    by: str
    what: str
    about: str = ""
    why: str = ""


#: Words of decisions.
DECISIONS = (
    *("approved", "refused", "waived", "settled-ok", "settled-failed", "retried", "rolled-back"),
    *("paused", "resumed", "aborted", "aborted-now", "took-locks-over"),
)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry of the record in words. How much a step printed meanwhile is not among them."""

    seq: int
    at: int
    actor: str
    what: str


@dataclass(frozen=True, slots=True)
class FeltRow:
    """What the users of `service` felt of a run, by the ledger and not by the run.

    It was out from `since`, the first bad round, to `until`, the first good one; both None where it
    was not seen out, `until` alone while it still is. An outage that the run found is counted from
    its own beginning. `unknown_ms` of that time nobody saw. `target_ms` is within what it should be
    back, None where nothing is promised.
    """

    service: str
    since: int | None = None
    until: int | None = None
    down_ms: int = 0
    unknown_ms: int = 0
    target_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A metric of a host as it was before a run and after it: means of ten minutes each, in the
    metric's unit; None where nothing was measured."""

    host: str
    metric: str
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True, slots=True)
class RunView:
    """Everything about a run, but for what its steps printed.

    Its clock runs from the end of step `clock_starts` to the end of `clock_stops`; "" is the run's
    own start or end.
    """

    row: RunRow
    before: tuple[StepView, ...] = ()
    steps: tuple[StepView, ...] = ()
    questions: tuple[QuestionView, ...] = ()
    log: tuple[LogLine, ...] = ()
    decisions: tuple[DecisionRow, ...] = ()
    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    sha256: str = ""
    epoch: int = 0
    reason: str = ""
    way_back: str = ""
    clock_starts: str = ""
    clock_stops: str = ""
    service: str = ""  # whose month its budget counts against
    felt: tuple[FeltRow, ...] = ()  # of each service that it is for
    shifts: tuple[ShiftRow, ...] = ()  # once ten minutes have passed since it ended
