"""One host and one step on it, in two kinds: a `World` in memory, and the real agent under `sh`.

What both are asked are the engine's own calls. What they answer is made alike where it need not be
the same: names of boots, times, words.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from runbooks import performance
from runbooks.host.protocol import Fence, HostAgent
from runbooks.host.replies import Freed, Held, read_reply
from runbooks.performance import Parts, Performer, attempt_of
from runbooks.progress.entries import Entry, entry_to_json
from runbooks.progress.facts import Planned, Task
from runbooks.progress.requests import (
    Answer,
    Call,
    Collected,
    Found,
    Gc,
    Go,
    NoAnswer,
    Poll,
    Polled,
    Put,
    PutDone,
    Stop,
    Void,
    Went,
)
from runbooks.progress.run import replay
from runbooks.runbook import Do, Reboot, Runbook
from runbooks.scripts import Scripts
from storage.runs import RunFolder
from tests.runbooks.local import Calm, Console, FolderOutputs, LocalHosts
from tests.runbooks.progress.world import AT_WORK, T0, Attempt, Deed, World

HOST = "db2"
LOCKS = ("service/mail",)
#: Of the run whose calls these are.
OUR_EPOCH = 5
#: Every wait ends, however busy the machine.
PATIENCE_SECONDS = 60

_COUNTED = 'echo once >>"$HOME/count"; printf a; '
_UNTIL_TOLD = 'while [ ! -e "$HOME/on" ]; do sleep 0.05; done; printf b'

#: What a step runs, and how a `World` says the same.
PAYLOADS = {
    "ends": (f"{_COUNTED} printf b; exit 3", Deed(status=3, polls=0)),
    "works": (_COUNTED + _UNTIL_TOLD, Deed(hangs=True)),
    "deaf": (f"trap '' TERM; {_COUNTED}{_UNTIL_TOLD}", Deed(hangs=True, yields_to=Stop.KILL)),
    "restarts": (_COUNTED + _UNTIL_TOLD, Deed(hangs=True, reboots=True)),
}


def polled(found: Found, printed: bytes = b"", restarts: int = 0, **more: object) -> Polled:
    """What a poll from the first byte on says of an attempt at rest, with all that it printed."""
    size, digest = len(printed), hashlib.sha256(printed).hexdigest()
    return Polled(
        found, f"boot-{restarts}", size, size, digest if printed else "", size=size, digest=digest,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def alike(answer: Answer, boots: dict[str, str]) -> Answer:
    """The answer without what differs between two hosts."""
    match answer:
        case Polled(found) if found in AT_WORK:
            # How much it printed by then is a matter of the moment; that its time is known is not.
            return Polled(found, boots[answer.boot], ran_ms=None if answer.ran_ms is None else 0)
        case Polled():
            return replace(answer, boot=boots[answer.boot], ran_ms=None)
        case PutDone(boot, ""):
            return PutDone(boots[boot], uptime_seconds=None if answer.uptime_seconds is None else 1)
        case PutDone():
            return PutDone(refusal="refused")
        case Went(boot, ""):
            return Went(boots[boot])
        case Went():
            return Went(refusal="refused", free_epoch=answer.free_epoch)
        case NoAnswer():
            return NoAnswer("silence")
        case Collected(False):
            return Collected(False)
        case _:
            return answer


@dataclass
class Ground(ABC):
    """What is asked of the host, and what may befall it."""

    step: str = "works"

    def __post_init__(self) -> None:
        given = {"id": self.step, "say": "Do it", "hosts": ("new",), "timeout_ms": 60_000}
        sh = PAYLOADS[self.step][0]
        kind = Reboot if self.step == "restarts" else Do
        self.runbook = Runbook(
            name="b",
            title="B",
            version=1,
            text=sh,
            steps=(kind(sh=sh, **given),),  # type: ignore[arg-type]
        )
        hosts = {"new": (HOST,)}
        self.planned = Planned(
            "r-1", "b", "B", sh, self.runbook.sha256, hosts, locks=LOCKS, epoch=OUR_EPOCH
        )
        self.scripts = Scripts(self.runbook, self.planned)
        first = Entry(1, T0, "op", self.planned)
        self.progress = replay(self.runbook, (first,), self.scripts.payload)
        self.task = Task(self.step, HOST)
        self.progress.task(self.task).fresh = True  # begun by this life of the watch
        self.restarts = 0

    def put(self) -> Answer:
        return self.ask(Put(self.task, 1))

    def go(self, timeout_ms: int = 60_000, not_after: int | None = None) -> Answer:
        return self.ask(Go(self.task, 1, timeout_ms, "boot-0", not_after))

    def poll(self, offset: int = 0, stop: Stop = Stop.NO, stop_after_ms: int = 0) -> Answer:
        return self.ask(Poll(self.task, 1, offset, offset, stop, stop_after_ms=stop_after_ms))

    def void(self, stop: Stop = Stop.NO) -> Answer:
        return self.ask(Void(self.task, 1, stop))

    def gc(self) -> Answer:
        return self.ask(Gc(self.task, 1))

    def begin(self) -> None:
        """Put and go; it works, and has said so."""
        self.put()
        self.go()
        self.comes_to(Found.RUNNING)

    def comes_to(self, *found: Found) -> Answer:
        """The first answer that finds it so; of what works, once it was heard."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            raw = self.raw(Poll(self.task, 1, 0, 0))
            assert isinstance(raw, Polled)
            if raw.found in found and (raw.found not in AT_WORK or raw.offset):
                return alike(raw, self.boots)
        raise AssertionError(f"it never came to {found}: {raw}")

    def ask(self, call: Call) -> Answer:
        return alike(self.raw(call), self.boots)

    @abstractmethod
    def raw(self, call: Call) -> Answer:
        """What comes back."""

    @property
    @abstractmethod
    def boots(self) -> dict[str, str]:
        """What each boot is called here."""

    @property
    @abstractmethod
    def times(self) -> int:
        """How often it was carried out."""

    @abstractmethod
    def let_end(self) -> None: ...
    @abstractmethod
    def kill_recorder(self) -> None: ...
    @abstractmethod
    def kill_all(self) -> None: ...
    @abstractmethod
    def claim_and_die(self) -> None:
        """What had claimed it was killed before it began."""

    @abstractmethod
    def remove(self) -> None:
        """Somebody removes its directory."""

    @abstractmethod
    def change(self) -> None:
        """Somebody changes what lies there."""

    @abstractmethod
    def restart(self) -> None: ...
    @abstractmethod
    def lose(self, how: str) -> None:
        """The next call is "cut" before it arrives, or we are "deaf" to its answer."""

    @abstractmethod
    def lives_again(self) -> None:
        """The watch was killed, and is there again."""

    @abstractmethod
    def others_lock(self, epoch: int, *, free: bool) -> None:
        """Another run had our lock there, and has it still unless it is free."""

    @abstractmethod
    def small_disk(self) -> contextlib.AbstractContextManager[object]: ...
    @abstractmethod
    def fill(self) -> None: ...


class InMemory(Ground):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.world = World({self.step: PAYLOADS[self.step][1]}, watch=self.progress)
        self.now = T0

    def raw(self, call: Call) -> Answer:
        self.now += 500
        answer = self.world.answer(call, self.scripts.payload, self.now)
        self.world.fault = lambda call: ""
        return answer

    @property
    def boots(self) -> dict[str, str]:
        return {"": "", **{f"boot-{n}": f"boot-{n}" for n in range(self.restarts + 1)}}

    @property
    def times(self) -> int:
        return self.world.times[self.task, 1]

    @property
    def attempt(self) -> Attempt:
        return self.world.attempts[self.task, 1]

    def let_end(self) -> None:
        self.attempt.left = 1

    def kill_recorder(self) -> None:
        self.attempt.recorder = False

    def kill_all(self) -> None:
        self.attempt.recorder, self.attempt.left = False, 0

    def claim_and_die(self) -> None:
        self.attempt.gate = f"boot-{self.restarts}"

    def remove(self) -> None:
        del self.world.attempts[self.task, 1]

    def change(self) -> None:
        self.attempt.payload = "another"

    def restart(self) -> None:
        self.restarts += 1
        self.world.restart(HOST)

    def lose(self, how: str) -> None:
        self.world.fault = lambda call: how

    def lives_again(self) -> None:
        self.world.told_to_go.clear()
        self.progress.task(self.task).fresh = False

    def others_lock(self, epoch: int, *, free: bool) -> None:
        self.world.fences[HOST] = (epoch, free)

    def small_disk(self) -> contextlib.AbstractContextManager[object]:
        return contextlib.nullcontext()

    def fill(self) -> None:
        self.world.full.add(HOST)


class UnderSh(Ground):
    def __init__(self, step: str, folder: Path) -> None:
        self.hosts = LocalHosts(folder / "hosts")
        self.home = folder / "hosts" / HOST
        self.home.mkdir(parents=True)
        self.runs = RunFolder(folder / "runs")
        super().__init__(step)
        self.runs.begin("r-1", entry_to_json(Entry(1, T0, "op", self.planned))).close()
        self.lives_again()
        self.progress.task(self.task).fresh = True

    def raw(self, call: Call) -> Answer:
        if isinstance(call, Go) and self.restarts:
            call = replace(call, boot="0f-an-earlier-one")
        elif isinstance(call, Go):
            call = replace(call, boot=_boot())
        with pytest.MonkeyPatch.context() as patch:
            # What ends at once is told with its start, however slow; what works on is not waited for.
            short = PATIENCE_SECONDS if self.step == "ends" else 0
            patch.setattr(performance, "SHORT_SECONDS", short)
            patch.setattr(performance, "CALL_SECONDS", 2 * PATIENCE_SECONDS)
            answer = asyncio.run(self.performer.perform(call, self.progress))
        self.hosts.fault = lambda host, verb: ""
        return answer

    @property
    def boots(self) -> dict[str, str]:
        return {"": "", _boot(): f"boot-{self.restarts}"}

    @property
    def times(self) -> int:
        return self.hosts.count(HOST, "count")

    @property
    def directory(self) -> Path:
        return self.home / ".twinwatch" / "steps" / attempt_of("r-1", self.task, 1).id

    def let_end(self) -> None:
        (self.home / "on").touch()

    def kill_recorder(self) -> None:
        os.kill(int(str((self.directory / "claim").readlink()).split(".")[1]), signal.SIGKILL)

    def kill_all(self) -> None:
        self.kill_recorder()
        [session] = self.directory.glob("session.*")
        os.killpg(int(session.name.split(".")[1]), signal.SIGKILL)

    def claim_and_die(self) -> None:
        (self.directory / "claim").symlink_to(f"{_boot()}.{2**22 + 1}.1")  # above any pid_max

    def remove(self) -> None:
        shutil.rmtree(self.directory)

    def change(self) -> None:
        with (self.directory / "payload").open("ab") as file:
            file.write(b"\n")

    def restart(self) -> None:
        """As it looks from the next boot."""
        claim = self.directory / "claim"
        if claim.is_symlink():
            boot, rest = str(claim.readlink()).split(".", 1)
            if not any(self.directory.glob("rc.[0-9]*")):
                self.kill_all()
            claim.unlink()
            claim.symlink_to(f"{boot[::-1]}.{rest}")
        self.restarts += 1

    def lose(self, how: str) -> None:
        self.hosts.fault = lambda host, verb: how

    def lives_again(self) -> None:
        parts = Parts(self.hosts, FolderOutputs(self.runs, "r-1"), Console(), Calm())
        self.performer = Performer("r-1", "op", self.scripts, parts)
        self.progress.task(self.task).fresh = False

    def others_lock(self, epoch: int, *, free: bool) -> None:
        agent, fence = HostAgent(), Fence(epoch, "r-0", LOCKS)
        for asked in (agent.lock(fence, seconds=600), *((agent.unlock(fence),) if free else ())):
            answer = asyncio.run(
                self.hosts.call(
                    HOST, asked.command, asked.stdin, deadline_seconds=60, output_limit=9_999
                )
            )
            reply = read_reply(asked, answer.output, answer.error, answer.status)
            assert isinstance(reply, Held | Freed), reply

    @contextlib.contextmanager
    def small_disk(self) -> Iterator[None]:
        if os.geteuid() != 0:
            pytest.skip("only root can mount a small disk")
        place = self.home / ".twinwatch"
        place.mkdir(mode=0o700)
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=60,mode=700", "tmpfs", place]
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            pytest.skip(f"no small disk here: {mounted.stderr.strip()}")
        try:
            yield
        finally:
            subprocess.run(["umount", "-l", place], check=True)

    def fill(self) -> None:
        with contextlib.suppress(OSError):
            for number in range(1000):
                (self.home / ".twinwatch" / f"inode{number}").touch()

    def leave(self) -> None:
        """Whatever still works there ends."""
        mark = f"HOME={self.home}".encode()
        for each in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (each / "environ").read_bytes().split(b"\0"):
                    os.kill(int(each.name), signal.SIGKILL)


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
