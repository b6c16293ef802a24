"""What a run asks to be done next, and the answers that it understands.

A request is fulfilled by `runbooks.execution`; every one may be made again after a crash, because
the host's own state, not ours, decides what it does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import TypeAlias

from runbooks.progress.facts import Ending, Fact, Task
from runbooks.progress.states import RunState


class Purpose(StrEnum):
    """Why a host is asked a question that changes nothing."""

    CHECK = "check"
    WHEN = "when"
    BEFORE = "before"  # is it done already?
    AFTER = "after"  # is it done now?


class Stop(StrEnum):
    """How hard what runs is stopped before it is polled."""

    NO = ""
    TERM = "TERM"
    KILL = "KILL"


# --- requests -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """Put these on record: they follow from what is known, nobody is asked."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """Ask the host (or the watch itself) a question that changes nothing; `Looked`."""

    task: Task
    purpose: Purpose
    timeout_ms: int


@dataclass(frozen=True, slots=True)
class Put:
    """Lay attempt `number` down on its host; `PutDone`."""

    task: Task
    number: int


@dataclass(frozen=True, slots=True)
class Go:
    """Start attempt `number`, which must not run longer than `timeout_ms`; `Went` or `Polled`.

    `boot` is the one it was put there in; it must not start once the host is up for more than
    `not_after` seconds, None where its uptime was not known.
    """

    task: Task
    number: int
    timeout_ms: int
    boot: str
    not_after: int | None


@dataclass(frozen=True, slots=True)
class Play:
    """Run the playbook here; `Polled` once it has ended, LOST if we did not see it end."""

    task: Task
    number: int
    timeout_ms: int


class Prints(Enum):
    """What becomes of an attempt's output."""

    KEPT = auto()
    LEFT = auto()  # on the host, until its secrets can be taken out of it
    GIVEN_UP = auto()  # what is not kept yet never will be


@dataclass(frozen=True, slots=True)
class Poll:
    """Ask how attempt `number` is, and for its output from `offset` on; `Polled`.

    So far `kept` bytes of it are kept. A `stop` is for what has been at work for `stop_after_ms` of
    the host's own time.
    """

    task: Task
    number: int
    offset: int
    kept: int
    stop: Stop = Stop.NO
    prints: Prints = Prints.KEPT
    stop_after_ms: int = 0


@dataclass(frozen=True, slots=True)
class Void:
    """Shut the gate of attempt `number`, so that it never starts; `Voided`.

    A playbook, which runs here, is ended; `Polled`. With a `stop` what runs of it is stopped too.
    """

    task: Task
    number: int
    stop: Stop = Stop.NO


@dataclass(frozen=True, slots=True)
class Gc:
    """Remove what attempt `number` left on its host; `Collected`."""

    task: Task
    number: int


@dataclass(frozen=True, slots=True)
class Survey:
    """How many of `hosts` are well, and which problems match `pause_when`; `Surveyed`."""

    step: str
    hosts: tuple[str, ...]
    pause_when: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A person must say. `choices` are verbs of `twinwatch runs decide`.

    `task` is a gate, or what did not end well; `needed` counts the approvals that are missing.
    """

    task: Task
    text: str
    choices: tuple[str, ...]
    needed: int = 1


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until`, UTC ms."""

    until: int


@dataclass(frozen=True, slots=True)
class Finish:
    """The run has ended, and nothing of it is left on any host that could be asked."""

    state: RunState


Call: TypeAlias = Look | Put | Go | Play | Poll | Void | Gc | Survey
Request: TypeAlias = Record | Call | Question | Wait | Finish


# --- answers --------------------------------------------------------------------------------------


class Found(StrEnum):
    """What a poll finds on the host."""

    ABSENT = "absent"
    PREPARED = "prepared"
    RUNNING = "running"
    ORPHAN = "orphan"
    DONE = "done"
    LOST = "lost"
    VOID = "void"
    STILLBORN = "stillborn"


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing came back; whether anything arrived there is not known."""

    cause: str


@dataclass(frozen=True, slots=True)
class Looked:
    """Whether it holds; `said` is the last line of what was printed, cleaned."""

    holds: bool
    said: str = ""


@dataclass(frozen=True, slots=True)
class PutDone:
    """It lies there, unless `refusal` says why it does not."""

    boot: str = ""
    refusal: str = ""
    uptime_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Went:
    """The host took it, unless `refusal` says why not: a newer epoch, a full disk.

    `free_epoch` is the one of a lock that nobody holds any more: a later one may have it.
    """

    boot: str = ""
    refusal: str = ""
    free_epoch: int = 0


@dataclass(frozen=True, slots=True)
class Polled:
    """How an attempt is. Output up to `offset` is kept, in `kept` bytes; `sha256` is of the last.

    `drained` says whether that is all there is. `ending` and `status` tell how a DONE one ended;
    `size` and `digest` are of all that is kept, and `whole` is False where some could not be.
    `ran_ms`: for so long it has been at work, by its host's own time; None where that is not known.
    """

    found: Found
    boot: str = ""
    offset: int = 0
    kept: int = 0
    sha256: str = ""
    drained: bool = True
    ending: Ending = Ending.EXITED
    status: int | None = None
    size: int = 0
    digest: str = ""
    whole: bool = True
    ran_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Voided:
    """Whether the gate is shut now; if not, it was claimed before, and something of it may run."""

    shut: bool
    running: bool = False


@dataclass(frozen=True, slots=True)
class Collected:
    """Whether the attempt's directory is gone; `why` it is not."""

    gone: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """Which of the hosts asked about are well, and what stands against taking more of them."""

    healthy: frozenset[str] = field(default_factory=frozenset)
    problems: tuple[str, ...] = ()


Answer: TypeAlias = NoAnswer | Looked | PutDone | Went | Polled | Voided | Collected | Surveyed
