"""Hosts that are folders of this machine: the real agent in a real shell, without SSH between.

The port's contract is kept: `call` raises `Unanswered`, and nobody knows then whether the command
ran. `fault` may cut the way there, or the way back.
"""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from runbooks.ports import Answer, Kept, Unanswered, Unwritable, Verdict
from runbooks.progress.entries import Entry, entry_from_json, entry_to_json
from runbooks.progress.facts import Task
from runbooks.runbook import Check, Playbook
from storage.database import RecordsError
from storage.journal import Journal
from storage.runs import RunFolder


@dataclass
class LocalHosts:
    """Each host is a folder under `root`."""

    root: Path
    shell: str = "sh"
    away: set[str] = field(default_factory=set)
    fault: Callable[[str, str], str] = lambda host, verb: ""  # "", "cut" or "deaf"
    calls: list[tuple[str, str]] = field(default_factory=list)

    async def call(
        self, host: str, command: str, stdin: bytes, *, deadline_seconds: float, output_limit: int
    ) -> Answer:
        words = shlex.split(command)
        verb = words[words.index("twinwatch") + 1].split(" ")[1]
        self.calls.append((host, verb))
        fault = self.fault(host, verb)
        if host in self.away or fault == "cut":
            raise Unanswered("no route")
        home = self.root / host
        home.mkdir(parents=True, exist_ok=True)
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "COUNTERS": str(home)}
        process = await asyncio.create_subprocess_exec(
            self.shell, "-c", command, env=environment, cwd=home,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            output, error = await process.communicate(stdin)
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if fault == "deaf":
            raise Unanswered("connection lost")
        return Answer(process.returncode, output[:output_limit], error)

    def count(self, host: str, name: str) -> int:
        """How often a script of `counting` was carried out."""
        path = self.root / host / name
        return path.read_text().count("\n") if path.exists() else 0


def counting(name: str, then: str = ":") -> str:
    """A script that leaves a line for each time it is carried out."""
    return f'echo once >>"$HOME/{name}"; {then}'


class FolderJournal:
    """The real journal behind the engine's port."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    async def append(self, entries: Sequence[Entry], *, durable: bool) -> None:
        try:
            self.journal.append([entry_to_json(each) for each in entries], durable=durable)
        except RecordsError as error:
            raise Unwritable(str(error)) from error

    @property
    def entries(self) -> list[Entry]:
        return [entry_from_json(line) for line in self.journal.lines]


@dataclass
class FolderOutputs:
    """The real folder of outputs behind the engine's port."""

    folder: RunFolder
    run: str

    async def keep(self, name: str, at: int, piece: bytes) -> Kept:
        kept = self.folder.keep_output(self.run, name, at, piece)
        return Kept(kept.size, kept.sha256)

    async def seal(self, name: str, size: int) -> Kept:
        kept = self.folder.seal_output(self.run, name, size)
        return Kept(kept.size, kept.sha256)


@dataclass
class Console:
    """Answers as it was told to."""

    answers: Mapping[str, bool] = field(default_factory=dict)

    async def ask(self, step: Check, host: str) -> Verdict:
        return Verdict(self.answers.get(step.id, True), "seen from here")

    async def play(
        self, step: Playbook, task: Task, attempt: str, seconds: float
    ) -> tuple[int | None, bytes]:
        return 0, b"PLAY RECAP\n"


@dataclass
class Calm:
    """An estate in which every host is well."""

    problems: tuple[str, ...] = ()

    def survey(
        self, hosts: Sequence[str], pause_when: Sequence[str]
    ) -> tuple[frozenset[str], tuple[str, ...]]:
        return frozenset(hosts), self.problems
