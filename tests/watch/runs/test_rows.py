"""A run as it is shown: states in a word, questions, silence, the time steps took."""

from __future__ import annotations

import pytest

from estate.runs import RunView
from estate.wire import from_json, to_json
from runbooks.execution import Trouble
from runbooks.fingerprint import fingerprint
from runbooks.performance import Silence
from runbooks.progress import facts
from runbooks.progress.decisions import decided
from runbooks.progress.entries import Entry
from runbooks.progress.facts import Outcome, Task
from runbooks.progress.questions import Decision
from runbooks.progress.requests import Found
from runbooks.runbook import Clock, Gate, Step
from tests.runbooks.progress.drive import Drive, saying
from tests.runbooks.progress.test_run import ASK, BACK, book, check, do, drive, roll
from tests.runbooks.progress.world import T0, Deed, World
from watch.runs.log import said
from watch.runs.rows import row_of, took, view_of


def view(run: Drive, trouble: Trouble | None = None) -> RunView:
    shown = trouble or Trouble()
    found = view_of(row_of(run.run, run.now, T0, shown), run.run, run.journal, shown, run.now)
    assert from_json(RunView, to_json(found)) == found, "it crosses the wire as it is"
    return found


def states(run: Drive) -> dict[str, str]:
    return {each.id: each.state for each in view(run).steps}


def test_a_run_from_its_plan_to_its_end() -> None:
    run = drive(book(do("a"), do("b")))
    assert (view(run).row.state, view(run).row.step) == ("planned", "Do a")
    while not run.run.begun:
        run._step()
    run._step()
    assert (view(run).row.state, states(run)) == ("running", {"a": "now", "b": ""})
    run.to_the_end()
    row = view(run).row
    assert (row.state, row.step, row.steps_done, row.steps_total) == ("succeeded", "", 2, 2)
    assert states(run) == {"a": "ok", "b": "ok"}
    assert row.ended_at == run.run.finished_at


def test_a_step_that_failed_and_asks_is_where_the_run_is_and_not_done() -> None:
    run = drive(book(do("a"), do("b", if_fails=ASK), do("c")), World({"b": Deed(status=1)}))
    while not view(run).questions:
        run._step()
    row = view(run).row
    assert (row.state, row.step, row.steps_done) == ("needs-decision", "Do b", 1)
    run.record(decided(run.run, "b", Decision.REFUSE, "no", run.now), "op")
    assert (str(run.to_the_end()), view(run).row.steps_done) == ("failed", 1)


def test_nothing_is_called_done_of_a_run_that_was_aborted_before_its_first_step() -> None:
    run = drive(book(do("a"), do("b"), do("c")))
    run.record((facts.Aborted(True, "enough"),), "op")
    run.to_the_end()
    assert view(run).row.state == "aborted"
    while not run.run.begun and run.run.finished is None:
        run._step()
    begun = drive(book(Gate(id="g", say="Go?"), do("b"), do("c")))
    while not view(begun).questions:
        begun._step()
    begun.record((facts.Aborted(False, "enough"),), "op")
    begun.to_the_end()
    row = view(begun).row
    assert set(states(begun).values()) <= {"skipped", "failed"}
    assert (row.steps_done, row.steps_total) == (0, 3) and row.steps_passed >= 2


PROOF = Clock(60_000, stops="proof")


@pytest.mark.parametrize(
    ("steps", "clock", "unproven"),
    [
        ((do("a"), check("proof", if_fails=ASK)), PROOF, True),
        ((check("bad", if_fails=ASK), check("proof")), PROOF, False),
        ((check("bad", if_fails=ASK), do("a")), None, True),
    ],
)
def test_what_was_waived_is_not_done_and_a_waived_proof_measures_nothing(
    steps: tuple[Step, ...], clock: Clock | None, unproven: bool
) -> None:
    world = World(holds={"proof": clock is None or not unproven, "bad": False})
    run = drive(book(*steps, clock=clock), world, saying((Decision.WAIVE, {})))
    run.to_the_end()
    row = view(run).row
    assert (row.state, row.steps_done, row.waived, row.steps_total) == ("succeeded", 1, 1, 2)
    assert row.unproven is unproven
    assert sorted(states(run).values()) == ["ok", "waived"]


def test_a_waived_check_before_is_counted_and_the_time_is_measured() -> None:
    runbook = book(do("a"), before=(check("x", if_fails=ASK),))
    run = drive(runbook, World(holds={"x": False}), saying((Decision.WAIVE, {})))
    run.to_the_end()
    row = view(run).row
    assert (row.waived, row.steps_done, row.unproven) == (1, 1, False)
    assert [each.state for each in view(run).before] == ["waived"]


@pytest.mark.parametrize(("now", "ending"), [(True, "now"), (False, "step")])
def test_a_run_that_was_aborted_says_how_it_ends_until_it_has(now: bool, ending: str) -> None:
    run = drive(book(do("a"), do("b")))
    while not run.run.begun:
        run._step()
    run._step()
    assert view(run).row.ending == ""
    run.record((facts.Aborted(now, "enough"),), "op")
    assert (view(run).row.state, view(run).row.ending) == ("running", ending)
    run.to_the_end()
    assert (view(run).row.state, view(run).row.ending) == ("aborted", "")


def test_a_question_is_in_the_row_and_whole_in_the_view() -> None:
    run = drive(book(Gate(id="g", say="Go?", approvals=2)))
    run._step(), run._step(), run._step()
    shown = view(run)
    assert (shown.row.state, shown.row.question) == ("waiting", "Go?")
    (question,) = shown.questions
    assert (question.step, question.choices, question.needed) == ("g", ("approve", "refuse"), 2)


def test_a_gate_says_who_has_signed_and_until_when() -> None:
    run = drive(book(Gate(id="g", say="Go?", approvals=2, wait_ms=60_000)))
    run._step(), run._step(), run._step()
    run.record((facts.Approved(Task("g")),), "mchan")
    (question,) = view(run).questions
    assert (question.signed, question.needed) == (("mchan",), 1)
    assert question.until == run.run.begun["g"] + 60_000


def test_what_nobody_knows_is_unknown_and_asked_about() -> None:
    world = World({"a": Deed(befalls=Found.LOST, works=False)})
    run = drive(book(do("a")), world, saying())
    with pytest.raises(IndexError):
        run.to_the_end()
    assert (view(run).row.state, states(run)) == ("needs-decision", {"a": "unknown"})


def test_silence_is_told_with_its_cause_and_its_time() -> None:
    run = drive(book(do("a")))
    while not run.run.begun:
        run._step()
    run._step()
    trouble = Trouble(record="no space for it", silent={"db2": Silence(T0, "no route")})
    shown = view(run, trouble)
    assert (
        shown.row.trouble
        == "the record can't be written: no space for it; db2 does not answer: no route"
    )
    (task,) = shown.steps[0].tasks
    assert (task.silent_since, task.silent_why) == (T0, "no route")


def test_a_roll_is_shown_host_by_host_and_undoing_beside_what_it_undoes() -> None:
    each = (do("drain", "lb", undo="un"), do("patch", "", undo="un"))
    steps = (do("a", undo="un"), roll(canary=1, each=each, if_fails=BACK))
    run = drive(book(*steps), World({"patch@w1": Deed(status=1)}))
    run.to_the_end()
    found = {each.id: each for each in view(run).steps}
    assert [each.depth for each in found.values()] == [0, 0, 1, 1, 1]
    told = [(t.host, t.about, t.outcome) for t in found["drain"].tasks if not t.undo]
    assert told[:2] == [("lb1", "w1", "ok"), ("lb1", "w2", "skipped")]
    assert [(t.undo, t.outcome) for t in found["a"].tasks] == [(False, "ok"), (True, "ok")]


def test_how_much_was_printed_is_no_line_of_the_record() -> None:
    run = drive(book(do("a")))
    run.to_the_end()
    kept = [each.seq for each in run.journal if isinstance(each.fact, facts.OutputKept)]
    assert kept, "the world of the test prints"
    assert not {line.seq for line in view(run).log} & set(kept)


def test_only_what_was_done_is_history() -> None:
    a, b = do("a"), do("b")
    run = drive(book(a, b), World(holds={"b": True}))
    run.to_the_end()
    assert list(took(run.run)) == [fingerprint(a)]
    assert all(ms > 0 for ms in took(run.run)[fingerprint(a)])


def test_tidying_up_is_no_part_of_the_time_that_a_step_took() -> None:
    a = do("a")
    run = drive(book(a))
    run.to_the_end()
    judged = [each.at for each in run.journal if isinstance(each.fact, facts.Judged)]
    cleaned = [each.at for each in run.journal if isinstance(each.fact, facts.Cleaned)]
    assert max(cleaned) > max(judged)
    (task,) = view(run).steps[0].tasks
    assert task.ended_at == max(judged)
    begun = [each.at for each in run.journal if isinstance(each.fact, facts.Intended)]
    assert took(run.run)[fingerprint(a)] == [max(judged) - max(begun)]


FACTS = [
    facts.Judged(Task("a", "db1"), Outcome.FAILED, "exit status 3"),
    facts.Turned("a", facts.Act.JUMP, "b", "a failed"),
    facts.Turned("a", facts.Act.ASK, "", "a: a on db1: no {answer}"),
    facts.BatchBegun("roll", 0, ("w1", "w2")),
    facts.Aborted(True, "enough"),
]


@pytest.mark.parametrize(
    "fact, words",
    list(
        zip(
            FACTS,
            [
                "a on db1: failed: exit status 3",
                "after a: it goes on at b: a failed",
                "after a: it asks what to do: a on db1: no {answer}",
                "roll: batch 1, w1, w2",
                "aborted now: enough",
            ],
            strict=True,
        )
    ),
)
def test_an_entry_is_said_in_words(fact: facts.Fact, words: str) -> None:
    assert said(fact) == words


@pytest.mark.parametrize("act", facts.Act)
def test_every_turn_has_words(act: facts.Act) -> None:
    assert said(facts.Turned("a", act, "b")).startswith("after a: it ")


def test_every_fact_has_words() -> None:
    run = drive(
        book(do("a", undo="x"), roll(canary=1, if_fails=BACK)), World({"patch@w2": Deed(status=1)})
    )
    run.to_the_end()
    told = [said(entry.fact) for entry in run.journal]
    assert all(isinstance(line, str) and line for line in told)
    assert isinstance(run.journal[0], Entry)
