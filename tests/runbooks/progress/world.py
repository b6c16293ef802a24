"""Hosts that keep the agent's contract, in memory, with faults at will.

What a payload does is a `Deed`. `times` counts how often it was carried out: never twice. That the
contract is the real agent's is tested in test_world.py, on both.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import inf

from runbooks.progress.facts import Ending, Task
from runbooks.progress.requests import (
    Answer,
    Call,
    Collected,
    Found,
    Gc,
    Go,
    Look,
    Looked,
    NoAnswer,
    Play,
    Poll,
    Polled,
    Prints,
    Purpose,
    Put,
    PutDone,
    Stop,
    Survey,
    Surveyed,
    Void,
    Voided,
    Went,
)
from runbooks.progress.run import RunProgress

T0 = 1_800_000_000_000

#: What a payload prints when it begins, and in all.
BEGUN, ENDED = b"a", b"ab"
#: What is told to end in time, and does not, is killed by its host so much later.
HOST_KILL_MS = 10_000
#: Every host is up for so long when a run begins.
UP_MS = 1_000_000

AT_WORK = (Found.RUNNING, Found.ORPHAN)


@dataclass
class Deed:
    """What a payload does once it was started. What was polled `polls` times has ended, with
    `status`; with 0 before the reply to go.

    `befalls`: STILLBORN, it is killed before it begins; ORPHAN, what records its end is killed at
    once; LOST, both are, instead of an end. `hangs`: it ends only if told to, by what it
    `yields_to`, NO being nothing; `unclocked`: its host's clock was killed as well.
    """

    status: int = 0
    polls: int = 1
    works: bool = True  # whether `done_when` holds afterwards
    befalls: Found | None = None
    reboots: bool = False  # its end is the host's restart
    hangs: bool = False
    yields_to: Stop = Stop.TERM
    unclocked: bool = False


@dataclass
class Attempt:
    """What lies on a host. `gate` is "void", or the boot in which it was claimed; "" while it is
    open. `left` counts the polls until it ends."""

    payload: str = ""
    deed: Deed = field(default_factory=Deed)
    gate: str = ""
    began: bool = False
    recorder: bool = False  # whether somebody lives to record how it ends
    left: float = 0
    since: int = 0
    timeout_ms: int = 0
    stopped: bool = False
    late: bool = False
    status: int | None = None
    printed: bytes = b""

    def found(self, boot: str) -> Found:
        """How it is, in that boot of its host."""
        here = self.gate == boot
        if self.status is not None:
            return Found.DONE
        if self.gate in ("", "void"):
            lies = Found.PREPARED if self.payload else Found.ABSENT
            return Found.VOID if self.gate else lies
        if here and self.recorder:
            return Found.RUNNING
        if here and self.left > 0:
            return Found.ORPHAN
        return Found.LOST if self.began else Found.STILLBORN

    def end(self, status: int) -> None:
        """Nothing of it is at work any more; `status` is recorded if somebody lives who does."""
        self.status = status if self.recorder else None
        self.recorder, self.left = False, 0

    def told_to_end(self, signal: Stop) -> None:
        """A signal to all of it."""
        if self.deed.yields_to in (Stop.TERM, signal):
            self.end(128 + (15 if signal is Stop.TERM else 9))


@dataclass
class World:
    """Every host, as the agent on each would answer. `away` hosts do not answer, `full` ones have
    no room; `fences` are locks that others took there: since which epoch, and whether they are
    free again."""

    deeds: Mapping[str, Deed] = field(default_factory=dict)  # by step, or "step@host"
    holds: dict[str, bool] = field(default_factory=dict)  # by step, "step@host", "when:step"
    away: set[str] = field(default_factory=set)
    full: set[str] = field(default_factory=set)
    fences: dict[str, tuple[int, bool]] = field(default_factory=dict)
    healthy: set[str] | None = None
    problems: tuple[str, ...] = ()
    times: Counter[tuple[Task, int]] = field(default_factory=Counter)
    order: list[str] = field(default_factory=list)
    boots: Counter[str] = field(default_factory=Counter)
    booted: dict[str, int] = field(default_factory=dict)  # when each was started last, UTC ms
    ran_ms: int | None = None  # what runs has run for so long, where our clock was set
    attempts: dict[tuple[Task, int], Attempt] = field(default_factory=dict)
    told_to_go: Counter[tuple[Task, int]] = field(default_factory=Counter)
    watch: RunProgress | None = None  # whose calls are answered
    now: int = T0
    # "", "cut" before it arrives, "deaf" after, "restart": the host is restarted, nothing arrives
    fault: Callable[[Call], str] = lambda call: ""

    def answer(self, request: Call, payload: Callable[[Task], bytes], now: int = T0) -> Answer:
        """What comes back for a request at `now` (UTC ms)."""
        self.now = now
        host = "" if isinstance(request, Survey) else request.task.host
        fault = self.fault(request)
        if isinstance(request, Go):
            self.told_to_go[request.task, request.number] += 1
        if fault == "restart":
            self.restart(host)
        if host in self.away or fault in ("cut", "restart"):
            return NoAnswer("no route")
        answer = self._answer(request, payload)
        return NoAnswer("connection lost") if fault == "deaf" else answer

    def restart(self, host: str) -> None:
        """The host is restarted: nothing that worked there works any more."""
        self.boots[host] += 1
        self.booted[host] = self.now

    def _answer(self, request: Call, payload: Callable[[Task], bytes]) -> Answer:
        match request:
            case Look():
                return Looked(self._looked(request), "said")
            case Put():
                return self._put(request, hashlib.sha256(payload(request.task)).hexdigest())
            case Go():
                return self._go(request, hashlib.sha256(payload(request.task)).hexdigest())
            case Poll():
                return self._poll(request)
            case Play(task, number):
                return self._play(task, number)
            case Void(task) if task.step.startswith("play"):
                return Polled(Found.DONE, ending=Ending.STOPPED)
            case Void():
                return self._void(request)
            case Gc(task, number):
                if self._found(task, number) in AT_WORK:
                    return Collected(False, "it still runs there")
                self.attempts.pop((task, number), None)
                return Collected(True)
            case Survey(hosts=hosts):
                well = set(hosts) if self.healthy is None else self.healthy
                return Surveyed(frozenset(well), self.problems)
            case _:
                raise AssertionError(request)

    def _deed(self, task: Task) -> Deed:
        name = f"{task.step}!" if task.undo else task.step
        about = task.about or task.host
        return self.deeds.get(f"{name}@{about}", self.deeds.get(name, Deed()))

    def _boot(self, host: str) -> str:
        return f"boot-{self.boots[host]}"

    def _uptime_seconds(self, host: str) -> int:
        return (self.now - self.booted.get(host, T0 - UP_MS)) // 1000

    def _looked(self, look: Look) -> bool:
        task = look.task
        name = f"when:{task.step}" if look.purpose is Purpose.WHEN else task.step
        about = task.about or task.host
        missing = look.purpose in (Purpose.WHEN, Purpose.CHECK)
        if (
            look.purpose is Purpose.AFTER
            and name not in self.holds
            and f"{name}@{about}" not in self.holds
        ):
            missing = self._deed(task).reboots
        return self.holds.get(f"{name}@{about}", self.holds.get(name, missing))

    # --- an attempt -------------------------------------------------------------------------------

    def _put(self, request: Put, digest: str) -> Answer:
        task = request.task
        attempt = self.attempts.get((task, request.number), Attempt())
        if attempt.payload not in ("", digest):
            return PutDone(refusal="another payload stands under this id")
        if not attempt.payload and task.host in self.full:
            return PutDone(refusal="the host can't write")
        attempt.payload = digest
        self.attempts[task, request.number] = attempt
        return PutDone(self._boot(task.host), uptime_seconds=self._uptime_seconds(task.host))

    def _go(self, request: Go, digest: str) -> Answer:
        """What was told to go before, or lies there since another life of the watch, is looked at
        first. What it begins it tells as a poll would."""
        task, known = request.task, (request.task, request.number)
        boot, found = self._boot(task.host), self._found(*known)
        fresh = self.watch is None or self.watch.task(task).fresh
        again = self.told_to_go[known] > 1 or not fresh
        if found is not Found.PREPARED:
            return Went(boot) if found in (*AT_WORK, Found.DONE) else Polled(found, boot)
        attempt = self.attempts[known]
        if again and self._deed(task).reboots and request.boot != boot:
            return Polled(found, boot)
        refusal = self._refusal(request, attempt, digest)
        if refusal is not None:
            return refusal
        self._begin(task, request, attempt)
        found = attempt.found(boot)
        if found in (*AT_WORK, Found.DONE):
            return self._polled(Poll(task, request.number, 0, 0))
        return Polled(found, boot)

    def _refusal(self, request: Go, attempt: Attempt, digest: str) -> Went | None:
        host = request.task.host
        late = request.not_after is not None and self._uptime_seconds(host) > request.not_after
        if late or request.boot not in ("", self._boot(host)):
            return Went(refusal="it came too late, or after a restart")
        if attempt.payload != digest:
            return Went(refusal="what lies there is not what was planned")
        epoch, free = self.fences.get(host, (0, True))
        if not free or (epoch and epoch >= self._epoch):
            return Went(refusal="its lock is another's", free_epoch=epoch if free else 0)
        if host in self.full:
            return Went(refusal="the host can't write")
        return None

    @property
    def _epoch(self) -> int:
        return 1 if self.watch is None else max(1, self.watch.epoch)

    def _begin(self, task: Task, request: Go, attempt: Attempt) -> None:
        deed = attempt.deed = self._deed(task)
        attempt.gate, attempt.since = self._boot(task.host), self.now
        attempt.timeout_ms = request.timeout_ms
        if deed.befalls is Found.STILLBORN:
            return
        attempt.began, attempt.printed = True, BEGUN
        attempt.recorder = deed.befalls is not Found.ORPHAN
        attempt.left = inf if deed.hangs else deed.polls + (not attempt.recorder)
        self.times[task, request.number] += 1
        self.order.append(str(task))
        if deed.works and not task.undo:
            self.holds[f"{task.step}@{task.about or task.host}"] = True
        if attempt.left <= 0:
            self._ends(task, attempt)

    def _ends(self, task: Task, attempt: Attempt) -> None:
        """It ends by itself, or by what befalls it."""
        if attempt.deed.befalls is Found.LOST:
            attempt.recorder = False
        else:
            attempt.printed = ENDED
        attempt.end(attempt.deed.status)
        if attempt.deed.reboots:
            self.restart(task.host)

    def _ran_ms(self, attempt: Attempt) -> int:
        ran = self.now - attempt.since if self.ran_ms is None else self.ran_ms
        return ran // 1000 * 1000

    def _found(self, task: Task, number: int) -> Found:
        """How it is now, once its host's own clock had its say."""
        attempt, boot = self.attempts.get((task, number), Attempt()), self._boot(task.host)
        found, over = attempt.found(boot), self._ran_ms(attempt) - attempt.timeout_ms
        if found not in AT_WORK or over < 0:
            return found
        if not attempt.deed.hangs:
            self._ends(task, attempt)
        elif not attempt.deed.unclocked:
            attempt.late = True
            attempt.told_to_end(Stop.TERM if over < HOST_KILL_MS else Stop.KILL)
        return attempt.found(self._boot(task.host))

    def _poll(self, request: Poll) -> Answer:
        task = request.task
        if self._found(task, request.number) in AT_WORK:
            attempt = self.attempts[task, request.number]
            if request.stop is not Stop.NO and self._ran_ms(attempt) >= request.stop_after_ms:
                attempt.stopped = True
                attempt.told_to_end(request.stop)
            elif attempt.left <= 1:
                self._ends(task, attempt)
            else:
                attempt.left -= 1
        return self._polled(request)

    def _polled(self, request: Poll) -> Polled:
        assert request.prints is Prints.KEPT, "a lost secret is tried over the real agent"
        task = request.task
        attempt = self.attempts.get((task, request.number), Attempt())
        found = attempt.found(self._boot(task.host))
        piece = attempt.printed[request.offset :]
        polled = Polled(
            found,
            self._boot(task.host),
            offset=request.offset + len(piece),
            kept=request.kept + len(piece),
            sha256=hashlib.sha256(piece).hexdigest() if piece else "",
        )
        if found in AT_WORK:
            return replace(polled, ran_ms=self._ran_ms(attempt))
        stopped = Ending.STOPPED if attempt.stopped else Ending.EXITED
        return replace(
            polled,
            ending=Ending.TIMED_OUT if attempt.late else stopped,
            status=attempt.status,
            size=polled.kept,
            digest=hashlib.sha256(ENDED[: polled.kept]).hexdigest(),
        )

    def _void(self, request: Void) -> Answer:
        task = request.task
        found = self._found(task, request.number)
        if found in (Found.ABSENT, Found.PREPARED):
            if task.host in self.full:
                return NoAnswer("the host can't write")
            self.attempts.setdefault((task, request.number), Attempt()).gate = "void"
            return Voided(True)
        if found in AT_WORK and request.stop is not Stop.NO:
            attempt = self.attempts[task, request.number]
            attempt.stopped = True
            attempt.told_to_end(request.stop)
            found = self._found(task, request.number)
        return Voided(found is Found.VOID, found in AT_WORK)

    def _play(self, task: Task, number: int) -> Answer:
        """A playbook that was begun before is lost to whoever asks for it again."""
        if self.times[task, number]:
            return Polled(Found.LOST)
        deed = self._deed(task)
        self.times[task, number] += 1
        self.order.append(str(task))
        if deed.works:
            self.holds[f"{task.step}@{task.host}"] = True
        return Polled(Found.DONE, offset=2, kept=2, sha256="bb", status=deed.status, size=2)
