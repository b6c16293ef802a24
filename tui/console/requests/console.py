"""What a session asks of its own console: of the terminal, and of the person's files. Values."""

from __future__ import annotations

from dataclasses import dataclass


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
