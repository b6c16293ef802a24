"""What can happen in a run: J1–J8 of a step, people's decisions, and facts of the run.

Nothing else is remembered of a run: `replay` makes all of it from these. How they stand in its
journal is in `runbooks.progress.entries`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from runbooks.runbook import Act

#: The actor of what nobody decided: it follows from the runbook.
ENGINE = "twinwatch"


class Outcome(StrEnum):
    """How a step ended on a host."""

    OK = "ok"
    ALREADY_DONE = "already-done"
    SKIPPED = "skipped"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    STOPPED = "stopped"  # we gave it up, or it never began
    UNKNOWN = "unknown"


#: Outcomes with which a run goes on without a word.
GOOD = frozenset({Outcome.OK, Outcome.ALREADY_DONE, Outcome.SKIPPED})


class Ending(StrEnum):
    """What a host said last about an attempt, or why it can't say."""

    EXITED = "exited"
    TIMED_OUT = "timed-out"  # by the host's own clock
    STOPPED = "stopped"  # by us
    REBOOTED = "rebooted"  # a `reboot` step: the boot id changed
    VOID = "void"  # the gate was shut before it began: it never will
    STILLBORN = "stillborn"  # claimed, and never began: the disk was full
    LOST = "lost"  # it began; nobody runs, and there is no result
    ORPHAN = "orphan"  # what records the result is dead, what it started works on
    ABSENT = "absent"  # its directory is gone, after we may have started it
    UNSTARTED = "unstarted"  # it lies there, told to start, and its time is over
    UNREACHABLE = "unreachable"  # the host did not answer until the deadline had passed


@dataclass(frozen=True, slots=True, order=True)
class Task:
    """One step on one host; `host` is "" where a step is no host's. `undo` takes it back.

    `about` is the host that is rolled, within a rolling step: draining it may be done elsewhere.
    """

    step: str
    host: str = ""
    about: str = ""
    undo: bool = False

    def __str__(self) -> str:
        name = f"{self.step} (undo)" if self.undo else self.step
        about = f" for {self.about}" if self.about not in ("", self.host) else ""
        return f"{name} on {self.host}{about}" if self.host else f"{name}{about}"


# --- a step on a host: J1–J8 ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Intended:
    """J1: attempt `number` (from 1) is about to be put on its host; then the put."""

    task: Task
    number: int
    payload_sha256: str
    timeout_ms: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """J2: it lies on the host, which is up for `uptime_seconds` since the boot with this id; None
    where no host said so: in journals of older versions."""

    task: Task
    boot: str = ""
    uptime_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class GoIntended:
    """J3: it is about to be started; then the go."""

    task: Task


@dataclass(frozen=True, slots=True)
class Started:
    """J4: the host has it, by its reply to go or to a poll."""

    task: Task
    boot: str = ""


@dataclass(frozen=True, slots=True)
class OutputKept:
    """J5: output up to `offset` (bytes, as the host counts them) is kept, in `size` bytes, which
    are others where secrets were redacted; `sha256` is of what was added."""

    task: Task
    offset: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Resulted:
    """J6: how the attempt ended. `status` is its exit status where it has one.

    `size` counts the bytes of output that were kept and `sha256` is theirs; `whole` is False where
    there was more.
    """

    task: Task
    ending: Ending
    status: int | None = None
    size: int = 0
    sha256: str = ""
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """J7: the step's outcome on the host, and why in a few words."""

    task: Task
    outcome: Outcome
    why: str = ""
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Cleaned:
    """J8: the attempt's directory on the host is gone; only once the run has ended."""

    task: Task
    number: int


@dataclass(frozen=True, slots=True)
class Rested:
    """Attempt `number`, of which nobody knew how it ended, does not run and never will again."""

    task: Task
    number: int


@dataclass(frozen=True, slots=True)
class WhenHeld:
    """The step's own condition holds on the host: it is done there."""

    task: Task


@dataclass(frozen=True, slots=True)
class CheckTried:
    """A check was tried and did not hold; it may be tried again."""

    task: Task
    number: int
    why: str


# --- people's decisions ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Approved:
    """A gate was approved, a stale plan confirmed."""

    task: Task
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A gate, or going on after a question, was refused."""

    task: Task
    reason: str


@dataclass(frozen=True, slots=True)
class Waived:
    """What did not end well is passed over."""

    task: Task
    reason: str


@dataclass(frozen=True, slots=True)
class Settled:
    """A person says how it ended: `outcome` is OK or FAILED."""

    task: Task
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Retried:
    """Another attempt is allowed."""

    task: Task
    reason: str


@dataclass(frozen=True, slots=True)
class RollBackChosen:
    """After a question: take back what was done."""

    task: Task
    reason: str


@dataclass(frozen=True, slots=True)
class FencedOff:
    """The host did not start it: others had its lock since `epoch`, and gave it back."""

    task: Task
    epoch: int
    why: str


# --- the run --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Planned:
    """All that the run is pinned to: the runbook's own text, its hosts, inputs and epoch.

    `hosts` maps a selector's name to the frozen names; secrets are in `secrets` by name alone.
    `traits` maps a host to what `never_together` looks at ("pair", "rack"), and `spans` a step that
    may be done to its predicted p50 and p90, ms.
    """

    run: str
    runbook: str
    title: str
    text: str
    sha256: str
    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    traits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    locks: tuple[str, ...] = ()
    epoch: int = 0
    drill: bool = False
    reason: str = ""
    predicted_ms: int | None = None
    target_ms: int | None = None
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PreflightBegun:
    """The checks before the first step are made."""


@dataclass(frozen=True, slots=True)
class PreflightPassed:
    """Nothing stands against starting, or it was waived."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The run has come to a step; a gate is open from here on."""

    step: str


@dataclass(frozen=True, slots=True)
class Turned:
    """After a step that did not end well the run goes another way, `to` a step if it jumps.

    `about` is the rolled host whose way it is, "" for the run's.
    """

    step: str
    act: Act
    to: str = ""
    why: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class BatchBegun:
    """A rolling step takes its next hosts; `number` counts from 0, the canary."""

    step: str
    number: int
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchHeld:
    """A rolling step may not take more hosts, and why; "" once it may again."""

    step: str
    why: str


@dataclass(frozen=True, slots=True)
class Paused:
    """Nothing new is started; what runs goes on."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resumed:
    """No longer paused."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Aborted:
    """The run ends after this step, or `now`: what runs is stopped."""

    now: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClockStarted:
    """From here on the time counts against the target."""


@dataclass(frozen=True, slots=True)
class ClockStopped:
    """Up to here."""


@dataclass(frozen=True, slots=True)
class TakenOver:
    """This watch took the run's locks over; `epoch` is above every one before it."""

    epoch: int
    reason: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The run has ended; `state` is one of `states.ENDED`."""

    state: str
    why: str = ""


TaskFact: TypeAlias = (
    Intended | Prepared | GoIntended | Started | OutputKept | Resulted | Judged | Cleaned
    | Rested | WhenHeld | CheckTried | Approved | Refused | Waived | Settled | Retried
    | RollBackChosen | FencedOff
)  # fmt: skip
RunFact: TypeAlias = (
    Planned | PreflightBegun | PreflightPassed | Begun | Turned | BatchBegun | BatchHeld | Paused
    | Resumed | Aborted | ClockStarted | ClockStopped | TakenOver | Finished
)  # fmt: skip
Fact: TypeAlias = TaskFact | RunFact
