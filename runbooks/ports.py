"""What the engine needs of the rest of the house; the watch marries these with the real parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from runbooks.progress.entries import Entry
from runbooks.progress.facts import Task
from runbooks.runbook import Check, Playbook


class Unanswered(Exception):  # noqa: N818 - a state of things
    """A host did not answer: `cause` in a few words. Whether it got the request is not known."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class Unwritable(Exception):  # noqa: N818
    """The record can't be written: `why`, and what to do. Nothing of it was, nothing was done."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command on a host brought back; `status` None where it was cut off."""

    status: int | None
    output: bytes = field(repr=False)
    error: bytes = field(default=b"", repr=False)


class Journal(Protocol):
    """A run's record."""

    async def append(self, entries: Sequence[Entry], *, durable: bool) -> None:
        """Add entries; on the disk, with all before them, if `durable`. Raises Unwritable."""
        ...


class Hosts(Protocol):
    """One command on a host, over SSH."""

    async def call(
        self, host: str, command: str, stdin: bytes, *, deadline_seconds: float, output_limit: int
    ) -> Answer:
        """Run `command` with `stdin`. Raises Unanswered."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """How many bytes of an output are kept, and the sha256 of what was asked about."""

    size: int
    sha256: str


class Outputs(Protocol):
    """Where a run's output is kept."""

    async def keep(self, name: str, at: int, piece: bytes) -> Kept:
        """Put `piece` at `at`, instead of whatever is there. Raises Unwritable."""
        ...

    async def seal(self, name: str, size: int) -> Kept:
        """The sha256 of the first `size` bytes. Raises Unwritable."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether what was asked at the console holds, and what was seen in a few words."""

    holds: bool
    said: str = ""


class Console(Protocol):
    """What the watch itself can ask and do, without a host's shell."""

    async def ask(self, step: Check, host: str) -> Verdict:
        """Make the check from here; `host` is "" where it is about none. Raises Unanswered."""
        ...

    async def play(
        self, step: Playbook, task: Task, attempt: str, seconds: float
    ) -> tuple[int | None, bytes]:
        """Run the playbook; its exit status, None where its time was up, and what it printed."""
        ...


class Situation(Protocol):
    """How the estate is."""

    def survey(
        self, hosts: Sequence[str], pause_when: Sequence[str]
    ) -> tuple[frozenset[str], tuple[str, ...]]:
        """Which of `hosts` are well, and the problems that match one of the filters."""
        ...
