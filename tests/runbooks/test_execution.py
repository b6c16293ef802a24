"""The engine over the real agent, the real journal and real shells; cut, killed and out of room."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from runbooks.execution import Clocks, Execution
from runbooks.host.attempt import Attempt
from runbooks.host.protocol import Fence, HostAgent, Request, Signal
from runbooks.host.replies import Freed, Held, read_reply
from runbooks.performance import Parts, Performer, attempt_of
from runbooks.ports import Answer, Unwritable
from runbooks.progress import facts
from runbooks.progress.decisions import decided
from runbooks.progress.entries import NAMES, Entry, entry_to_json
from runbooks.progress.facts import Ending, Fact, Outcome, Planned, Task
from runbooks.progress.questions import Decision
from runbooks.progress.requests import Question, Stop, Void, Voided
from runbooks.progress.run import RunProgress, replay
from runbooks.progress.states import IllegalMove, RunState
from runbooks.runbook import Copy, Gate, Input, InputType, Reboot, Runbook, Sh, Step, Until
from runbooks.scripts import Scripts
from storage.runs import RunFolder
from tests.runbooks.local import Calm, Console, FolderJournal, FolderOutputs, LocalHosts, counting
from tests.runbooks.progress.test_run import BACK, check, do

HOSTS = {"old": ("db1",), "new": ("db2",), "webs": ("w1", "w2", "w3")}


class Bench:
    """A run in a folder; each `live` is one life of the watch over it."""

    def __init__(
        self,
        tmp_path: Path,
        *steps: Step,
        secrets: dict[str, str] | None = None,
        locks: tuple[str, ...] = (),
    ) -> None:
        ask = {name: Input(name, InputType.SECRET, "?") for name in secrets or {}}
        self.runbook = Runbook(
            name="b", title="B", version=1, steps=steps, ask=ask, text=repr(steps)
        )
        self.folder = RunFolder(tmp_path / "runs")
        self.hosts = LocalHosts(tmp_path / "hosts")
        self.secrets = secrets or {}
        plan = Planned(
            "r-1",
            "b",
            "B",
            self.runbook.text,
            self.runbook.sha256,
            HOSTS,
            secrets=tuple(self.secrets),
            locks=locks,
            epoch=1,
        )
        self.folder.begin("r-1", entry_to_json(Entry(1, now(), "op", plan))).close()
        self.console = Console()
        self.has_ended: Callable[[str], bool] = lambda run: False
        self.epoch = 1
        self.execution: Execution | None = None
        self.main: asyncio.Task[RunState] | None = None

    def reborn(
        self, at_point: Callable[[str, Fact], None], changed: Callable[[], None]
    ) -> Execution:
        journal = FolderJournal(self.folder.open("r-1"))
        planned = journal.entries[0].fact
        assert isinstance(planned, Planned)
        scripts = Scripts(self.runbook, planned)
        progress = replay(self.runbook, journal.entries, scripts.payload, self.secrets)
        parts = Parts(self.hosts, FolderOutputs(self.folder, "r-1"), self.console, Calm())
        performer = Performer("r-1", "op", scripts, parts, self.secrets, self.has_ended)
        progress.epoch = max(self.epoch, progress.epoch)
        clocks = Clocks(lambda: now(), time.monotonic)  # noqa: PLW0108 - a test sets it
        self.execution = Execution(
            progress, journal, performer, clocks, changed=changed, at_point=at_point
        )
        return self.execution

    def live(
        self,
        at_point: Callable[[str, Fact], None] = lambda when, fact: None,
        changed: Callable[[], None] = lambda: None,
        seconds: float = 60,
    ) -> RunState:
        async def life() -> RunState:
            self.main = asyncio.current_task()
            async with asyncio.timeout(seconds):
                return await self.reborn(at_point, changed).run()

        return asyncio.run(life())

    def die(self) -> None:
        """Go no further: nothing more is recorded, nothing more is asked."""
        assert self.main is not None
        self.main.cancel()
        raise asyncio.CancelledError

    @property
    def progress(self) -> RunProgress:
        assert self.execution is not None
        return self.execution.progress

    def journal(self) -> list[str]:
        return [line["fact"] for line in self.folder.read("r-1")]

    def output(self, task: Task, number: int = 1) -> bytes:
        return self.folder.output("r-1", attempt_of("r-1", task, number).id, 0, 1 << 20)


def now() -> int:
    return time.time_ns() // 1_000_000


def once(name: str, hosts: str = "new", then: str = ":", **more: object) -> Step:
    given = {"sh": counting(name, then), "done_when": f'test -e "$HOME/{name}"', **more}
    return do(name, hosts, **given)


def test_a_run_over_the_real_agent(tmp_path: Path) -> None:
    bench = Bench(
        tmp_path, once("a", then="echo said; echo $OPS_RUN $OPS_STEP $OPS_HOST"), once("b", "webs")
    )
    assert bench.live() is RunState.SUCCEEDED
    assert bench.hosts.count("db2", "a") == 1
    assert [bench.hosts.count(f"w{n}", "b") for n in (1, 2, 3)] == [1, 1, 1]
    assert bench.output(Task("a", "db2")) == b"said\nr-1 a db2\n"
    result = next(line for line in bench.folder.read("r-1") if line["fact"] == "resulted")
    assert (result["status"], result["size"]) == (0, 15)
    assert bench.journal().count("cleaned") == 4
    assert not list((tmp_path / "hosts").rglob("payload")), "nothing is left on the hosts"


def test_done_already_and_exit_status(tmp_path: Path) -> None:
    bench = Bench(tmp_path, once("a", sh="exit 3", done_when="false"))
    assert bench.live() is RunState.FAILED
    assert bench.progress.task(Task("a", "db2")).why == "exit status 3"


def test_a_time_out_is_told_from_a_scripts_own_124(tmp_path: Path) -> None:
    bench = Bench(tmp_path, once("a", then="exec sleep 60", timeout_ms=1_000))
    assert bench.live() is RunState.FAILED
    assert bench.progress.task(Task("a", "db2")).outcome is Outcome.TIMED_OUT
    other = Bench(tmp_path / "2", once("a", then="exit 124"))
    assert other.live() is RunState.FAILED
    assert other.progress.task(Task("a", "db2")).why == "exit status 124"


def test_secrets_reach_the_script_and_nothing_else(tmp_path: Path) -> None:
    secret = "s3cr3t'$(id)`x`\n\"q\\"
    show = 'printf %s "$OPS_TOKEN" | sha256sum; printf "%s\\n" "$OPS_TOKEN"; env'
    bench = Bench(tmp_path, once("a", then=show, secrets=("token",)), secrets={"token": secret})
    assert bench.live() is RunState.SUCCEEDED
    import hashlib

    printed = bench.output(Task("a", "db2"))
    assert hashlib.sha256(secret.encode()).hexdigest().encode() in printed, "it arrived verbatim"
    assert b"[redacted]" in printed and b"OPS_TOKEN=" not in printed
    for path in (tmp_path / "runs").rglob("*"):
        assert not path.is_file() or b"s3cr3t" not in path.read_bytes(), path


def test_a_file_is_copied_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "hosts" / "db2" / "main.cf"
    step = Copy(
        id="a",
        say="Put",
        hosts=("new",),
        timeout_ms=9_000,
        to=str(target),
        text="x = 1\n",
        mode=0o640,
    )
    bench = Bench(tmp_path, step)
    assert bench.live() is RunState.SUCCEEDED
    assert target.read_text() == "x = 1\n" and target.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in target.parent.iterdir() if p.name.startswith(".twinwatch.")] == []
    again = Bench(tmp_path / "2", step)
    again.hosts.root = tmp_path / "hosts"
    assert again.live() is RunState.SUCCEEDED
    assert again.progress.task(Task("a", "db2")).outcome is Outcome.ALREADY_DONE


def test_a_release_is_turned_by_one_rename(tmp_path: Path) -> None:
    home = tmp_path / "hosts" / "db2"
    home.mkdir(parents=True)
    (home / "old").mkdir()
    (home / "current").symlink_to(home / "old")
    step = Copy(
        id="a", say="Put", hosts=("new",), timeout_ms=9_000,
        to=str(home / "r2" / "app"), text="2", link=str(home / "current"),
    )  # fmt: skip
    assert Bench(tmp_path, step).live() is RunState.SUCCEEDED
    assert (home / "current").readlink() == home / "r2" and (
        home / "current" / "app"
    ).read_text() == "2"


# --- killed at each point of the journal ---

POINTS = [
    "intended",
    "prepared",
    "go-intended",
    "started",
    "output-kept",
    "resulted",
    "judged",
    "cleaned",
]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point_of_the_journal(tmp_path: Path, point: str, when: str) -> None:
    kind = NAMES[point]
    bench = Bench(tmp_path, once("a", then="echo said; sleep 0.2; echo more"), once("b"))

    dead = False

    def kill(where: str, fact: Fact) -> None:
        nonlocal dead
        dead = dead or (where == when and isinstance(fact, kind))
        if dead:
            bench.die()

    with pytest.raises(asyncio.CancelledError):
        bench.live(kill, seconds=30)
    assert dead
    assert bench.live() is RunState.SUCCEEDED
    assert (bench.hosts.count("db2", "a"), bench.hosts.count("db2", "b")) == (1, 1)
    assert bench.output(Task("a", "db2")) == b"said\nmore\n"
    seqs = [line["seq"] for line in bench.folder.read("r-1")]
    assert seqs == list(range(1, len(seqs) + 1))


@pytest.mark.parametrize("fault", ["cut", "deaf"])
@pytest.mark.parametrize("verb", ["check", "put", "go", "poll", "gc"])
def test_a_way_that_is_cut_once_in_each_verb(tmp_path: Path, verb: str, fault: str) -> None:
    # What ends at once is told with its start: no poll is needed.
    bench = Bench(tmp_path, once("a", then="sleep 2" if verb == "poll" else ":"))
    left = [1]

    def cut(host: str, asked: str) -> str:
        if asked == verb and left:
            left.pop()
            return fault
        return ""

    bench.hosts.fault = cut
    assert bench.live() is RunState.SUCCEEDED
    assert not left and bench.hosts.count("db2", "a") == 1


def test_a_full_record_starts_nothing_and_goes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runbooks.execution.RECORD_AGAIN_SECONDS", 0.1)
    bench = Bench(tmp_path, once("a"))
    append, full = FolderJournal.append, [5]
    seen: list[str] = []

    async def no_room(self: FolderJournal, entries: list[Entry], *, durable: bool) -> None:
        if isinstance(entries[0].fact, facts.Intended) and full[0]:
            full[0] -= 1
            raise Unwritable("no space for it; free some")
        await append(self, entries, durable=durable)

    def changed() -> None:
        assert bench.execution is not None
        seen.append(bench.execution.trouble.record)
        assert "no space" not in seen[-1] or bench.hosts.count("db2", "a") == 0

    monkeypatch.setattr(FolderJournal, "append", no_room)
    assert bench.live(changed=changed) is RunState.SUCCEEDED
    assert seen.count("no space for it; free some") == 5 and seen[-1] == ""
    assert bench.hosts.count("db2", "a") == 1


# --- locks ---


def hold(bench: Bench, host: str, fence: Fence, *, give_back: bool) -> None:
    """Have another run hold a lock on a host, and give it back."""
    agent = HostAgent()
    for asked in (agent.lock(fence, seconds=600), *((agent.unlock(fence),) if give_back else ())):
        answer = asyncio.run(
            bench.hosts.call(
                host, asked.command, asked.stdin, deadline_seconds=9, output_limit=9_999
            )
        )
        assert isinstance(
            read_reply(asked, answer.output, answer.error, answer.status), Held | Freed
        )


def test_a_host_that_knew_a_later_epoch_raises_it_everywhere(tmp_path: Path) -> None:
    steps = (once("b", "webs"), once("c"))
    bench = Bench(tmp_path, *steps, locks=("service/mail",))
    for host in ("w1", "w2", "w3"):
        hold(bench, host, Fence(7, "r-0", ("service/mail",)), give_back=True)
    assert bench.live() is RunState.SUCCEEDED
    assert bench.journal().count("taken-over") == 1
    assert bench.progress.epoch == 8
    assert [bench.hosts.count(f"w{n}", "b") for n in (1, 2, 3)] == [1, 1, 1]
    assert bench.hosts.count("db2", "c") == 1


def test_a_run_that_has_acted_asks_where_others_had_its_lock(tmp_path: Path) -> None:
    steps = (once("a"), once("b", "webs"), once("c"))
    bench = Bench(tmp_path, *steps, locks=("service/mail",))
    hold(bench, "w2", Fence(7, "r-0", ("service/mail",)), give_back=True)
    asked: list[str] = []
    pending: list[asyncio.Task[object]] = []

    def approve(execution: Execution, question: Question) -> None:
        asked.append(question.text)
        assert bench.hosts.count("w2", "b") == 0

        def decide() -> tuple[Fact, ...]:
            return decided(execution.progress, "b", Decision.APPROVE, "", now())

        pending.append(asyncio.get_running_loop().create_task(execution.record(decide, "ann")))

    assert bench.live(changed=answering(bench, approve)) is RunState.SUCCEEDED
    (text,) = asked
    assert text.startswith("b on w2 was not started, others had its lock since, and gave it back")
    assert bench.progress.epoch == 8
    assert [bench.hosts.count(f"w{n}", "b") for n in (1, 2, 3)] == [1, 1, 1]
    assert bench.hosts.count("db2", "c") == 1


def test_the_first_run_of_a_watch_that_knows_no_epoch_has_all_its_hosts(tmp_path: Path) -> None:
    bench = Bench(tmp_path, once("b", "webs"), locks=("service/mail",))
    for number, host in enumerate(("w1", "w2", "w3")):
        hold(bench, host, Fence(7 - 2 * number, "r-0", ("service/mail",)), give_back=True)
    assert bench.live() is RunState.SUCCEEDED
    assert bench.progress.epoch == 8
    assert [bench.hosts.count(f"w{n}", "b") for n in (1, 2, 3)] == [1, 1, 1]


def test_a_step_that_was_overtaken_by_another_of_its_run_asks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, locks = Bench(tmp_path, once("a"), locks=("service/mail",)), ("service/mail",)
    call, room = bench.hosts.call, {"deadline_seconds": 9, "output_limit": 9_999}

    async def overtaken(host: str, command: str, stdin: bytes, **more: int) -> Answer:
        if " go " in command and bench.progress.epoch == 1:
            asked = HostAgent().lock(Fence(8, "r-1", locks), seconds=600)
            await call(host, asked.command, asked.stdin, **room)
            answer = await call(host, command, stdin, **more)
            bench.progress.epoch = 8
            return answer
        return await call(host, command, stdin, **more)

    monkeypatch.setattr(bench.hosts, "call", overtaken)
    assert bench.live() is RunState.SUCCEEDED
    assert bench.progress.epoch == 8, "it was overtaken"
    assert bench.hosts.count("db2", "a") == 1


def test_a_lock_that_another_holds_is_refused_and_nothing_begins(tmp_path: Path) -> None:
    bench = Bench(tmp_path, once("a"), locks=("service/mail",))
    hold(bench, "db2", Fence(7, "r-0", ("service/mail",)), give_back=False)
    assert bench.live() is RunState.FAILED
    assert bench.hosts.count("db2", "a") == 0
    task = bench.progress.task(Task("a", "db2"))
    assert task.outcome is Outcome.STOPPED and "is r-0's since epoch 7" in task.why


def test_what_a_run_that_has_ended_left_is_inherited(tmp_path: Path) -> None:
    bench = Bench(tmp_path, once("a"), locks=("service/mail",))
    bench.epoch = 9
    hold(bench, "db2", Fence(7, "r-0", ("service/mail",)), give_back=False)
    bench.has_ended = lambda run: run == "r-0"
    assert bench.live() is RunState.SUCCEEDED
    assert bench.hosts.count("db2", "a") == 1


def test_what_a_run_that_has_ended_left_is_not_inherited_while_it_works(tmp_path: Path) -> None:
    bench = Bench(tmp_path, once("a"), locks=("service/mail",))
    bench.epoch = 9
    fence = Fence(7, "r-0", ("service/mail",))
    left, payload = Attempt("r-0", "s", "db2", 1), b"sleep 60\n"

    async def ask(asked: Request) -> None:
        await bench.hosts.call(
            "db2", asked.command, asked.stdin, deadline_seconds=20, output_limit=9_999
        )

    asyncio.run(ask(HostAgent().put(left, payload)))
    digest = sha256(payload).hexdigest()
    asyncio.run(ask(HostAgent().go(left, digest, timeout_seconds=60, actor="x", fence=fence)))
    bench.has_ended = lambda run: run == "r-0"
    try:
        assert bench.live() is RunState.FAILED
        why = bench.progress.task(Task("a", "db2")).why
        assert why.startswith("left by r-0: it still runs there (r-0.s.")
        assert bench.hosts.count("db2", "a") == 0
    finally:
        asyncio.run(ask(HostAgent().stop(left, Signal.KILL)))


# --- people, while it runs ---


def answering(bench: Bench, say: Callable[[Execution, Question], None]) -> Callable[[], None]:
    """Calls `say` once for each new question."""
    told: set[str] = set()

    def changed() -> None:
        assert bench.execution is not None
        for each in bench.execution.progress.requests(now()):
            if isinstance(each, Question) and each.text not in told:
                told.add(each.text)
                say(bench.execution, each)

    return changed


def test_a_gate_is_approved_while_it_runs(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Gate(id="g", say="Go?"), once("a"))
    pending: list[asyncio.Task[object]] = []

    def approve(execution: Execution, question: Question) -> None:
        def decide() -> tuple[Fact, ...]:
            return decided(execution.progress, "g", Decision.APPROVE, "", now())

        pending.append(asyncio.get_running_loop().create_task(execution.record(decide, "ann")))

    assert bench.live(changed=answering(bench, approve)) is RunState.SUCCEEDED
    assert bench.progress.task(Task("g")).why == "approved by ann"


def test_abort_now_stops_what_runs(tmp_path: Path) -> None:
    bench = Bench(tmp_path, once("a", then="sleep 60", timeout_ms=90_000), once("b"))
    pending: list[asyncio.Task[object]] = []

    def abort() -> None:
        assert bench.execution is not None
        if "started" in bench.journal() and not pending:
            made = bench.execution.record(lambda: [facts.Aborted(True, "enough")], "ann")
            pending.append(asyncio.get_running_loop().create_task(made))

    assert bench.live(changed=abort, seconds=30) is RunState.ABORTED
    assert bench.progress.task(Task("a", "db2")).outcome is Outcome.STOPPED
    assert bench.hosts.count("db2", "b") == 0


def test_what_was_laid_down_before_a_restart_of_the_host_is_not_started_after_it(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, once("a"))

    def restarted(when: str, fact: Fact) -> None:
        if when == "after" and isinstance(fact, facts.Prepared):
            bench.progress.task(fact.task).boot = "0f-an-earlier-one"

    assert bench.live(restarted) is RunState.FAILED
    task = bench.progress.task(Task("a", "db2"))
    assert task.outcome is Outcome.STOPPED and "after a restart of the host" in task.why
    assert bench.hosts.count("db2", "a") == 0


def restarted_before_it_was_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch dies with its order to start on record; before it lives again the host restarts."""

    def leave(when: str, fact: Fact) -> None:
        if when == "after" and isinstance(fact, facts.GoIntended):
            bench.die()

    with pytest.raises(asyncio.CancelledError):
        bench.live(leave)
    reborn = bench.reborn

    def later(*given: Callable[..., None]) -> Execution:
        execution = reborn(*given)
        execution.progress.task(Task("a", "db2")).boot = "0f-an-earlier-one"
        return execution

    monkeypatch.setattr(bench, "reborn", later)


def reboot(then: str) -> Reboot:
    return Reboot(
        id="a", say="Restart", hosts=("new",), timeout_ms=20_000, sh=counting("restarts", then)
    )


def test_a_host_that_restarted_before_it_was_told_to_is_not_restarted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, reboot(":"))
    restarted_before_it_was_told(bench, monkeypatch)
    assert bench.live() is RunState.SUCCEEDED
    task = bench.progress.task(Task("a", "db2"))
    assert (task.ending, task.outcome) == (Ending.REBOOTED, Outcome.OK)
    assert bench.hosts.count("db2", "restarts") == 0


def test_a_host_that_did_not_restart_meanwhile_is_told_to_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, reboot("exit 3"))

    def leave(when: str, fact: Fact) -> None:
        if when == "after" and isinstance(fact, facts.GoIntended):
            bench.die()

    with pytest.raises(asyncio.CancelledError):
        bench.live(leave)
    assert bench.live() is RunState.FAILED
    assert bench.progress.task(Task("a", "db2")).why == "exit status 3"
    assert bench.hosts.count("db2", "restarts") == 1


def test_another_step_than_a_reboot_is_refused_by_a_host_that_restarted_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, once("a"))
    restarted_before_it_was_told(bench, monkeypatch)
    assert bench.live() is RunState.FAILED
    assert "after a restart of the host" in bench.progress.task(Task("a", "db2")).why
    assert bench.hosts.count("db2", "a") == 0


@pytest.mark.parametrize("jump_ms", [3_600_000, -3_600_000])
def test_a_wall_clock_that_is_set_ends_no_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump_ms: int
) -> None:
    bench = Bench(tmp_path, once("a", then="sleep 2; echo whole", timeout_ms=600_000))
    real = now

    def jump(when: str, fact: Fact) -> None:
        if when == "after" and isinstance(fact, facts.Started):
            monkeypatch.setattr("tests.runbooks.test_execution.now", lambda: real() + jump_ms)

    assert bench.live(jump, seconds=30) is RunState.SUCCEEDED
    task = bench.progress.task(Task("a", "db2"))
    assert (task.ending, task.outcome) == (Ending.EXITED, Outcome.OK)
    assert bench.output(Task("a", "db2")) == b"whole\n"


def test_a_clock_that_is_set_ahead_while_the_watch_is_down_makes_no_step_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = 'while [ ! -e "$HOME/on" ]; do sleep 0.1; done; echo whole'
    bench = Bench(tmp_path, once("a", then=wait, timeout_ms=600_000))
    real = now

    def leave(when: str, fact: Fact) -> None:
        if when == "after" and isinstance(fact, facts.Started):
            bench.die()

    def go_on_once_it_was_told_to_stop(host: str, verb: str) -> str:
        if verb == "poll" and (host, "stop") in bench.hosts.calls:
            (tmp_path / "hosts/db2/on").touch()
        return ""

    with pytest.raises(asyncio.CancelledError):
        bench.live(leave)
    monkeypatch.setattr("tests.runbooks.test_execution.now", lambda: real() + 3_600_000)
    bench.hosts.fault = go_on_once_it_was_told_to_stop
    assert bench.live(seconds=30) is RunState.SUCCEEDED
    task = bench.progress.task(Task("a", "db2"))
    assert (task.ending, task.outcome) == (Ending.EXITED, Outcome.OK)
    assert bench.output(Task("a", "db2")) == b"whole\n"


def test_a_clock_that_is_set_back_while_the_watch_is_down_makes_no_wait_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second_time = Sh('[ -e "$HOME/asked" ] || { : >"$HOME/asked"; false; }')
    bench = Bench(tmp_path, check("c", ask=second_time, until=Until(3, 1_000)))
    real = now

    def leave(when: str, fact: Fact) -> None:
        if when == "after" and isinstance(fact, facts.CheckTried):
            bench.die()

    with pytest.raises(asyncio.CancelledError):
        bench.live(leave)
    monkeypatch.setattr("tests.runbooks.test_execution.now", lambda: real() - 3_600_000)
    assert bench.live(seconds=30) is RunState.SUCCEEDED
    times = [line["at"] for line in bench.folder.read("r-1")]
    assert times == sorted(times)


def test_what_may_still_run_is_stopped_before_it_is_tried_again(tmp_path: Path) -> None:
    """Its gate is shut, or what it started is ended: both before an answer says that it rests."""
    bench = Bench(tmp_path, once("a", then="sleep 60", timeout_ms=90_000))
    task = Task("a", "db2")

    def leave(when: str, fact: Fact) -> None:
        if when == "after" and isinstance(fact, facts.Started):
            bench.die()

    with pytest.raises(asyncio.CancelledError):
        bench.live(leave)
    execution = bench.reborn(lambda when, fact: None, lambda: None)

    def asked(void: Void) -> object:
        return asyncio.run(execution._performer.perform(void, execution.progress))

    assert asked(Void(task, 1)) == Voided(False, running=True)
    deadline = time.monotonic() + 30
    while asked(Void(task, 1, Stop.KILL)) != Voided(False, running=False):
        assert time.monotonic() < deadline
    assert asked(Void(task, 2, Stop.TERM)) == Voided(True)


def test_after_the_end_nothing_more_is_said(tmp_path: Path) -> None:
    bench = Bench(tmp_path, once("a"))
    bench.live()
    execution = bench.execution
    assert execution is not None
    with pytest.raises(IllegalMove, match="Aborted can't follow the end of the run"):
        asyncio.run(execution.record(lambda: [facts.Aborted(True, "late")], "ann"))
    assert bench.journal()[-1] == "cleaned"


def test_a_roll_back_over_the_real_agent(tmp_path: Path) -> None:
    undo = 'rm "$HOME/a"'
    bench = Bench(
        tmp_path, once("a", undo=undo), once("b", sh="exit 1", done_when="false", if_fails=BACK)
    )
    assert bench.live() is RunState.ROLLED_BACK
    assert not (tmp_path / "hosts" / "db2" / "a").exists()


def test_a_silent_host_is_named_and_waited_for(tmp_path: Path) -> None:
    bench = Bench(tmp_path, once("a"))
    bench.hosts.away.add("db2")
    seen: list[str] = []

    def back() -> None:
        assert bench.execution is not None
        silent = bench.execution.trouble.silent
        if "db2" in silent:
            seen.append(silent["db2"].cause)
            if len(seen) == 3:
                bench.hosts.away.clear()

    assert bench.live(changed=back) is RunState.SUCCEEDED
    assert seen == ["no route"] * 3
    assert bench.hosts.count("db2", "a") == 1
