"""A run as a conversation: what it asks for, in which order, and how it ends."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, permutations

import pytest

from runbooks.progress import facts
from runbooks.progress.decisions import DecisionRefused, decided
from runbooks.progress.entries import JournalError
from runbooks.progress.facts import Fact, Outcome, Task
from runbooks.progress.questions import Decision
from runbooks.progress.requests import (
    Answer,
    Call,
    Found,
    Go,
    Poll,
    Question,
    Stop,
    Wait,
    Went,
)
from runbooks.progress.run import RunProgress, replay
from runbooks.progress.states import IllegalMove, RunState
from runbooks.runbook import (
    Act,
    Amount,
    Check,
    Clock,
    Do,
    Gate,
    OnFailure,
    Only,
    Reboot,
    Rolling,
    Runbook,
    Sh,
    Step,
    Until,
    WhenShell,
    WhenStep,
)  # fmt: skip
from tests.runbooks.progress.drive import Drive, Says, nobody, payload, planned, saying
from tests.runbooks.progress.world import AT_WORK, T0, Deed, World

HOSTS = {"old": ("db1",), "new": ("db2",), "webs": ("w1", "w2", "w3", "w4"), "lb": ("lb1",)}
ASK = OnFailure(Act.ASK)
BACK = OnFailure(Act.ROLL_BACK)


def do(name: str, hosts: str = "new", **more: object) -> Do:
    given: dict[str, object] = {
        "sh": f"do {name}",
        "done_when": f"is {name}",
        "timeout_ms": 10_000,
        **more,
    }
    return Do(id=name, say=f"Do {name}", hosts=(hosts,) if hosts else (), **given)  # type: ignore[arg-type]


def check(name: str, hosts: str = "new", **more: object) -> Check:
    given: dict[str, object] = {"ask": Sh("true"), "timeout_ms": 5_000, **more}
    return Check(id=name, say=f"Check {name}", hosts=(hosts,) if hosts else (), **given)  # type: ignore[arg-type]


def book(*steps: Step, before: tuple[Check, ...] = (), clock: Clock | None = None) -> Runbook:
    return Runbook(
        name="b", title="B", version=1, steps=steps, before=before, clock=clock, text=repr(steps)
    )


def drive(
    runbook: Runbook, world: World | None = None, says: object = nobody, **more: object
) -> Drive:
    return Drive(runbook, planned(runbook, HOSTS, **more), world or World(), says)  # type: ignore[arg-type]


def outcomes(drive: Drive, step: str) -> dict[str, str]:
    found = drive.run.tasks(drive.run.course.step(step))
    return {(t.task.host or t.task.about): str(t.outcome) for t in found}


def journal(drive: Drive) -> list[str]:
    return [type(each.fact).__name__ for each in drive.journal]


# --- one step ---


def test_a_step_is_written_down_before_it_is_done() -> None:
    run = drive(book(do("a")))
    assert run.to_the_end() is RunState.SUCCEEDED
    assert journal(run) == [
        "Planned", "PreflightBegun", "PreflightPassed", "Begun", "Intended", "Prepared", "GoIntended",
        "Started", "OutputKept", "OutputKept", "Resulted", "Judged", "Finished", "Cleaned",
    ]  # fmt: skip
    assert set(run.world.times.values()) == {1}
    assert not run.world.attempts, "nothing is left on the host"


def test_what_is_done_already_is_not_done_again() -> None:
    run = drive(book(do("a")), World(holds={"a": True}))
    assert run.to_the_end() is RunState.SUCCEEDED
    assert outcomes(run, "a") == {"db2": "already-done"}
    assert not run.world.times


def test_exit_0_is_not_enough_where_the_oracle_denies_it() -> None:
    run = drive(book(do("a")), World({"a": Deed(works=False)}))
    assert run.to_the_end() is RunState.FAILED
    assert run.run.finished is not None
    assert "`done_when` does not hold: said" in run.run.finished.why


def test_a_failure_names_the_host_and_the_status() -> None:
    run = drive(book(do("a"), do("b")), World({"a": Deed(status=3, works=False)}))
    assert run.to_the_end() is RunState.FAILED
    assert run.run.finished == facts.Finished("failed", "a: a on db2: exit status 3")
    assert outcomes(run, "b") == {"db2": "None"}


@pytest.mark.parametrize("befalls", [Found.LOST, Found.ORPHAN])
def test_lost_is_settled_by_the_oracle(befalls: Found) -> None:
    run = drive(book(do("a")), World({"a": Deed(befalls=befalls)}))
    assert run.to_the_end() is RunState.SUCCEEDED
    assert run.run.task(Task("a", "db2")).why == "`done_when` holds, so it was done"


@pytest.mark.parametrize(
    "outcome, end", [(Outcome.OK, RunState.SUCCEEDED), (Outcome.FAILED, RunState.FAILED)]
)
def test_where_the_oracle_denies_it_a_person_settles(outcome: Outcome, end: RunState) -> None:
    says = saying((Decision.SETTLE, {"outcome": outcome}))
    run = drive(book(do("a")), World({"a": Deed(befalls=Found.LOST, works=False)}), says)
    assert run.to_the_end() is end
    assert "settled: because" in run.run.task(Task("a", "db2")).why
    assert set(run.world.times.values()) == {1}


def test_what_never_began_is_an_error_and_may_be_tried_again() -> None:
    world = World({"a": Deed(befalls=Found.STILLBORN)})
    asked: list[str] = []

    def repair(
        run: RunProgress, question: Question, now: int
    ) -> tuple[str, tuple[facts.Fact, ...]]:
        asked.append(question.text)
        world.deeds = {}
        return "op", decided(run, "a", Decision.RETRY, "disk freed", now)

    run = drive(book(do("a", if_fails=ASK)), world, repair)
    assert run.to_the_end() is RunState.SUCCEEDED
    assert asked == ["Do a: a on db2 is failed: it never began: is the host's disk full?"]
    assert run.world.times == {(Task("a", "db2"), 2): 1}


@pytest.mark.parametrize(
    ("unclocked", "yields_to", "last_of_ours"),
    [
        (False, Stop.TERM, []),
        (False, Stop.KILL, [Stop.TERM]),
        (True, Stop.TERM, [Stop.TERM]),
        (True, Stop.KILL, [Stop.KILL]),
    ],
)
def test_a_hanging_step_is_stopped_when_its_time_is_up(
    unclocked: bool, yields_to: Stop, last_of_ours: list[Stop]
) -> None:
    """By its host's own clock or, where that was killed as well, by us."""
    world = World({"a": Deed(hangs=True, unclocked=unclocked, yields_to=yields_to)})
    stops: list[Stop] = []

    def listen(call: Call) -> str:
        if isinstance(call, Poll) and call.stop is not Stop.NO:
            stops.append(call.stop)
        return ""

    world.fault = listen
    run = drive(book(do("a")), world)
    assert run.to_the_end() is RunState.FAILED
    assert outcomes(run, "a") == {"db2": "timed-out"}
    assert stops[-1:] == last_of_ours


def test_what_nothing_can_end_is_given_up_and_left_to_a_person() -> None:
    world = World({"a": Deed(hangs=True, yields_to=Stop.NO)})
    run = drive(book(do("a", done_when="")), world, saying((Decision.REFUSE, {})))
    assert run.to_the_end() is RunState.FAILED
    judged = [e.fact.why for e in run.journal if isinstance(e.fact, facts.Judged)]
    assert judged == ["it did not end when told to, and may still run"]
    assert (Task("a", "db2"), 1) in world.attempts, "it is not removed while it works"


def test_a_reboot_is_done_once_the_boot_id_has_changed() -> None:
    step = Reboot(id="a", say="Restart", hosts=("new",), timeout_ms=60_000)
    run = drive(book(step), World({"a": Deed(reboots=True)}))
    assert run.to_the_end() is RunState.SUCCEEDED
    assert run.world.boots["db2"] == 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (0, "timed-out"),
        (143, "timed-out"),  # SIGTERM: what shuts the host down ends what asked for it
        (1, "failed"),  # the host did not accept it
    ],
)
def test_a_reboot_that_does_not_come_is_late(status: int, outcome: str) -> None:
    step = Reboot(id="a", say="Restart", hosts=("new",), timeout_ms=60_000)
    run = drive(book(step), World({"a": Deed(status=status)}))
    assert run.to_the_end() is RunState.FAILED
    assert outcomes(run, "a") == {"db2": outcome}


def test_what_is_safe_to_repeat_is_repeated_by_itself() -> None:
    step = do("a", done_when="", repeatable=True, until=Until(3, 2_000))
    run = drive(book(step), World({"a": Deed(status=1)}))
    assert run.to_the_end() is RunState.FAILED
    assert [number for _, number in sorted(run.world.times)] == [1, 2, 3]
    intents = [e.at for e in run.journal if isinstance(e.fact, facts.Intended)]
    assert all(later - earlier >= 2_000 for earlier, later in pairwise(intents))


def test_what_nothing_can_end_is_not_tried_again_for_ever() -> None:
    """A process that waits for a dead disk takes no signal: who may repeat the step is asked."""
    step = do("a", done_when="", repeatable=True, until=Until(3, 2_000))
    world = World({"a": Deed(hangs=True, yields_to=Stop.NO)})
    run = drive(book(step), world, saying((Decision.REFUSE, {})))
    assert run.to_the_end() is RunState.FAILED
    assert journal(run).count("Intended") == journal(run).count("Retried") == 1
    why = run.run.task(Task("a", "db2")).why
    assert why == "attempt 1 may still run: it did not end when told to"


class Watching(World):
    """Says whether an attempt before it still ran when one was started."""

    together = False

    def _go(self, request: Go, digest: str) -> Answer:
        before = [n for of, n in self.attempts if of == request.task and n < request.number]
        found = {self._found(request.task, number) for number in before}
        self.together |= not found.isdisjoint({Found.PREPARED, *AT_WORK})
        return super()._go(request, digest)


@pytest.mark.parametrize("arrived", [False, True])
def test_a_second_attempt_waits_until_the_first_is_at_rest(arrived: bool) -> None:
    world = Watching({"a": Deed(hangs=True, unclocked=True)})
    calls: list[str] = []

    def fault(call: Call) -> str:
        calls.append(type(call).__name__)
        silent = isinstance(call, Go | Poll) and bool(world.deeds)
        return ("deaf" if arrived and isinstance(call, Go) else "cut") if silent else ""

    world.fault = fault

    def once_more(
        run: RunProgress, question: Question, now: int
    ) -> tuple[str, tuple[facts.Fact, ...]]:
        world.deeds = {}
        return "op", decided(run, "a", Decision.RETRY, "it is safe", now)

    run = drive(book(do("a", done_when="", repeatable=True)), world, once_more)
    assert run.to_the_end() is RunState.SUCCEEDED
    assert not world.together
    assert calls[calls.index("Void") :][:2] == ["Void", "Put"]
    assert journal(run).index("Rested") == journal(run).index("Retried") + 1
    assert world.attempts == {} and (Task("a", "db2"), 2) in world.times


def test_there_is_no_second_attempt_while_the_first_cant_be_reached() -> None:
    world = World({"a": Deed(hangs=True)})
    world.fault = lambda call: "cut" if type(call).__name__ != "Put" and world.times else ""
    answers = [
        (Decision.RETRY, {}),
        (Decision.RETRY, {}),
        (Decision.SETTLE, {"outcome": Outcome.OK}),
    ]
    run = drive(book(do("a", done_when="", repeatable=True)), world, saying(*answers))
    assert run.to_the_end() is RunState.SUCCEEDED
    assert journal(run).count("Intended") == 1
    why = [e.fact.why for e in run.journal if isinstance(e.fact, facts.Judged)]
    assert why[1:] == ["attempt 1 may still run: no route"] * 2


def test_a_condition_on_the_host_leaves_it_out() -> None:
    run = drive(book(do("a", "webs", when=WhenShell("test"))), World(holds={"when:a@w2": False}))
    assert run.to_the_end() is RunState.SUCCEEDED
    assert outcomes(run, "a") == {"w1": "ok", "w2": "skipped", "w3": "ok", "w4": "ok"}


# --- hosts that do not answer ---


def test_unreachable_is_never_failed_and_the_runbook_has_a_way() -> None:
    gate = Gate(id="by-hand", say="Power it off", only=Only.BY_JUMP, approvals=2)
    steps = (
        do("fence", "old", if_unreachable=OnFailure(Act.JUMP, "by-hand")),
        check("between"),
        gate,
        do("promote", needs=(("fence", "by-hand"),)),
    )
    run = drive(
        book(*steps), World(away={"db1"}), saying((Decision.APPROVE, {}), (Decision.APPROVE, {}))
    )
    assert run.to_the_end() is RunState.SUCCEEDED
    task = run.run.task(Task("fence", "db1"))
    assert (task.outcome, task.unreachable, task.why) == (
        Outcome.STOPPED,
        True,
        "not started: no route",
    )
    assert outcomes(run, "between") == {"db2": "skipped"}
    assert len(run.run.task(Task("by-hand")).approvals) == 2
    assert outcomes(run, "promote") == {"db2": "ok"}


def test_without_a_jump_the_step_that_waits_for_one_is_passed_over() -> None:
    gate = Gate(id="by-hand", say="Power it off", only=Only.BY_JUMP)
    run = drive(book(do("fence", "old"), gate, do("promote", needs=(("fence", "by-hand"),))))
    assert run.to_the_end() is RunState.SUCCEEDED
    assert run.run.task(Task("by-hand")).why == "nothing jumped to it"


def test_a_need_that_is_not_met_stops_the_run() -> None:
    gate = Gate(id="by-hand", say="Power it off", only=Only.BY_JUMP)
    run = drive(book(gate, do("promote", needs=(("by-hand",),))))
    assert run.to_the_end() is RunState.FAILED
    assert run.run.finished == facts.Finished("failed", "promote: promote on db2: it needs by-hand")


def test_a_host_that_went_away_while_it_ran_is_asked_about() -> None:
    world = World({"a": Deed(hangs=True)})
    world.fault = lambda call: "cut" if type(call).__name__ != "Put" and world.times else ""
    run = drive(book(do("a")), world, saying((Decision.SETTLE, {"outcome": Outcome.OK})))
    assert run.to_the_end() is RunState.SUCCEEDED
    judged = [e.fact for e in run.journal if isinstance(e.fact, facts.Judged)]
    assert [(j.outcome, j.unreachable) for j in judged] == [(Outcome.UNKNOWN, True)]


def test_a_host_that_comes_back_and_has_done_it_settles_it_before_a_person_does() -> None:
    world = World({"a": Deed(befalls=Found.LOST)})
    world.fault = lambda call: "cut" if type(call).__name__ != "Put" and world.times else ""
    asked: list[str] = []

    def away(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[facts.Fact, ...]]:
        asked.append(question.text)
        if len(asked) == 5:
            world.fault = lambda call: ""
        return "nobody", ()

    run = drive(book(do("a"), do("b")), world, away)
    assert run.to_the_end() is RunState.SUCCEEDED
    assert len(asked) >= 5
    task = run.run.task(Task("a", "db2"))
    assert (task.outcome, task.why) == (Outcome.OK, "`done_when` holds, so it was done")


def away_until(world: World, times: int) -> Says:
    """Somebody who is asked and says nothing, until the host is back."""
    left = [times]

    def says(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[facts.Fact, ...]]:
        left[0] -= 1
        if not left[0]:
            world.fault = lambda call: ""
        assert left[0] > -20, question
        return "nobody", ()

    return says


def gone_after_go(**deed: object) -> World:
    """Hosts that do a deed, and do not answer from its start on."""
    world = World({"a": Deed(**deed)})  # type: ignore[arg-type]
    world.fault = lambda call: "cut" if world.times else ""
    return world


def facts_of(drive: Drive, task: Task) -> list[str]:
    mine = (each.fact for each in drive.journal if isinstance(each.fact, facts.TaskFact))
    return [type(fact).__name__ for fact in mine if fact.task == task]


@pytest.mark.parametrize("oracle", ["is a", ""])
def test_a_host_that_comes_back_says_itself_how_it_ended(oracle: str) -> None:
    """Its own word comes first: `done_when` holds, and yet it has failed."""
    world = gone_after_go(status=7)
    steps = (do("a", done_when=oracle, if_fails=OnFailure(Act.CONTINUE)), do("b"))
    run = drive(book(*steps), world, away_until(world, 5))
    assert run.to_the_end() is RunState.SUCCEEDED
    task = run.run.task(Task("a", "db2"))
    assert (task.outcome, task.why, task.kept) == (Outcome.FAILED, "exit status 7", 2)
    assert [t.act for t in (e.fact for e in run.journal) if isinstance(t, facts.Turned)] == [
        Act.ASK,
        Act.CONTINUE,
    ]


def test_what_works_on_when_its_host_comes_back_is_waited_for() -> None:
    """Our clock went ahead while the watch was down: by the host's there is time left."""
    world = gone_after_go(polls=4)
    world.ran_ms = 1_000
    run = drive(book(do("a")), world, away_until(world, 5))
    assert run.to_the_end() is RunState.SUCCEEDED
    assert outcomes(run, "a") == {"db2": "ok"}


def test_what_was_told_to_start_and_never_did_is_left_to_a_person() -> None:
    world = World()
    world.fault = lambda call: "cut" if isinstance(call, Go | Poll) else ""
    run = drive(book(do("a", done_when="")), world)
    asked: list[str] = []

    def says(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[facts.Fact, ...]]:
        world.fault = lambda call: ""
        asked.append(question.text)
        if "had not when its time was over" not in question.text:
            return "nobody", ()
        return "op", decided(run, "a", Decision.SETTLE, "so", now, outcome=Outcome.FAILED)

    run.says = says
    assert run.to_the_end() is RunState.FAILED
    assert 1 < len(asked) < 5 and not world.times


@pytest.mark.parametrize(
    "deed, outcome, why",
    [
        ({"status": 7}, Outcome.FAILED, "exit status 7"),
        (
            {"status": 0},
            Outcome.UNKNOWN,
            "it ended (exited); `done_when` was not asked: the run had ended",
        ),
        (
            {"befalls": Found.LOST},
            Outcome.UNKNOWN,
            "it began, and ended without a result; `done_when` was not asked: the run had ended",
        ),
    ],
)
def test_nothing_unknown_is_removed_before_its_host_was_heard(
    deed: dict[str, object], outcome: Outcome, why: str
) -> None:
    """Refused while the host was away: the run ends, and hears it before it tidies."""
    world = gone_after_go(**deed)
    run = drive(book(do("a")), world, saying((Decision.REFUSE, {})))
    assert run.to_the_end() is RunState.FAILED
    a = Task("a", "db2")
    assert facts_of(run, a)[-2:] == ["Judged", "Refused"], "it is away still"
    assert (a, 1) in world.attempts
    world.fault = lambda call: ""
    run.run = replay(run.runbook, run.journal, payload)
    assert run.to_the_end() is RunState.FAILED
    assert (a, 1) not in world.attempts
    assert facts_of(run, a)[-3:] == ["Resulted", "Judged", "Cleaned"]
    task = replay(run.runbook, run.journal, payload).task(a)
    assert (task.outcome, task.why) == (outcome, why)


def test_what_still_works_after_the_end_is_left_there() -> None:
    world = gone_after_go(hangs=True)
    world.ran_ms = 1_000  # our clock went ahead
    run = drive(book(do("a")), world, saying((Decision.REFUSE, {})))
    assert run.to_the_end() is RunState.FAILED
    world.fault = lambda call: ""
    assert run.to_the_end() is RunState.FAILED
    assert (Task("a", "db2"), 1) in world.attempts


def test_a_host_that_comes_back_without_it_leaves_it_to_a_person() -> None:
    world = World({"a": Deed(befalls=Found.LOST, works=False)})
    world.fault = lambda call: "cut" if type(call).__name__ != "Put" and world.times else ""

    def late(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[facts.Fact, ...]]:
        world.fault = lambda call: ""
        if now < T0 + 120_000:
            return "nobody", ()
        return "op", decided(run, "a", Decision.SETTLE, "seen", now, outcome=Outcome.FAILED)

    run = drive(book(do("a")), world, late)
    assert run.to_the_end() is RunState.FAILED
    assert run.run.task(Task("a", "db2")).why == "settled: seen"


def test_a_check_before_that_a_person_refuses_ends_the_run() -> None:
    runbook = book(do("a"), before=(check("x", if_fails=ASK),))
    run = drive(runbook, World(holds={"x": False}), saying((Decision.REFUSE, {})))
    assert run.to_the_end() is RunState.FAILED
    assert not run.world.times


# --- what follows a failure ---


def test_roll_back_takes_back_what_was_done_the_last_first() -> None:
    steps = (do("a", undo="un a"), do("b", undo="un b"), do("c", if_fails=BACK))
    run = drive(book(*steps), World({"c": Deed(status=1)}))
    assert run.to_the_end() is RunState.ROLLED_BACK
    assert run.world.order == [
        "a on db2",
        "b on db2",
        "c on db2",
        "b (undo) on db2",
        "a (undo) on db2",
    ]


def test_roll_back_leaves_alone_what_was_so_before() -> None:
    steps = (do("a", undo="un a"), do("b", undo="un b"), do("c", if_fails=BACK))
    run = drive(book(*steps), World({"c": Deed(status=1)}, holds={"a": True}))
    assert run.to_the_end() is RunState.ROLLED_BACK
    assert "a (undo) on db2" not in run.world.order


def test_roll_back_halts_at_what_nothing_takes_back() -> None:
    steps = (do("a", undo="un a"), do("b", irreversible=True), do("c", if_fails=BACK))
    run = drive(book(*steps), World({"c": Deed(status=1)}))
    assert run.to_the_end() is RunState.FAILED
    assert run.run.finished is not None
    assert run.run.finished.why == "rolled back as far as b on db2: nothing takes that back"
    assert "a (undo) on db2" not in run.world.order


def test_a_roll_back_that_fails_asks() -> None:
    steps = (do("a", undo="un a"), do("c", if_fails=BACK))
    world = World({"c": Deed(status=1), "a!": Deed(status=9)})
    run = drive(book(*steps), world, saying((Decision.REFUSE, {})))
    assert run.to_the_end() is RunState.FAILED
    assert run.run.finished is not None
    assert "the roll-back was given up at a (undo) on db2: refused by" in run.run.finished.why


def test_continue_goes_on() -> None:
    run = drive(
        book(do("a", if_fails=OnFailure(Act.CONTINUE)), do("b")), World({"a": Deed(status=1)})
    )
    assert run.to_the_end() is RunState.SUCCEEDED
    assert outcomes(run, "b") == {"db2": "ok"}


@pytest.mark.parametrize(
    "decision, end",
    [
        (Decision.WAIVE, RunState.SUCCEEDED),
        (Decision.REFUSE, RunState.FAILED),
        (Decision.ROLL_BACK, RunState.ROLLED_BACK),
    ],
)
def test_ask_lets_a_person_choose(decision: Decision, end: RunState) -> None:
    run = drive(
        book(do("z", undo="un"), do("a", if_fails=ASK)),
        World({"a": Deed(status=1)}),
        saying((decision, {})),
    )
    assert run.to_the_end() is end


@pytest.mark.parametrize(
    "before, offered",
    [
        ((), False),  # nothing was done
        ((do("z", undo="un"),), True),
        ((do("z", undo="un"), do("y")), False),  # it would halt at y, and the run would be over
        ((do("y"), do("z", undo="un")), True),
    ],
)
def test_a_roll_back_is_offered_where_it_takes_something_back(
    before: tuple[Do, ...], offered: bool
) -> None:
    asked: list[Question] = []

    def says(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[Fact, ...]]:
        asked.append(question)
        return "ann", decided(run, "a", Decision.WAIVE, "seen", now)

    steps = (*before, do("a", if_fails=ASK, undo="un"))
    run = drive(book(*steps), World({"a": Deed(status=1)}), says)
    assert run.to_the_end() is RunState.SUCCEEDED
    assert [Decision.ROLL_BACK in each.choices for each in asked] == [offered]


def test_a_host_of_a_roll_is_offered_its_own_way_back_alone() -> None:
    asked: list[Question] = []

    def says(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[Fact, ...]]:
        asked.append(question)
        return "ann", decided(run, "b", Decision.REFUSE, "no", now)

    each = (do("a", ""), do("b", "", if_fails=ASK))
    roll = Rolling(id="r", say="Roll", hosts=("webs",), each=each)
    run = drive(book(do("z", undo="un"), roll), World({"b": Deed(status=1)}), says)
    assert run.to_the_end() is RunState.FAILED
    (question,) = asked  # the host's first step has no way back, though the run has one
    assert question.task == Task("b", "w1", "w1") and Decision.ROLL_BACK not in question.choices


def test_after_a_roll_the_whole_run_s_way_back_is_offered() -> None:
    asked: list[Question] = []

    def says(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[Fact, ...]]:
        asked.append(question)
        return "ann", decided(run, "a", Decision.ROLL_BACK, "not today", now, host="w2")

    each = (do("a", "", undo="un"),)
    roll = Rolling(id="r", say="Roll", hosts=("webs",), each=each, if_fails=ASK)
    run = drive(book(roll), World({"a@w2": Deed(status=1, works=False)}), says)
    assert run.to_the_end() is RunState.ROLLED_BACK
    assert asked[0].task == Task("a", "w2", "w2"), "where nothing was done: w1 is taken back"
    assert [t.task.host for t in run.run._tasks.values() if t.task.undo and t.good] == ["w1"]


def test_a_step_may_be_for_the_case_that_another_failed() -> None:
    steps = (
        do("a", if_fails=OnFailure(Act.CONTINUE)),
        do("b", when=WhenStep("a", "failed")),
        do("c", when=WhenStep("a", "ok")),
    )
    run = drive(book(*steps), World({"a": Deed(status=1)}))
    assert run.to_the_end() is RunState.SUCCEEDED
    assert (outcomes(run, "b"), outcomes(run, "c")) == ({"db2": "ok"}, {"db2": "skipped"})


# --- before, gates, clock ---


def test_all_reasons_not_to_start_are_said_at_once() -> None:
    runbook = book(do("a"), before=(check("x"), check("y"), check("z")))
    run = drive(runbook, World(holds={"x": False, "z": False}))
    assert run.to_the_end() is RunState.FAILED
    assert run.run.finished is not None
    assert run.run.finished.why == "Check x: x on db2: said; Check z: z on db2: said"
    assert not run.world.times


def test_a_check_before_may_be_waived() -> None:
    runbook = book(do("a"), before=(check("x", if_fails=ASK),))
    run = drive(runbook, World(holds={"x": False}), saying((Decision.WAIVE, {})))
    assert run.to_the_end() is RunState.SUCCEEDED
    assert journal(run).count("Waived") == 1, "nobody passes over it in silence"


def test_a_check_is_tried_as_often_as_it_says() -> None:
    run = drive(book(check("x", until=Until(4, 5_000))), World(holds={"x": False}))
    assert run.to_the_end() is RunState.FAILED
    assert journal(run).count("CheckTried") == 3
    tried = [e.at for e in run.journal if isinstance(e.fact, facts.CheckTried)]
    assert all(later - earlier >= 5_000 for earlier, later in pairwise(tried))


def test_a_gate_needs_different_people() -> None:
    runbook = book(Gate(id="g", say="Go?", approvals=2))
    run = drive(runbook)
    run._step(), run._step(), run._step()
    assert run.run.state(run.now) is RunState.WAITING
    run.record((facts.Approved(Task("g")),), "ann")
    run.record((facts.Approved(Task("g")),), "ann")
    question = run.run.requests(run.now)[0]
    assert isinstance(question, Question) and question.needed == 1
    run.record((facts.Approved(Task("g")),), "bob")
    assert run.to_the_end() is RunState.SUCCEEDED
    assert run.run.task(Task("g")).why == "approved by ann and bob"


def test_a_gate_that_nobody_opens_is_late() -> None:
    run = drive(book(Gate(id="g", say="Go?", wait_ms=180_000)))
    for _ in range(3):
        run._step()
    run.now += 180_000
    assert run.to_the_end() is RunState.FAILED
    assert run.run.task(Task("g")).why == "nobody approved within 180 s"


def test_a_gate_that_is_late_may_have_a_way_of_its_own() -> None:
    steps = (Gate(id="g", say="Go?", wait_ms=1_000, if_late=OnFailure(Act.CONTINUE)), do("a"))
    run = drive(book(*steps))
    for _ in range(3):
        run._step()
    run.now += 1_000
    assert run.to_the_end() is RunState.SUCCEEDED
    assert outcomes(run, "a") == {"db2": "ok"}


def test_a_late_gate_that_is_opened_again_has_all_its_time_again() -> None:
    run = drive(book(Gate(id="g", say="Go?", wait_ms=180_000, if_late=ASK), do("a")))
    for _ in range(3):
        run._step()
    run.now += 180_000
    for _ in range(2):
        run._step()
    (asked,) = run.run.requests(run.now)
    assert isinstance(asked, Question) and Decision.RETRY in asked.choices
    run.now += 600_000
    for fact in decided(run.run, "g", Decision.RETRY, "back from lunch", run.now):
        run.record((fact,), "op")
    open_again, wait = run.run.requests(run.now + 179_000)
    assert isinstance(open_again, Question) and Decision.APPROVE in open_again.choices
    assert wait == Wait(run.now + 180_000)
    run.record((facts.Approved(Task("g")),), "op")
    assert run.to_the_end() is RunState.SUCCEEDED


@pytest.mark.parametrize("drill, done", [(True, ["b", "c"]), (False, ["a", "c"])])
def test_a_drill_leaves_out_what_is_for_real_and_does_what_is_for_drills(
    drill: bool, done: list[str]
) -> None:
    steps = (do("a", only=Only.REAL), do("b", only=Only.DRILL), do("c"))
    run = drive(book(*steps), drill=drill)
    assert run.to_the_end() is RunState.SUCCEEDED
    assert run.world.order == [f"{name} on db2" for name in done]


def test_the_clock_runs_from_one_step_to_another() -> None:
    clock = Clock(600_000, "g", "b")
    runbook = book(Gate(id="g", say="Go?"), do("a"), do("b"), do("c"), clock=clock)
    run = drive(runbook, says=saying((Decision.APPROVE, {})))
    assert run.to_the_end() is RunState.SUCCEEDED
    judged = {e.fact.task.step: e.at for e in run.journal if isinstance(e.fact, facts.Judged)}
    assert run.run.clock_started_at == judged["g"]
    assert run.run.clock_stopped_at == judged["b"] + 500  # the next round of the driver


# --- people ---


def test_pause_starts_nothing_new_and_resume_goes_on() -> None:
    run = drive(book(do("a"), do("b")))
    run.record((facts.Paused("lunch"),), "op")
    for _ in range(20):
        run._step()
    assert not run.world.times
    assert run.run.state(run.now) is RunState.PAUSED
    run.record((facts.Resumed(),), "op")
    assert run.to_the_end() is RunState.SUCCEEDED


def test_what_was_prepared_long_ago_is_asked_about() -> None:
    run = drive(book(do("a")))
    while journal(run)[-1] != "Prepared":
        run._step()
    run.now += 700_000
    (question,) = run.run.requests(run.now)
    assert isinstance(question, Question)
    assert question.text == "a on db2 was prepared 11 minutes ago and not started: start it now?"
    run.record((facts.Approved(Task("a", "db2")),), "op")
    assert run.to_the_end() is RunState.SUCCEEDED


def test_abort_after_this_step_lets_it_end() -> None:
    run = drive(book(do("a", "webs"), do("b")), World({"a": Deed(polls=5)}))
    while "Started" not in journal(run):
        run._step()
    run.record((facts.Aborted(False, "enough"),), "op")
    assert run.to_the_end() is RunState.ABORTED
    assert set(outcomes(run, "a").values()) == {"ok"}
    assert outcomes(run, "b") == {"db2": "skipped"}


def test_abort_now_stops_what_runs_and_never_starts_what_did_not() -> None:
    run = drive(book(do("a", "webs")), World({"a": Deed(hangs=True)}))
    while "Started" not in journal(run):
        run._step()
    run.record((facts.Aborted(True, "enough"),), "op")
    assert run.to_the_end() is RunState.ABORTED
    assert set(outcomes(run, "a").values()) <= {"stopped", "skipped"}


@pytest.mark.parametrize("steps", range(1, 40))
def test_abort_now_at_any_moment_ends_the_run(steps: int) -> None:
    runbook = book(check("c"), do("a", undo="x"), Gate(id="g", say="Go?"), do("b", if_fails=BACK))
    run = drive(runbook, World({"b": Deed(status=1)}), saying((Decision.APPROVE, {})))
    for _ in range(steps):
        if run._step():
            return
    if run.run.finished is None:
        run.record((facts.Aborted(True, "enough"),), "op")
    assert run.to_the_end() in (RunState.ABORTED, RunState.ROLLED_BACK)
    assert all(times == 1 for times in run.world.times.values())


def test_a_secret_that_the_restart_lost_is_asked_for_before_anything_starts() -> None:
    run = drive(book(do("a", secrets=("token",))))
    run.run.secrets = frozenset({"token"})
    while journal(run)[-1] != "Prepared":
        run._step()
    run.run.secrets = frozenset()
    (question,) = run.run.requests(run.now)
    assert isinstance(question, Question)
    assert question.text == (
        "a on db2 needs token again, which is kept nowhere: "
        "twinwatch runs resume r-1 --secrets FILE"
    )
    run.run.secrets = frozenset({"token"})
    assert run.to_the_end() is RunState.SUCCEEDED


@pytest.mark.parametrize("free", list(permutations((3, 7, 5, 7))))
def test_epochs_that_hosts_knew_are_answers_to_an_earlier_question(free: tuple[int, ...]) -> None:
    """All hosts are asked at once under epoch 1; the first answer raises it, and all ask again."""
    run = drive(book(do("b", "webs")), epoch=1, locks=("service/mail",))
    while not all(isinstance(each, Go) for each in run.run.requests(run.now)):
        run._step()
    asked = run.run.requests(run.now)
    for request, epoch in zip(asked, free, strict=True):
        assert isinstance(request, Go)
        run.record(run.run.conclude(request, Went(refusal="fenced", free_epoch=epoch), run.now))
    assert run.run.epoch == 8
    assert run.run.requests(run.now) == asked, "none was judged"
    assert run.to_the_end() is RunState.SUCCEEDED


def fenced_off(*epochs: int) -> Drive:
    """A run that did `a`, and whose locks others had before it could do `b` on its hosts."""
    run = drive(book(do("a"), do("b", "webs")), epoch=1, locks=("service/mail",))
    while not (asked := _goes(run, "b")):
        run._step()
    assert run.world.times == {(Task("a", "db2"), 1): 1}
    for request, epoch in zip(asked, epochs, strict=True):
        went = Went(refusal="it is r-2's", free_epoch=epoch)
        run.record(run.run.conclude(request, went, run.now))
    return run


def _goes(run: Drive, step: str) -> list[Go]:
    asked = run.run.requests(run.now)
    goes = [each for each in asked if isinstance(each, Go) and each.task.step == step]
    return goes if len(goes) == len(asked) else []


def test_a_run_that_others_took_over_half_way_does_not_go_on_by_itself() -> None:
    run = fenced_off(3, 3, 5, 3)
    asked = [each for each in run.run.requests(run.now) if isinstance(each, Question)]
    assert len(asked) == 4 and not _goes(run, "b")
    assert asked[0].text == (
        "b on w1 was not started, others had its lock since, and gave it back (it is r-2's):"
        " is it still to be done?"
    )
    assert run.run.state(run.now) is RunState.WAITING
    again = replay(run.runbook, run.journal, run.run.course.payload, ())
    assert again.requests(run.now) == run.run.requests(run.now)

    run.record((facts.Approved(asked[0].task, "it was not done"),), "op")
    assert run.run.epoch == 4
    still = [task for each in asked if (task := run.run.task(each.task)).fenced_off]
    assert [each.task.host for each in still] == ["w3"], "what is below our epoch now may go on"
    run.record((facts.Approved(asked[2].task, "nor here"),), "op")
    assert run.run.epoch == 6
    assert run.to_the_end() is RunState.SUCCEEDED


def test_a_run_that_others_took_over_is_ended_by_a_person() -> None:
    run = fenced_off(3, 3, 3, 3)
    for host in ("w1", "w2", "w3", "w4"):
        run.record((facts.Refused(Task("b", host), "it was done by hand"),), "op")
    assert run.to_the_end() is RunState.FAILED
    assert not [task for task, _ in run.world.times if task.step == "b"]


def test_a_decision_that_nobody_asked_for_says_everything_that_is_wrong() -> None:
    run = drive(book(Gate(id="g", say="Go?")))
    run._step(), run._step(), run._step()
    with pytest.raises(DecisionRefused) as refused:
        decided(run.run, "x", Decision.SETTLE, " ", run.now)
    assert refused.value.reasons == (
        "the run does not ask about x: it asks about g",
        "to settle needs a reason",
        "to settle needs what is true: ok or failed",
    )
    with pytest.raises(DecisionRefused, match="waive is no answer here: approve, refuse"):
        decided(run.run, "g", Decision.WAIVE, "why not", run.now)
    run.record((facts.Refused(Task("g"), "not tonight"),), "op")
    with pytest.raises(DecisionRefused) as over:
        decided(run.run, "g", Decision.APPROVE, "", run.now)
    assert over.value.reasons == ("the run does not ask about g: it asks nothing now",)


def test_a_decision_on_several_hosts_names_one_or_means_all() -> None:
    """Who read one question and forgot its host must not have answered the others with it."""
    run = drive(book(do("a", "webs", if_fails=ASK)), World({"a": Deed(status=1)}))
    for _ in range(40):
        if len([each for each in run.run.requests(run.now) if isinstance(each, Question)]) == 4:
            break
        run._step()
    with pytest.raises(DecisionRefused) as refused:
        decided(run.run, "a", Decision.WAIVE, "seen", run.now)
    assert refused.value.reasons == (
        "a is asked on 4 hosts: name one of w1, w2, w3, w4, or all of them",
    )
    waived = tuple(facts.Waived(Task("a", f"w{n}"), "seen") for n in (1, 2, 3, 4))
    assert decided(run.run, "a", Decision.WAIVE, "seen", run.now, everywhere=True) == waived
    assert decided(run.run, "a", Decision.WAIVE, "seen", run.now, host="w2") == waived[1:2]


# --- rolling ---


def roll(**more: object) -> Rolling:
    each = (do("drain", "lb"), do("patch", ""))
    given: dict[str, object] = {
        "hosts": ("webs",),
        "each": each,
        "then_always": (do("undrain", "lb"),),
        **more,
    }
    return Rolling(id="roll", say="Patch them", **given)  # type: ignore[arg-type]


def taken(drive: Drive) -> list[tuple[str, ...]]:
    return [e.fact.hosts for e in drive.journal if isinstance(e.fact, facts.BatchBegun)]


def test_a_roll_takes_a_canary_and_then_batches() -> None:
    run = drive(book(roll(canary=1, batch=Amount(2), soak_ms=60_000)))
    assert run.to_the_end() is RunState.SUCCEEDED
    assert taken(run) == [("w1",), ("w2", "w3"), ("w4",)]
    assert run.world.order[:3] == ["drain on lb1 for w1", "patch on w1", "undrain on lb1 for w1"]
    begun = [e.at for e in run.journal if isinstance(e.fact, facts.BatchBegun)]
    assert begun[1] - begun[0] >= 60_000


def test_twins_are_never_taken_together() -> None:
    traits = {"w1": {"pair": "1"}, "w2": {"pair": "1"}, "w3": {"pair": "2"}, "w4": {"pair": "2"}}
    run = drive(book(roll(batch=Amount(2), never_together=("pair",))), traits=traits)
    assert run.to_the_end() is RunState.SUCCEEDED
    assert taken(run) == [("w1", "w3"), ("w2", "w4")]


def test_a_host_that_fails_is_undrained_and_the_others_are_spared() -> None:
    run = drive(book(roll(canary=1)), World({"patch@w1": Deed(status=1)}))
    assert run.to_the_end() is RunState.FAILED
    assert run.world.order == ["drain on lb1 for w1", "patch on w1", "undrain on lb1 for w1"]
    spared = run.run.task(Task("patch", "w3", "w3"))
    assert (spared.outcome, spared.why) == (Outcome.SKIPPED, "spared: w1 failed")


def test_a_retry_drains_again_undrains_again_and_takes_the_spared() -> None:
    world = World({"patch@w1": Deed(status=1)}, holds={})

    def repair(
        run: RunProgress, question: Question, now: int
    ) -> tuple[str, tuple[facts.Fact, ...]]:
        world.deeds = {}
        world.holds.clear()
        return "op", decided(run, "patch", Decision.RETRY, "repaired", now)

    run = drive(book(roll(canary=1, if_fails=ASK)), world, repair)
    assert run.to_the_end() is RunState.SUCCEEDED
    assert world.order[3:6] == ["drain on lb1 for w1", "patch on w1", "undrain on lb1 for w1"]
    assert set(outcomes(run, "roll").values()) == {"ok"}
    assert all(times == 1 for times in world.times.values())


def test_a_host_that_fails_may_be_taken_back_alone_before_what_is_done_always() -> None:
    each = (
        do("drain", "lb", undo="un"),
        do("config", "", undo="un"),
        do("patch", "", if_fails=BACK),
    )
    run = drive(book(roll(each=each, stop_after=2)), World({"patch@w1": Deed(status=1)}))
    assert run.to_the_end() is RunState.FAILED
    assert run.world.order[:7] == [
        "drain on lb1 for w1", "config on w1", "patch on w1",
        "config (undo) on w1", "drain (undo) on lb1 for w1", "undrain on lb1 for w1",
        "drain on lb1 for w2",
    ]  # fmt: skip
    assert run.world.order.count("config (undo) on w2") == 0


def test_a_host_is_taken_back_where_nothing_is_done_always() -> None:
    each = (do("config", "", undo="un"), do("patch", "", if_fails=BACK))
    run = drive(book(roll(each=each, then_always=())), World({"patch@w1": Deed(status=1)}))
    assert run.to_the_end() is RunState.FAILED
    assert run.world.order == ["config on w1", "patch on w1", "config (undo) on w1"]


def test_a_retry_of_a_host_that_was_taken_back_may_be_taken_back_again() -> None:
    each = (do("config", "", undo="un"), do("patch", "", if_fails=BACK))
    world = World({"patch@w1": Deed(status=1)})
    asked: list[str] = []

    def retry(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[facts.Fact, ...]]:
        asked.append(question.task.step)
        world.holds.clear()
        if len(asked) == 2:
            world.deeds = {}
        return "op", decided(run, question.task.step, Decision.RETRY, "again", now)

    run = drive(book(roll(each=each, then_always=(), if_fails=ASK)), world, retry)
    assert run.to_the_end() is RunState.SUCCEEDED
    once = ["config on w1", "patch on w1", "config (undo) on w1"]
    assert world.order[:8] == [*once, *once, "config on w1", "patch on w1"]
    assert all(times == 1 for times in world.times.values())


def test_a_host_whose_way_back_fails_is_asked_about_and_the_rest_waits() -> None:
    each = (do("config", "", undo="un"), do("patch", "", if_fails=BACK))
    world = World({"patch@w1": Deed(status=1), "config!": Deed(status=1)})
    run = drive(book(roll(each=each)), world, saying((Decision.REFUSE, {})))
    assert run.to_the_end() is RunState.FAILED
    assert world.order[-1] == "undrain on lb1 for w1", "what is done always is done then"
    assert taken(run) == [("w1",)]


def test_a_roll_and_all_before_it_may_be_taken_back() -> None:
    each = (do("config", "", undo="un"), do("patch", "", undo="un", if_fails=BACK))
    steps = (do("a", undo="un"), roll(each=each, then_always=(), if_fails=BACK))
    run = drive(book(*steps), World({"patch@w2": Deed(status=1)}))
    assert run.to_the_end() is RunState.ROLLED_BACK
    assert run.world.order == [
        "a on db2", "config on w1", "patch on w1", "config on w2", "patch on w2", "config (undo) on w2",
        "patch (undo) on w1", "config (undo) on w1", "a (undo) on db2",
    ]  # fmt: skip


def test_what_is_done_always_is_the_way_back_itself_and_is_not_taken_back() -> None:
    each = (do("drain", "lb", undo="un"), do("patch", "", undo="un"))
    always = (do("undrain", "lb", undo="un"),)
    steps = (roll(each=each, then_always=always), do("c", if_fails=BACK))
    run = drive(book(*steps), World({"c": Deed(status=1)}))
    assert run.to_the_end() is RunState.ROLLED_BACK
    undone = {line.split(" (undo)")[0] for line in run.world.order if "(undo)" in line}
    assert undone == {"drain", "patch"}


def test_more_may_fail_where_that_was_said() -> None:
    run = drive(book(roll(stop_after=2)), World({"patch@w1": Deed(status=1)}))
    assert run.to_the_end() is RunState.FAILED
    assert len(taken(run)) == 4


def test_enough_hosts_stay_well() -> None:
    run = drive(book(roll(batch=Amount(4), keep_healthy=Amount(share=Fraction(1, 2)))))
    assert run.to_the_end() is RunState.SUCCEEDED
    assert taken(run) == [("w1", "w2"), ("w3", "w4")]


def test_too_few_well_hosts_hold_the_roll() -> None:
    world = World(healthy={"w1", "w2"})
    run = drive(book(roll(keep_healthy=Amount(3))), world)
    for _ in range(20):
        run._step()
    assert run.run.held == {"roll": "2 of 4 hosts are well, and 3 must stay so"}
    assert not taken(run)
    world.healthy = None
    assert run.to_the_end() is RunState.SUCCEEDED


def test_an_alert_holds_the_roll() -> None:
    world = World(problems=("checkout errors",))
    run = drive(book(roll(pause_when=("kind:alert",))), world)
    for _ in range(20):
        run._step()
    assert run.run.held == {"roll": "checkout errors"}
    world.problems = ()
    assert run.to_the_end() is RunState.SUCCEEDED
    assert journal(run).count("BatchHeld") == 2


@pytest.mark.parametrize("now", [False, True])
def test_an_aborted_roll_still_undrains(now: bool) -> None:
    run = drive(book(roll(canary=1)), World({"patch": Deed(polls=9)}))
    while "patch on w1" not in run.world.order:
        run._step()
    run.record((facts.Aborted(now, "enough"),), "op")
    assert run.to_the_end() is RunState.ABORTED
    assert run.world.order == ["drain on lb1 for w1", "patch on w1", "undrain on lb1 for w1"]


def test_an_unknown_host_holds_the_roll_until_a_person_settles_it() -> None:
    world = World({"patch@w1": Deed(befalls=Found.LOST, works=False)})
    run = drive(book(roll()), world, saying((Decision.SETTLE, {"outcome": Outcome.OK})))
    assert run.to_the_end() is RunState.SUCCEEDED
    assert len(taken(run)) == 4


# --- the journal's law ---


def test_a_journal_of_another_runbook_is_refused() -> None:
    run = drive(book(do("a")))
    with pytest.raises(JournalError, match="pinned to another text of b"):
        replay(book(do("b")), run.journal, payload)
    with pytest.raises(JournalError, match="does not begin with a plan"):
        replay(book(do("a")), [], payload)


def test_a_fact_that_cant_follow_is_refused() -> None:
    run = drive(book(do("a")))
    with pytest.raises(IllegalMove, match="Started can't follow the state pending"):
        run.record((facts.Started(Task("a", "db2")),))
