"""What a console asks of its watch about runs, and what it is told. Values.

Whatever changes something carries the console's word (`armed`, see `watch.runs.arming`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from estate.plans import PlanView, RunbookRow
from estate.runs import RunRow, RunView
from tui.paint.view import Printed


@dataclass(frozen=True, slots=True)
class AskRunbooks:
    """Which runbooks there are; `RunbooksTold`."""


@dataclass(frozen=True, slots=True)
class AskRuns:
    """Every run on record; `RunsTold`."""


@dataclass(frozen=True, slots=True)
class AskPlan:
    """What a run would be; `PlanTold`. Secrets are among what is `given`."""

    runbook: str
    given: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    drill: bool = False


@dataclass(frozen=True, slots=True)
class AskRun:
    """Everything about a run; `RunTold`."""

    run: str


@dataclass(frozen=True, slots=True)
class AskOutput:
    """The end of what a step printed, of which `total` bytes are kept; `OutputTold`."""

    run: str
    output: str
    total: int


@dataclass(frozen=True, slots=True)
class Arm:
    """Let this console write for ten minutes; `Armed`."""


@dataclass(frozen=True, slots=True)
class Disarm:
    """Make it read-only again; `Armed` without a word."""

    armed: str


@dataclass(frozen=True, slots=True)
class StartRun:
    """Begin a run of the plan that the person saw, and typed `confirm` for; `Begun`."""

    runbook: str
    given: tuple[tuple[str, str], ...] = field(repr=False)
    drill: bool
    sha256: str
    hosts: tuple[tuple[str, tuple[str, ...]], ...]  # of each selector, as they were shown
    confirm: str
    reason: str
    waive: bool
    armed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SteerRun:
    """`verb` ("decide", "pause", "resume", "abort") to a run, with what it needs; `Steered`."""

    run: str
    verb: str
    body: tuple[tuple[str, object], ...]
    armed: str = field(repr=False)


RunRequest = (
    AskRunbooks | AskRuns | AskPlan | AskRun | AskOutput | Arm | Disarm | StartRun | SteerRun
)


@dataclass(frozen=True, slots=True)
class RunbooksTold:
    """The runbooks there are."""

    rows: tuple[RunbookRow, ...]


@dataclass(frozen=True, slots=True)
class RunsTold:
    """Every run on record."""

    rows: tuple[RunRow, ...]


@dataclass(frozen=True, slots=True)
class PlanTold:
    """The plan of a run."""

    plan: PlanView


@dataclass(frozen=True, slots=True)
class RunTold:
    """A run as it is."""

    run: RunView


@dataclass(frozen=True, slots=True)
class OutputTold:
    """What a step printed."""

    printed: Printed


@dataclass(frozen=True, slots=True)
class Armed:
    """This console may write with `word` until `until`, UTC ms; not at all without a word."""

    word: str = field(default="", repr=False)
    until: int = 0


@dataclass(frozen=True, slots=True)
class Begun:
    """A run was begun."""

    row: RunRow


@dataclass(frozen=True, slots=True)
class Steered:
    """A run took what was said."""

    row: RunRow


RunFact = RunbooksTold | RunsTold | PlanTold | RunTold | OutputTold | Armed | Begun | Steered
