"""Steps that the run goes past: what it asks meanwhile holds neither up, and it waits at its end."""

from __future__ import annotations

import pytest

from runbooks.progress import facts
from runbooks.progress.decisions import decided
from runbooks.progress.facts import Fact
from runbooks.progress.questions import Decision
from runbooks.progress.requests import Question
from runbooks.progress.run import RunProgress
from runbooks.progress.states import RunState
from runbooks.runbook import Do, Gate
from tests.runbooks.progress.drive import Drive, Says
from tests.runbooks.progress.test_run import ASK, BACK, do, drive, journal, outcomes, roll
from tests.runbooks.progress.test_run import book as a_book
from tests.runbooks.progress.world import T0, Deed, World

HOUR_MS = 3_600_000


def fence(**more: object) -> Do:
    return do("fence", "old", aside=True, if_fails=ASK, timeout_ms=HOUR_MS, **more)


def once_fenced(world: World, decision: Decision) -> Says:
    """A person who is asked about `b`, and answers when the old host came back and is fenced."""

    def says(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[Fact, ...]]:
        assert question.task.step == "b"
        world.away.clear()
        if "fence on db1" not in world.order:
            return "ann", ()
        return "ann", decided(run, "b", decision, "so", now)

    return says


def test_an_open_question_does_not_hold_it_up() -> None:
    world = World({"b": Deed(status=1)}, away={"db1"})
    book = a_book(do("a"), fence(), do("b", if_fails=ASK), do("c"))
    run = drive(book, world, once_fenced(world, Decision.WAIVE))
    assert run.to_the_end() is RunState.SUCCEEDED
    assert world.order == ["a on db2", "b on db2", "fence on db1", "c on db2"]


def test_the_run_does_not_end_before_it() -> None:
    world = World(away={"db1"})
    run = drive(a_book(fence(), do("b")), world)

    def come_back(drive: Drive) -> None:
        if drive.now > T0 + 60_000:
            world.away.clear()

    run.meddle = come_back
    assert run.to_the_end() is RunState.SUCCEEDED
    assert world.order == ["b on db2", "fence on db1"]
    assert run.run.finished_at is not None and run.run.finished_at > T0 + 60_000


def test_a_refusal_ends_the_run_once_it_has_ended() -> None:
    world = World({"b": Deed(status=1)}, away={"db1"})
    came_back = once_fenced(world, Decision.REFUSE)
    run = drive(a_book(fence(), do("b", if_fails=ASK), do("c")), world, came_back)
    assert run.to_the_end() is RunState.FAILED
    assert outcomes(run, "fence") == {"db1": "ok"} and outcomes(run, "c") == {"db2": "None"}
    assert run.run.finished is not None and run.run.finished.why.startswith("b: refused by ann")


def test_what_it_asks_does_not_hold_up_the_rest_and_a_refusal_of_it_fails_the_run() -> None:
    world = World({"fence": Deed(status=1)})

    def says(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[Fact, ...]]:
        assert question.task.step == "fence" and world.order[-1] == "c on db2"
        return "ann", decided(run, "fence", Decision.REFUSE, "by hand", now)

    run = drive(a_book(fence(), do("b"), do("c")), world, says)
    assert run.to_the_end() is RunState.FAILED
    assert run.run.finished is not None
    assert run.run.finished.why == "fence: refused by ann: by hand"


@pytest.mark.parametrize("now", [True, False])
def test_an_abort_now_stops_it_and_one_after_this_step_lets_it_end(now: bool) -> None:
    world = World({"fence": Deed(polls=40)})
    run = drive(a_book(fence(), Gate(id="g", say="Go?"), do("b")), world)

    def abort(drive: Drive) -> None:
        if drive.run.aborted is None and "Started" in journal(drive):
            drive.record((facts.Aborted(now, "enough"),), "ann")

    run.meddle = abort
    assert run.to_the_end() is RunState.ABORTED
    assert outcomes(run, "fence") == {"db1": "stopped" if now else "ok"}
    assert "b on db2" not in world.order


def test_a_roll_back_stops_it_first() -> None:
    world = World({"fence": Deed(hangs=True), "b": Deed(status=1)})
    book = a_book(do("a", undo="un"), fence(undo="un"), do("b", if_fails=BACK))
    run = drive(book, world)
    assert run.to_the_end() is RunState.ROLLED_BACK
    assert outcomes(run, "fence") == {"db1": "stopped"}
    assert world.order == ["a on db2", "fence on db1", "b on db2", "a (undo) on db2"]
    stopped = next(e.seq for e in run.journal if getattr(e.fact, "ending", "") == "stopped")
    taken_back = next(
        e.seq for e in run.journal if isinstance(e.fact, facts.Intended) and e.fact.task.undo
    )
    assert stopped < taken_back


def test_a_roll_back_that_it_asked_for_stops_what_the_run_had_come_to() -> None:
    world = World({"fence": Deed(status=1), "b": Deed(hangs=True)})

    def says(run: RunProgress, question: Question, now: int) -> tuple[str, tuple[Fact, ...]]:
        return "ann", decided(run, "fence", Decision.ROLL_BACK, "back", now)

    book = a_book(do("a", undo="un"), fence(undo="un"), do("b", timeout_ms=HOUR_MS), do("c"))
    run = drive(book, world, says)

    def asked_while_it_works(drive: Drive) -> None:
        questions = [e for e in drive.run.requests(drive.now) if isinstance(e, Question)]
        if questions and drive.run.rolling_back == "":
            drive.record(says(drive.run, questions[0], drive.now)[1], "ann")

    run.meddle = asked_while_it_works
    assert run.to_the_end() is RunState.ROLLED_BACK
    assert outcomes(run, "b") == {"db2": "stopped"} and outcomes(run, "c") == {"db2": "None"}
    assert run.now < T0 + HOUR_MS
    assert world.order[-1] == "a (undo) on db2"


def test_a_roll_that_is_turned_back_half_way_still_does_what_is_done_always() -> None:
    world = World({"b": Deed(status=1, polls=6), "patch": Deed(polls=40)})
    book = a_book(roll(aside=True, if_fails=ASK), do("b", if_fails=BACK))
    run = drive(book, world)
    assert run.to_the_end() is RunState.FAILED, "nothing takes a patch back"
    begun = {host for batch in run.run.batches["roll"] for host in batch.hosts}
    assert begun and begun != set(run.run.planned.hosts["webs"])
    undrained = {each for each in world.order if each.startswith("undrain")}
    assert len(undrained) == len(begun)
