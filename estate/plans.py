"""Runbooks and their plans as the console shows them: what could be run, and what that would be.

Durations are ms, times UTC ms. Texts were checked where the runbook was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class InputView:
    """What is asked of whoever starts a run. `default` None: it must be given."""

    name: str
    type: str
    say: str
    default: str | None = None
    of: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class RunbookRow:
    """A runbook in a line; `problem` says why it can't be run, "" where it can."""

    name: str
    file: str
    title: str = ""
    version: int | None = None
    steps: int | None = None
    target_ms: int | None = None
    sensitive: bool = False
    drill: str = ""  # what is different in one, "" where there is none
    way_back: str = ""
    problem: str = ""
    inputs: tuple[InputView, ...] = ()


@dataclass(frozen=True, slots=True)
class ReasonView:
    """One reason not to start; see `runbooks.reasons`."""

    rule: str
    what: str
    todo: str
    waivable: bool = False
    missing: str = ""
    step: str = ""
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class PlannedStepView:
    """A step on its frozen hosts.

    `done` says of each host whether `done_when` holds there now; hosts that could not be asked are
    in it with None, and it is empty where there is nothing to ask. `source` is where the prediction
    comes from: "history", "takes", "timeout", "people" or "sum".
    """

    id: str
    kind: str
    say: str
    hosts: tuple[str, ...] = ()
    before: bool = False
    text: str = ""
    done_when: str = ""
    left_out: str = ""
    irreversible: bool = False
    p50_ms: int = 0
    p90_ms: int = 0
    source: str = ""
    worst_ms: int | None = None
    done: Mapping[str, bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlanView:
    """What a run would be. Without `reasons` it may be started.

    `confirm` is what must be typed to start it: the site where it first does what can't be taken
    back, "" where nothing is. `worst_ms` None: no way through it has a bound; `endless` names the
    ways that have none. The times are from the clock's start to its stop. `locks` are of services,
    and every host is locked. `users` are as whom steps change hosts, "" for who logs in: there a
    lock keeps out runs that act as the same user, and no other.
    """

    runbook: str
    title: str
    version: int
    sha256: str
    asked_at: int
    reasons: tuple[ReasonView, ...]
    drill: bool = False
    drill_words: str = ""  # what a drill of this runbook leaves out, "" where it has none
    steps: tuple[PlannedStepView, ...] = ()
    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inputs: tuple[InputView, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    confirm: str = ""
    p50_ms: int = 0
    p90_ms: int = 0
    source: str = ""
    target_ms: int | None = None
    worst_ms: int | None = None
    worst: str = ""
    endless: tuple[str, ...] = ()
    way_back: str = ""
    locks: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
