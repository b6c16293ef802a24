"""What a console asks of its watch about who has which problem, and what it is told. Values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tui.console.requests.handover import HANDOVER_REQUESTS, HandedOver, HandoverRequest


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The person has a problem for `for_ms`; `TakenDown`."""

    problem: str
    reason: str
    for_ms: int


@dataclass(frozen=True, slots=True)
class Unacknowledge:
    """Take the acknowledgement of a problem back; `TakenDown`."""

    problem: str


@dataclass(frozen=True, slots=True)
class SilenceThem:
    """Silence the problems that `where` selects for `for_ms`; `TakenDown`."""

    where: str
    reason: str
    for_ms: int


@dataclass(frozen=True, slots=True)
class Unsilence:
    """End the silence of that id; `TakenDown`."""

    silence: str


@dataclass(frozen=True, slots=True)
class AskSuggestions:
    """Which runbooks a problem suggests; `Suggested`."""

    problem: str


AttentionRequest = (
    Acknowledge | Unacknowledge | SilenceThem | Unsilence | AskSuggestions | HandoverRequest
)
REQUESTS = (
    *(Acknowledge, Unacknowledge, SilenceThem, Unsilence, AskSuggestions),
    *HANDOVER_REQUESTS,
)


@dataclass(frozen=True, slots=True)
class TakenDown:
    """The watch keeps it."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A runbook for a problem, with what it says of its inputs."""

    runbook: str
    given: Mapping[str, str] = field(default_factory=dict)
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Suggested:
    """Runbooks for a problem, the most particular first."""

    runbooks: tuple[Suggestion, ...]


AttentionFact = TakenDown | Suggested | HandedOver
