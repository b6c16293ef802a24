"""What a person wants of their own console, however they said it: by a key, a click, a command.

Values; `tui.console.session` obeys them. What is wanted of the world around the console is a
request (`tui.console.requests`); whatever is pressed or told comes to some of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tui.console.journey.places import Journey
from tui.console.requests.request import Request
from tui.paint.view import Attention


@dataclass(frozen=True, slots=True)
class Say:
    """One line for the person, until the next key or for a while."""

    text: str


@dataclass(frozen=True, slots=True)
class Look:
    """Look otherwise at the screen that is shown."""

    attention: Attention


@dataclass(frozen=True, slots=True)
class Filter:
    """Filter the list that is shown."""

    text: str


@dataclass(frozen=True, slots=True)
class Go:
    """Show a screen. `filter` of None leaves the filter there as it is."""

    screen: str
    subject: str = ""
    filter: str | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """Be where `journey` is: a place that was visited, or the one beside."""

    journey: Journey


@dataclass(frozen=True, slots=True)
class Plan:
    """Show what a run would be, with these inputs."""

    runbook: str
    given: Mapping[str, str] = field(default_factory=dict, repr=False)  # secrets may be among them


@dataclass(frozen=True, slots=True)
class Type:
    """Open a line to be typed: "filter", "command" or "palette"."""

    kind: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Hold the board still, or let it go on."""


@dataclass(frozen=True, slots=True)
class ShowNewest:
    """Show the newest board now, on a spared link too."""


@dataclass(frozen=True, slots=True)
class Choose:
    """Choose a setting."""

    name: str
    value: str


Order: TypeAlias = Say | Look | Filter | Go | Walk | Plan | Type | Hold | ShowNewest | Choose
Outcome: TypeAlias = "Order | Request"
