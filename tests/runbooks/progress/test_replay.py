"""Killed anywhere, a run comes to the same end, and no step is done twice.

Every entry of a journal is a place to be killed at, as is every call between its answer and its
record. `TWINWATCH_EXAMPLES` makes more random runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbooks.progress import facts
from runbooks.progress.decisions import decided
from runbooks.progress.facts import Outcome, Task
from runbooks.progress.questions import Decision
from runbooks.progress.requests import Call, Found, Question, Stop, Survey
from runbooks.progress.run import RunProgress, replay
from runbooks.progress.states import RunState, StepState
from runbooks.runbook import Act, Gate, OnFailure, Only, Playbook, Reboot, Runbook, Step, Until
from tests.runbooks.progress.drive import Drive, Killed, payload, planned, saying
from tests.runbooks.progress.test_run import ASK, BACK, HOSTS, book, check, do, drive, roll
from tests.runbooks.progress.world import Deed, World

EXAMPLES = int(os.environ.get("TWINWATCH_EXAMPLES", "150"))
APPROVE = saying((Decision.APPROVE, {}))
SETTLE = saying((Decision.SETTLE, {"outcome": Outcome.FAILED}))

#: name → (runbook, world, people)
SMALL: dict[str, Callable[[], Drive]] = {
    "one step": lambda: drive(book(do("a"))),
    "a step that fails": lambda: drive(book(do("a"), do("b")), World({"b": Deed(status=1)})),
    "lost, settled by the oracle": lambda: drive(book(do("a")), World({"a": Deed(befalls=Found.LOST)})),
    "lost, settled by a person": lambda: drive(
        book(do("a")), World({"a": Deed(befalls=Found.LOST, works=False)}), SETTLE
    ),
    "a reboot": lambda: drive(
        book(Reboot(id="a", say="Restart", hosts=("new",), timeout_ms=60_000)), World({"a": Deed(reboots=True)})
    ),
    "a hanging step": lambda: drive(book(do("a")), World({"a": Deed(hangs=True)})),
    "a step that ends with its start": lambda: drive(book(do("a"), do("b")), World({"a": Deed(polls=0)})),
    "an orphan": lambda: drive(book(do("a")), World({"a": Deed(befalls=Found.ORPHAN, polls=2)})),
    "two hosts and a gate": lambda: drive(
        book(check("c"), Gate(id="g", say="Go?", approvals=1), do("a", "webs")), World(), APPROVE
    ),
    "a roll-back": lambda: drive(
        book(do("a", undo="x"), do("b", "webs", undo="y"), do("c", if_fails=BACK)), World({"c": Deed(status=1)})
    ),
    "a jump": lambda: drive(
        book(
            do("a", if_fails=OnFailure(Act.JUMP, "h")), do("b"), Gate(id="h", say="By hand", only=Only.BY_JUMP), do("c")
        ),
        World({"a": Deed(status=1)}),
        APPROVE,
    ),
    "a playbook": lambda: drive(
        book(
            Playbook(
                id="play",
                say="Play",
                hosts=("new",),
                timeout_ms=9_000,
                file="p.yaml",
                done_when="is so",
            ),
            do("b"),
        )
    ),
    "a roll": lambda: drive(book(roll(canary=1)), World({"patch@w2": Deed(status=1)})),
    "a question beside a step that is done meanwhile": lambda: drive(
        book(
            do("a", "webs", aside=True, if_fails=ASK, timeout_ms=3_600_000),
            do("b", if_fails=ASK, timeout_ms=3_600_000),
            do("c", timeout_ms=3_600_000),
        ),
        World({"a": Deed(polls=9), "b": Deed(status=1)}),
        saying((Decision.WAIVE, {})),
    ),
    "what may be repeated": lambda: drive(
        book(do("a", done_when="", repeatable=True, until=Until(3, 1_000))), World({"a": Deed(status=1)})
    ),
}  # fmt: skip


def ended(run: Drive) -> tuple[RunState, dict[Task, Outcome | None]]:
    """How it came out, for comparing; whatever happens, no attempt is carried out twice."""
    state = run.to_the_end()
    assert all(times == 1 for times in run.world.times.values()), run.world.times
    tasks = (*run.run.course.all_tasks(), *(t for t in run.run._tasks if t.undo))
    return state, {task: run.run.task(task).outcome for task in tasks}


def killed_at(run: Drive, which: int) -> Drive:
    """`run`, killed at its `which`-th chance."""
    chances = 0

    def kill(where: str) -> None:
        nonlocal chances
        chances += 1
        if chances == which:
            raise Killed

    run.kill = kill
    return run


def chances(make: Callable[[], Drive]) -> int:
    run, count = make(), 0

    def kill(where: str) -> None:
        nonlocal count
        count += 1

    run.kill = kill
    run.to_the_end()
    return count


@pytest.mark.parametrize("name", SMALL)
def test_killed_once_anywhere_it_comes_to_the_same_end(name: str) -> None:
    make = SMALL[name]
    calm = make()
    end = ended(calm)
    every = chances(make)
    assert every > 8
    for which in range(1, every + 1):
        run = killed_at(make(), which)
        assert ended(run) == end, f"killed at {which} of {every}"
        assert run.lives == 2
        assert run.world.times == calm.world.times


@pytest.mark.parametrize("name", SMALL)
def test_killed_after_every_entry_it_comes_to_the_same_end(name: str) -> None:
    make = SMALL[name]
    end = ended(make())
    run = make()

    def kill(where: str) -> None:
        if where == "entry":
            raise Killed

    run.kill = kill
    if name != "a hanging step":  # each life takes 3 s: it is over before its time was up
        assert ended(run) == end


@pytest.mark.parametrize("name", SMALL)
def test_every_prefix_is_replayed_to_what_it_was(name: str) -> None:
    run = SMALL[name]()
    seen: list[tuple[int, object]] = []

    def note(where: str) -> None:
        if where == "entry":
            seen.append((run.run.seq, run.run.requests(run.now), run.now, run.run.state(run.now)))  # type: ignore[arg-type]

    run.kill = note
    run.to_the_end()
    for seq, requests, now, state in seen:  # type: ignore[misc]
        again = replay(run.runbook, run.journal[:seq], payload)
        assert again.requests(now) == requests  # type: ignore[has-type]
        assert again.state(now) is state  # type: ignore[has-type]


# --- any runbook, any faults, any kills ---

ACTS = st.sampled_from([OnFailure(Act.STOP), ASK, OnFailure(Act.CONTINUE), BACK])
DEEDS = st.builds(
    Deed,
    status=st.sampled_from([0, 0, 0, 1]),
    polls=st.integers(0, 3),
    works=st.booleans(),
    befalls=st.sampled_from([None, None, None, Found.LOST, Found.ORPHAN, Found.STILLBORN]),
    hangs=st.sampled_from([False, False, False, True]),
    yields_to=st.sampled_from([Stop.TERM, Stop.TERM, Stop.KILL, Stop.NO]),
    unclocked=st.booleans(),
)
#: A restart befalls its neighbours too, so how they end hangs on the moment.
RESTARTING = st.one_of(DEEDS, st.builds(Deed, reboots=st.just(True), polls=st.integers(0, 2)))
PLACES = st.sampled_from(["old", "new", "webs"])


@st.composite
def steps(draw: st.DrawFn, playbooks: bool = True, aside: bool = False) -> tuple[Step, ...]:
    made: list[Step] = []
    for number in range(draw(st.integers(1, 4))):
        name = f"s{number}"
        kinds = ["do", "do", "check", "gate", "reboot", "roll", "play"]
        kind = draw(st.sampled_from(kinds if playbooks else kinds[:-1]))
        act = draw(ACTS)
        if kind == "do":
            repeatable = draw(st.booleans())
            oracle = (
                {"done_when": "", "repeatable": True, "until": Until(2, 1_000)}
                if repeatable
                else {}
            )
            undo = {"undo": "un"} if draw(st.booleans()) else {"irreversible": True}
            beside = {"aside": True, "if_fails": ASK} if aside and draw(st.booleans()) else {}
            made.append(do(name, draw(PLACES), **{"if_fails": act, **oracle, **undo, **beside}))
        elif kind == "play":
            given = {"file": "p.yaml", "done_when": "is so", "undo": "un", "if_fails": act}
            made.append(
                Playbook(id=f"play{number}", say="Play", hosts=("new",), timeout_ms=9_000, **given)  # type: ignore[arg-type]
            )
        elif kind == "check":
            made.append(check(name, draw(PLACES), if_fails=act))
        elif kind == "gate":
            made.append(Gate(id=name, say="Go?", approvals=draw(st.integers(1, 2)), if_fails=act))
        elif kind == "reboot":
            made.append(
                Reboot(
                    id=name, say="Restart", hosts=(draw(PLACES),), timeout_ms=20_000, if_fails=act
                )
            )
        elif not any(each.kind == "rolling" for each in made):
            inner = (do("drain", "lb", undo="un"), do("patch", "", undo="un", if_fails=draw(ACTS)))
            made.append(
                roll(
                    canary=draw(st.integers(0, 2)),
                    if_fails=ASK if aside else act,
                    aside=aside and draw(st.booleans()),
                    stop_after=draw(st.integers(1, 2)),
                    each=inner,
                    then_always=(do("undrain", "lb"),) if draw(st.booleans()) else (),
                )
            )
    return tuple(made) or (do("s0"),)


class Dice:
    """People and faults by chance, each until it is spent, so that every run ends."""

    def __init__(self, draw: st.DataObject) -> None:
        self.draw = draw
        self.faults = draw.draw(st.integers(0, 12), "faults")
        self.kills = draw.draw(st.integers(0, 8), "kills")
        self.words = draw.draw(st.integers(0, 2), "words")

    def fault(self, call: Call) -> str:
        if self.faults == 0 or isinstance(call, Survey):
            return ""
        self.faults -= 1
        return self.draw.draw(
            st.sampled_from(["", "cut", "deaf", "restart"]), f"fault of {type(call).__name__}"
        )

    def kill(self, where: str) -> None:
        if self.kills and self.draw.draw(st.integers(0, 5), f"killed at {where}") == 0:
            self.kills -= 1
            raise Killed

    def meddle(self, run: Drive) -> None:
        """Somebody pauses, resumes or aborts, or answers while other steps are at work."""
        if run.run.finished is not None:
            return
        if run.run.paused and (not self.words or self.draw.draw(st.booleans(), "resumed")):
            run.record((facts.Resumed(),), "op")
        elif self.words and self.draw.draw(st.integers(0, 9), "a word") == 0:
            self.words -= 1
            asked = [e for e in run.run.requests(run.now) if isinstance(e, Question)]
            if asked and self.draw.draw(st.booleans(), "answers"):
                actor, made = self.says(run.run, asked[0], run.now)
                run.record(made, actor)
                return
            now = self.draw.draw(st.booleans(), "now")
            word = self.draw.draw(st.sampled_from([facts.Paused(), facts.Aborted(now)]), "word")
            run.record((word,), "op")

    def says(self, run: object, question: object, now: int) -> tuple[str, tuple[facts.Fact, ...]]:
        choices = [each for each in question.choices if each != "retry"]  # type: ignore[attr-defined]
        choice = Decision(self.draw.draw(st.sampled_from(sorted(choices)), "decision"))
        outcome = Outcome.OK if choice is Decision.SETTLE else None
        actor = f"p{self.draw.draw(st.integers(0, 3), 'actor')}"
        task = question.task  # type: ignore[attr-defined]
        return actor, decided(run, task.step, choice, "so", now, host=task.host, outcome=outcome)  # type: ignore[arg-type]


def obliging(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[facts.Fact, ...]]:
    """Somebody who always chooses the same."""
    task = question.task
    outcome = Outcome.FAILED if question.choices[0] == Decision.SETTLE else None
    choice = Decision.WAIVE if Decision.WAIVE in question.choices else Decision(question.choices[0])
    more = {"host": task.host, "outcome": outcome}
    return f"p{run.seq}", decided(run, task.step, choice, "so", now, **more)  # type: ignore[arg-type]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps(playbooks=False),
    st.dictionaries(
        st.sampled_from(["s0", "s1", "s2", "s3", "patch", "drain", "s0!", "patch!", "drain!"]),
        DEEDS,
    ),
    st.sets(st.integers(1, 300), max_size=12),
)
def test_any_run_comes_to_the_same_end_whenever_it_is_killed(
    made: tuple[Step, ...], deeds: dict[str, Deed], deaths: set[int]
) -> None:
    runbook: Runbook = book(*made)

    def make() -> Drive:
        return Drive(runbook, planned(runbook, HOSTS), World(deeds), obliging)

    calm, run = make(), make()
    chance = 0

    def kill(where: str) -> None:
        nonlocal chance
        chance += 1
        if chance in deaths:
            raise Killed

    run.kill = kill
    assert ended(run) == ended(calm)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps(aside=True),
    st.dictionaries(
        st.sampled_from(["s0", "s1", "s2", "s3", "patch", "drain", "s0!", "patch!", "drain!"]),
        RESTARTING,
    ),
    st.data(),
)
def test_whatever_happens_it_ends_and_nothing_is_done_twice(
    made: tuple[Step, ...], deeds: dict[str, Deed], data: st.DataObject
) -> None:
    runbook: Runbook = book(*made)
    dice = Dice(data)
    run = Drive(runbook, planned(runbook, HOSTS), World(deeds), dice.says)
    run.world.fault, run.kill, run.meddle = dice.fault, dice.kill, dice.meddle
    state = run.to_the_end()
    at_work = [t for t in run.run._tasks.values() if t.number and not t.ended and t.intended_at]
    assert all(each.state is StepState.PENDING for each in at_work), "it ended with work under way"
    assert state is not RunState.ABORTED or run.run.aborted is not None
    assert all(times == 1 for times in run.world.times.values()), run.world.times
    for (task, number), _ in run.world.times.items():
        intents = [
            e.fact
            for e in run.journal
            if isinstance(e.fact, facts.Intended) and e.fact.task == task
        ]
        assert number in [each.number for each in intents], (
            "carried out without an intent on record"
        )
    if state is RunState.SUCCEEDED:
        for task in run.run.course.all_tasks():
            if (
                isinstance(run.run.course.step(task.step), Reboot)
                and run.run.task(task).outcome is Outcome.OK
            ):
                continue
            done = run.run.task(task)
            assert done.ended, task
    assert replay(runbook, run.journal, payload).finished == run.run.finished
