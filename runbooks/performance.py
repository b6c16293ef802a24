"""How a call is made: a request of the run goes to a host, and its reply becomes an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from estate.clean import clean
from runbooks.host.attempt import Attempt
from runbooks.host.protocol import CHUNK_BYTES, NO_FENCE, Fence, HostAgent, Signal, carried
from runbooks.host.protocol import Request as HostRequest
from runbooks.host.replies import (
    Checked,
    Gone,
    Held,
    NoReply,
    Observed,
    Reason,
    Refused,
    Reply,
    State,
    read_reply,
)
from runbooks.inputs import Inputs, secrets_for
from runbooks.locks import HELD_MS
from runbooks.ports import Console, Hosts, Outputs, Situation, Unanswered
from runbooks.printed import Printed
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
from runbooks.redaction import Redaction
from runbooks.runbook import Check, OnHosts, Playbook, Probe, Reboot, Step
from runbooks.scripts import Scripts

#: Until when a host must have answered, besides what it was given to do.
CALL_SECONDS = 12.0
#: What is sent takes as long as on a link of so many bytes a second.
SLOW_LINK = 16_384
#: What ends so soon after its start is told with the start.
SHORT_SECONDS = 1
#: Of what a check prints, for its last line.
SAID_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Silence:
    """A host does not answer since `since` (UTC ms), and why."""

    since: int
    cause: str


@dataclass(frozen=True, slots=True)
class Parts:
    """The real parts that calls are made with."""

    hosts: Hosts
    outputs: Outputs
    console: Console
    situation: Situation


@dataclass(slots=True)
class Performer:
    """Makes the calls of one run. `secrets` are at hand in memory only, by name of the input.

    They only ever become more: what a step that runs was given is found in its output.
    """

    run: str
    actor: str
    scripts: Scripts
    parts: Parts
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    has_ended: Callable[[str], bool] = lambda run: False  # whether a lock's owner is over
    _told_to_go: set[tuple[Task, int]] = field(default_factory=set)
    # How playbooks ended, and what they printed; never shown, there may be secrets in it.
    _played: dict[tuple[Task, int], tuple[int | None, bytes]] = field(
        default_factory=dict, repr=False
    )

    async def perform(  # noqa: PLR0911 - one line a call
        self, request: Call, progress: RunProgress
    ) -> Answer:
        """Make the call; a host's silence is an answer too. Raises Unwritable."""
        try:
            match request:
                case Survey(_, hosts, pause_when):
                    return Surveyed(*self.parts.situation.survey(hosts, pause_when))
                case Look():
                    return await self._look(request, progress)
                case Put():
                    return await self._put(request, progress)
                case Go():
                    return await self._go(request, progress)
                case Poll():
                    return await self._poll(request, progress)
                case Void():
                    return await self._void(request, progress)
                case Gc():
                    return await self._gc(request, progress)
                case Play():
                    return await self._play(request, progress)
        except Unanswered as silence:
            return NoAnswer(silence.cause)

    # --- questions --------------------------------------------------------------------------------

    async def _look(self, request: Look, progress: RunProgress) -> Answer:
        step = progress.course.step(request.task.step)
        asked_here = isinstance(step, Check) and (step.at_console or isinstance(step.ask, Probe))
        if isinstance(step, Check) and asked_here and request.purpose is Purpose.CHECK:
            verdict = await self.parts.console.ask(step, request.task.host)
            return Looked(verdict.holds, self._redaction.redact_text(verdict.said))
        script = self.scripts.question(request.task, request.purpose)
        secrets = self._carried(request.task, progress)
        seconds = max(1, request.timeout_ms // 1000)
        agent = self._agent(request.task, progress)
        asked = agent.check(script, timeout_seconds=seconds, limit=SAID_BYTES, secrets=secrets)
        # What is to be known soon is not waited for long, where the way there is lost.
        reply = await self._ask(request.task, asked, seconds + min(CALL_SECONDS, seconds))
        match reply:
            case Checked(None):
                return Looked(False, f"it gave no answer within {seconds} s")
            case Checked(status, output):
                return Looked(status == 0, self._last_line(output) or f"exit status {status}")
            case _:
                raise _unanswered(reply)

    def _last_line(self, output: bytes) -> str:
        """What a check said last, fit to be shown."""
        redacted, _ = self._redaction.redact(output, last=True)
        return clean(redacted.strip().rsplit(b"\n", 1)[-1], limit=200)

    # --- an attempt -------------------------------------------------------------------------------

    async def _put(self, request: Put, progress: RunProgress) -> Answer:
        agent, attempt = self._agent(request.task, progress), self.attempt(request)
        content = self.scripts.content(request.task)
        if content is not None:
            seconds = CALL_SECONDS + len(content) / SLOW_LINK
            reply = await self._ask(request.task, agent.put(attempt, content, "file"), seconds)
            if isinstance(reply, Refused):
                return PutDone(refusal=_sentence(reply))
            if not isinstance(reply, Observed):
                raise _unanswered(reply)
        payload = self.scripts.payload(request.task)
        seconds = CALL_SECONDS + len(payload) / SLOW_LINK
        reply = await self._ask(request.task, agent.put(attempt, payload), seconds)
        match reply:
            case Observed():
                return PutDone(reply.boot, uptime_seconds=reply.uptime_seconds)
            case Refused(Reason.CUT):
                raise _unanswered(reply)
            case Refused():
                return PutDone(refusal=_sentence(reply))
            case _:
                raise _unanswered(reply)

    async def _go(self, request: Go, progress: RunProgress) -> Answer:
        """Start it. Whatever was told to go before, by whom we don't know, is looked at first."""
        agent, attempt = self._agent(request.task, progress), self.attempt(request)
        known = (request.task, request.number)
        if known in self._told_to_go or not progress.task(request.task).fresh:
            seen = await self._observe(request.task, agent.poll(attempt, 0, limit=0))
            if seen.state is not State.PREPARED:
                return _after_go(seen)
            if seen.boot != request.boot and isinstance(self._step(request.task, progress), Reboot):
                return Polled(Found.PREPARED, seen.boot)  # never twice, whoever restarted it
        self._told_to_go.add(known)
        asked = agent.go(
            attempt,
            progress.course.payload_sha256(request.task),
            timeout_seconds=max(1, request.timeout_ms // 1000),
            actor=self.actor,
            fence=self._fence(progress),
            secrets=self._carried(request.task, progress),
            not_after=request.not_after,
            boot=request.boot,
            wait_seconds=SHORT_SECONDS,
            limit=CHUNK_BYTES,
        )
        reply = await self._ask(request.task, asked, CALL_SECONDS)
        match reply:
            case Observed():
                return await self._begun(request, reply)
            case Refused(Reason.CUT):
                raise _unanswered(reply)
            case Refused(Reason.FENCED):
                inherited = await self._inherits(reply, request.task, progress)
                if isinstance(inherited, Refused):
                    return Went(refusal=f"left by {reply.owner}: {_sentence(inherited)}")
                if inherited:
                    raise Unanswered("its locks were left by a run that has ended: ours now")
                return Went(refusal=_sentence(reply), free_epoch=reply.epoch if reply.free else 0)
            case Refused():
                return Went(refusal=_sentence(reply))
            case _:
                raise _unanswered(reply)

    async def _begun(self, request: Go, seen: Observed) -> Answer:
        """How what was told to go is; if it was short, how it ended, and what it printed."""
        if seen.state not in (State.RUNNING, State.ORPHAN, State.DONE):
            return _after_go(seen)
        printed = Printed(self.attempt(request).id, self.parts.outputs, self._redaction)
        return await printed.kept(Poll(request.task, request.number, 0, 0), seen)

    async def _inherits(
        self, refused: Refused, task: Task, progress: RunProgress
    ) -> bool | Refused:
        """Take locks from a run of this watch that has ended, and could not give them back.

        Refused where something of it still runs there.

        From ourselves too: another host knew of a later epoch, which is ours everywhere since.
        """
        fence = self._fence(progress)
        if (refused.epoch, refused.owner) == (fence.epoch, fence.owner):
            return True  # another step took them there for us, after this one was sent
        ours = refused.owner == fence.owner or self.has_ended(refused.owner)
        if refused.free or refused.epoch >= fence.epoch or not ours:
            return False
        agent = self._agent(task, progress)
        others = refused.owner != fence.owner
        seconds = HELD_MS // 1000
        asked = agent.lock(fence, seconds=seconds, over=refused.epoch, only_idle=others)
        reply = await self._ask(task, asked, CALL_SECONDS)
        if isinstance(reply, Refused) and reply.reason is Reason.BUSY:
            return reply
        return isinstance(reply, Held)

    async def _poll(self, request: Poll, progress: RunProgress) -> Answer:
        agent, attempt = self._agent(request.task, progress), self.attempt(request)
        if request.stop is not Stop.NO:
            late = request.stop_after_ms // 1000
            stop = agent.stop(attempt, Signal(request.stop), after_seconds=late)
            await self._observe(request.task, stop)
        printed = Printed(attempt.id, self.parts.outputs, self._redaction)
        if request.prints is not Prints.KEPT:
            unseen = agent.poll(attempt, request.offset, limit=0)
            return await printed.left(request, await self._observe(request.task, unseen))
        asked = agent.poll(attempt, request.offset)
        return await printed.kept(request, await self._observe(request.task, asked))

    async def _void(self, request: Void, progress: RunProgress) -> Answer:
        if isinstance(self._step(request.task, progress), Playbook) and not request.task.undo:
            if (request.task, request.number) in self._played:
                return await self._ended(request)  # it came to its end before it was stopped
            return Polled(Found.DONE, ending=Ending.STOPPED)  # its call was cancelled: see the loop
        agent = self._agent(request.task, progress)
        attempt = self.attempt(request)
        seen = await self._observe(request.task, agent.void(attempt))
        if request.stop is not Stop.NO and seen.state in (State.RUNNING, State.ORPHAN):
            seen = await self._observe(request.task, agent.stop(attempt, Signal(request.stop)))
        return Voided(seen.state is State.VOID, seen.state in (State.RUNNING, State.ORPHAN))

    async def _gc(self, request: Gc, progress: RunProgress) -> Answer:
        agent = self._agent(request.task, progress)
        reply = await self._ask(request.task, agent.gc(self.attempt(request)), CALL_SECONDS)
        return Collected(True) if isinstance(reply, Gone) else Collected(False, str(reply))

    async def _play(self, request: Play, progress: RunProgress) -> Answer:
        """A playbook runs here; one that another life of the watch began is lost to us."""
        step = progress.course.step(request.task.step)
        assert isinstance(step, Playbook)
        known = (request.task, request.number)
        if known not in self._played:
            if known in self._told_to_go or not progress.task(request.task).fresh:
                return Polled(Found.LOST)
            self._told_to_go.add(known)
            name, seconds = self.attempt(request).id, request.timeout_ms / 1000
            try:
                played = await self.parts.console.play(step, request.task, name, seconds)
            except Unanswered:
                self._told_to_go.discard(known)  # no program of it was started
                raise
            self._played[known] = played
        return await self._ended(request)

    async def _ended(self, request: Play | Void) -> Polled:
        """How a playbook ended that this life of the watch saw end, as often as it is asked for:
        the record may have no room for it yet. Raises Unwritable."""
        status, output = self._played[request.task, request.number]
        piece, covered = self._redaction.redact(output, last=True)
        kept = await self.parts.outputs.keep(self.attempt(request).id, 0, piece)
        return Polled(
            Found.DONE,
            offset=covered,
            kept=kept.size,
            sha256=kept.sha256,
            ending=Ending.EXITED if status is not None else Ending.TIMED_OUT,
            status=status,
            size=kept.size,
            digest=kept.sha256,
        )

    # --- hosts ------------------------------------------------------------------------------------

    def attempt(self, request: Put | Go | Play | Poll | Void | Gc) -> Attempt:
        """The attempt's name on its host, the same whenever it is asked for."""
        return attempt_of(self.run, request.task, request.number)

    @staticmethod
    def _step(task: Task, progress: RunProgress) -> Step:
        return progress.course.step(task.step)

    def _agent(self, task: Task, progress: RunProgress) -> HostAgent:
        step = progress.course.step(task.step)
        return HostAgent(step.as_user if isinstance(step, OnHosts) else "")

    def _fence(self, progress: RunProgress) -> Fence:
        planned = progress.planned
        if not planned.locks:
            return NO_FENCE
        return Fence(max(1, progress.epoch), planned.run, planned.locks)

    def _carried(self, task: Task, progress: RunProgress) -> bytes:
        """The step's secrets; KeyError where one is not at hand: see `runbooks.progress.forgotten`.

        A script that finds an empty secret would go on with it.
        """
        step = progress.course.step(task.step)
        names = step.secrets if isinstance(step, OnHosts) else ()
        return carried(secrets_for(names, progress.course.runbook, Inputs(secrets=self.secrets)))

    @property
    def _redaction(self) -> Redaction:
        return Redaction(self.secrets.values())

    async def _observe(self, task: Task, asked: HostRequest) -> Observed:
        reply = await self._ask(task, asked, CALL_SECONDS)
        if not isinstance(reply, Observed):
            raise _unanswered(reply)
        return reply

    async def _ask(self, task: Task, asked: HostRequest, seconds: float) -> Reply:
        """One call and its reply. Raises Unanswered when nothing came back."""
        answer = await self.parts.hosts.call(
            task.host,
            asked.command,
            asked.stdin,
            deadline_seconds=seconds,
            output_limit=asked.output_limit,
        )
        return read_reply(asked, answer.output, answer.error, answer.status)


def attempt_of(run: str, task: Task, number: int) -> Attempt:
    """The name of a try on its host."""
    about = f".{task.about}" if task.about not in ("", task.host) else ""
    undo = ".undo" if task.undo else ""
    return Attempt(run, f"{task.step}{about}{undo}", task.host or "console", number)


def _after_go(seen: Observed) -> Answer:
    """What a host shows of an attempt that it was told to start."""
    if seen.state in (State.ABSENT, State.VOID, State.STILLBORN, State.LOST):
        return Polled(Found(seen.state.value), seen.boot)
    return Went(seen.boot)


def _unanswered(reply: Reply) -> Unanswered:
    match reply:
        case NoReply(why):
            return Unanswered(why)
        case Refused():
            return Unanswered(_sentence(reply))
        case _:
            return Unanswered(f"an answer to another question: {type(reply).__name__}")


def _sentence(refused: Refused) -> str:
    return f"{refused.what} — {refused.todo}"
