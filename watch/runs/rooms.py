"""The engine's ports, fulfilled: storage for what is kept, the collection's calls for hosts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from collectors.calls import Calls, Lost, Unreachable
from estate.clean import clean
from estate.document import Document, Severity
from estate.fields import PROBLEM_FIELDS, problem_fields
from estate.filter import FilterError, parse
from estate.samples import Cause, Reach
from runbooks.planning.budget import Left
from runbooks.ports import Answer, Kept, Unanswered, Unwritable, Verdict
from runbooks.progress.entries import Entry, entry_to_json
from runbooks.progress.facts import Task
from runbooks.runbook import Check, Playbook
from storage.database import RecordsError
from storage.journal import Journal
from storage.runs import RunFolder


class RunJournal:
    """A run's journal, written on a thread: a slow disk holds up its run, not the watch."""

    def __init__(self, journal: Journal, entries: list[Entry]) -> None:
        self._journal = journal
        self._entries = entries  # grows by what is on record

    async def append(self, entries: Sequence[Entry], *, durable: bool) -> None:
        """Add entries; on the disk if `durable`. Raises Unwritable.

        Not to be cancelled: the thread would write on, and nobody know what it wrote.
        """
        lines = [entry_to_json(each) for each in entries]
        try:
            await asyncio.to_thread(self._journal.append, lines, durable=durable)
        except RecordsError as error:
            raise Unwritable(str(error)) from error
        self._entries += entries

    def close(self) -> None:
        """Let go of the file."""
        self._journal.close()


@dataclass(frozen=True, slots=True)
class RunOutputs:
    """What a run's steps print, kept in its folder."""

    folder: RunFolder
    run: str

    async def keep(self, name: str, at: int, piece: bytes) -> Kept:
        """Put `piece` at `at`. Raises Unwritable."""
        return await self._done(lambda: _kept(self.folder.keep_output(self.run, name, at, piece)))

    async def seal(self, name: str, size: int) -> Kept:
        """The sha256 of the first `size` bytes. Raises Unwritable."""
        return await self._done(lambda: _kept(self.folder.seal_output(self.run, name, size)))

    @staticmethod
    async def _done(work: Callable[[], Kept]) -> Kept:
        try:
            return await asyncio.to_thread(work)
        except RecordsError as error:
            raise Unwritable(str(error)) from error


class _Sized(Protocol):
    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...


def _kept(kept: _Sized) -> Kept:
    return Kept(kept.size, kept.sha256)


@dataclass(frozen=True, slots=True)
class CalledHosts:
    """Hosts, called over the collection's own ways."""

    calls: Calls

    async def call(
        self, host: str, command: str, stdin: bytes, *, deadline_seconds: float, output_limit: int
    ) -> Answer:
        """Run `command` with `stdin`. Raises Unanswered."""
        try:
            answer = await self.calls.call(
                host, command, stdin, deadline_seconds=deadline_seconds, output_limit=output_limit
            )
        except (Unreachable, Lost) as silence:
            raise Unanswered(_in_words(silence.cause)) from silence
        return Answer(answer.status, answer.output, answer.error)


def _in_words(cause: Cause) -> str:
    return clean(cause.what, limit=200)


@dataclass(frozen=True, slots=True)
class BoardSituation:
    """The estate as the board has it."""

    document: Callable[[], Document]
    now: Callable[[], int]

    def survey(
        self, hosts: Sequence[str], pause_when: Sequence[str]
    ) -> tuple[frozenset[str], tuple[str, ...]]:
        """Which of `hosts` are live without a critical problem, and problems that match a filter.

        A filter that can't be read stands in the way, as a problem would: it was checked when the
        runbook was read, and nobody knows what it would have said.
        """
        document, now = self.document(), self.now()
        ill = {
            host
            for problem in document.problems
            if problem.severity is Severity.CRITICAL
            for host in problem.hosts
        }
        live = {
            name
            for name in hosts
            if (row := document.hosts.get(name)) is not None and row.reach is Reach.LIVE
        }
        against: list[str] = []
        for text in pause_when:
            try:
                selects = parse(text, PROBLEM_FIELDS)
            except FilterError as error:
                against.append(f"{text}: {error}")
                continue
            against += (
                f"{problem.where}: {problem.what}"
                for problem in document.problems
                if selects.matches(problem_fields(problem, now))
            )
        return frozenset(live - ill), tuple(dict.fromkeys(against))


def months_left(document: Document, now: int) -> dict[str, Left]:
    """What is left for certain of each service's month, where it has an objective."""
    return {
        row.key: Left(row.budget.limit_ms, row.budget.left_worst_ms)
        for row in document.services
        if row.budget is not None and row.budget.starts <= now < row.budget.ends
    }


class Asker(Protocol):
    """What answers checks that are made from the watch itself."""

    async def ask(self, step: Check, host: str) -> Verdict: ...


class Player(Protocol):
    """What runs playbooks."""

    async def play(
        self,
        step: Playbook,
        host: str,
        files: Mapping[str, bytes],
        variables: Mapping[str, str],
        seconds: float,
    ) -> tuple[int | None, bytes]: ...


@dataclass(frozen=True, slots=True)
class WatchConsole:
    """What the watch itself can ask: a probe of the estate, a certificate that is served."""

    askers: Mapping[str, Asker]
    player: Player | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    async def ask(self, step: Check, host: str) -> Verdict:
        """Make the check from here. Raises Unanswered."""
        kind = type(step.ask).__name__.lower()
        asker = self.askers.get(kind)
        if asker is None:
            raise Unanswered(f"this watch has no way to ask for a {kind}")
        return await asker.ask(step, host)

    async def play(
        self, step: Playbook, task: Task, attempt: str, seconds: float
    ) -> tuple[int | None, bytes]:
        """Run the playbook on the task's host. Raises Unanswered."""
        if self.player is None:
            return 127, b"this watch runs no playbooks\n"
        return await self.player.play(step, task.host, self.files, self.variables, seconds)
