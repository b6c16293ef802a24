"""What a session asks of the world around it. Values; `tui.console.app` fulfils them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tui.console.attentionrequests import AttentionRequest
    from tui.console.runrequests import RunRequest


@dataclass(frozen=True, slots=True)
class Leave:
    """Close this console; the watch goes on."""


@dataclass(frozen=True, slots=True)
class Suspend:
    """Back to the shell until it says fg."""


@dataclass(frozen=True, slots=True)
class Redraw:
    """Draw all of the screen again."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The terminal's bell."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """Ask a host now; None asks all of them."""

    host: str | None


@dataclass(frozen=True, slots=True)
class AskReadiness:
    """Ask the hosts of a service its runbook's checks, now."""

    service: str


@dataclass(frozen=True, slots=True)
class AskMoments:
    """Of which moments before `end`, UTC ms, boards are kept."""

    end: int


@dataclass(frozen=True, slots=True)
class AskBoard:
    """The board that was kept last at `at`, UTC ms; or the one before that (`step` -1), or after
    it (1)."""

    at: int
    step: int = 0


@dataclass(frozen=True, slots=True)
class AskRunThen:
    """Everything about a run as it was at `at`, UTC ms."""

    run: str
    at: int


@dataclass(frozen=True, slots=True)
class Revive:
    """Try now to come back to the watch; start it, if it has ended."""


@dataclass(frozen=True, slots=True)
class Detail:
    """Fetch what the host screen shows beside the row; charts over `span` up to `now`, UTC ms."""

    host: str
    span: str
    now: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Fetch how deep a queue was over `span` up to `now`, UTC ms."""

    queue: str
    span: str
    now: int


@dataclass(frozen=True, slots=True)
class Copy:
    """Put text into the terminal's clipboard (OSC 52)."""

    text: str


@dataclass(frozen=True, slots=True)
class Export:
    """Write the screen to files."""


@dataclass(frozen=True, slots=True)
class Save:
    """Keep a setting for the next console."""

    name: str
    value: str


Request: TypeAlias = (
    "Leave | Suspend | Redraw | Ring | Refresh | AskReadiness | AskMoments | AskBoard"
    " | AskRunThen | Revive | Detail | Chart | Copy | Export | Save | RunRequest | AttentionRequest"
)
