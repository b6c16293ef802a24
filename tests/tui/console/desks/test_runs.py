"""Runbooks and runs at a console, key by key, without a terminal or a watch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from estate.document import Change, Document
from estate.plans import ReasonView
from tests.tui.console.person import Person
from tests.tui.paint.failover import PLAN, PRINTED, RUN, RUNBOOKS, row, run
from tui.console.requests import runs as asked
from tui.console.requests.console import Ring
from tui.console.requests.facts import Advanced, WatchLost
from tui.paint.runsteps import current
from watch.error import WatchError

MakeBoard = Callable[..., Document]
GO = replace(PLAN, reasons=())


def printed(request: asked.AskOutput) -> asked.OutputTold:
    return asked.OutputTold(replace(PRINTED, output=request.output, total=request.total))


ANOTHER = "r-20261120-0312-00000000"


def told_of(request: asked.AskRun) -> asked.RunTold:
    """Whatever run is asked about, as the one that is known."""
    return asked.RunTold(replace(run(), row=replace(row(), id=request.run)))


class Operator(Person):
    """A person whom the watch tells of runs; `answers` by the names of requests."""

    def __init__(self, board: Document, **answers: Any) -> None:
        said = {
            asked.AskRunbooks: asked.RunbooksTold(RUNBOOKS),
            asked.AskRuns: asked.RunsTold((row(),)),
            asked.AskPlan: asked.PlanTold(GO),
            asked.AskRun: asked.RunTold(run()),
            asked.AskOutput: printed,
            asked.Arm: lambda _: asked.Armed("word", self.session.held.clock(self.at) + 600_000),
            asked.Disarm: asked.Armed(),
            asked.StartRun: asked.Begun(row()),
            asked.SteerRun: asked.Steered(row()),
            **{getattr(asked, name): answer for name, answer in answers.items()},
        }
        super().__init__(board, answers=said)
        self.board = board


@pytest.fixture
def board(make_board: MakeBoard) -> Document:
    return make_board()


def planned(board: Document, **answers: Any) -> Operator:
    return Operator(board, **answers).types(":", "runbook mail-failover", "enter")


def test_from_the_catalogue_to_the_plan_and_back(board: Document) -> None:
    person = Operator(board).types("G", "r", "j", "enter")  # on an event: all runbooks
    assert person.last(asked.AskPlan) == asked.AskPlan("mail-failover")
    assert "None: it may go." in person.sees()
    person.types("escape")
    assert "home › runbooks" in person.sees()
    person.types("j", "enter")
    assert "it is refused: twinwatch runbook lint /etc/x/broken.yaml" in person.sees()


def test_nothing_is_started_by_a_console_that_is_read_only(board: Document) -> None:
    given = planned(board).types("i", "C-1207", "enter", "enter")
    given.types("enter")
    assert given.session.message == "read-only: W arms writes for 10 minutes"
    assert given.many(asked.StartRun) == 0
    assert "read-only" in given.sees().splitlines()[-1]


def test_the_word_of_a_watch_is_worth_nothing_to_the_next(board: Document) -> None:
    person = shown(board).types("W")
    assert "armed 10:00" in person.sees().splitlines()[-1]
    same = replace(board, seq=board.seq + 1)
    person.session.learn(Advanced(same, None), person.at)
    assert "armed 10:00" in person.sees().splitlines()[-1]
    anew = replace(board, watch=replace(board.watch, started_at=board.watch.started_at + 1))
    person.session.learn(Advanced(anew, None), person.at)
    assert person.session.message == "read-only again: the watch was started anew"
    assert "read-only" in person.sees().splitlines()[-1]
    assert "armed" not in person.sees().splitlines()[-1]
    person.types("p")
    assert person.session.message == "read-only: W arms writes for 10 minutes"


@pytest.mark.parametrize("anew", [True, False])
def test_what_was_asked_of_a_lost_connection_is_asked_again_at_once(
    board: Document, anew: bool
) -> None:
    person = shown(board)
    person.answers[asked.AskRun] = None  # the connection is lost with what is asked now
    person.waits(5_000)
    first = person.many(asked.AskRun)
    person.session.learn(WatchLost("the watch ended"), person.at)
    person.waits(2_000)
    assert person.many(asked.AskRun) == first
    answered = replace(run(), questions=())
    person.answers[asked.AskRun] = asked.RunTold(answered)
    next_one = replace(board.watch, started_at=board.watch.started_at + anew)
    person.fulfils(person.session.learn(Advanced(replace(board, watch=next_one), None), person.at))
    assert person.many(asked.AskRun) == first + 1
    assert person.session.desks.runs.run == answered


def test_a_start_asks_for_inputs_then_why_then_for_the_site(board: Document) -> None:
    person = planned(board).types("W", "enter")
    assert "What mail-failover asks for" in person.sees()
    person.types("C-1207", "enter", "enter")
    assert dict(person.last(asked.AskPlan).given) == {"incident": "C-1207", "loss_ok": "none"}
    person.types("enter", "enter", "central", "enter")
    assert "that is not its name: nothing was started" in person.sees()
    assert person.many(asked.StartRun) == 0
    person.types(*["backspace"] * 7, "recovery", "enter")
    start = person.last(asked.StartRun)
    assert (start.runbook, start.confirm, start.armed) == ("mail-failover", "recovery", "word")
    assert (start.sha256, start.waive, start.drill) == (PLAN.sha256, False, False)
    assert dict(start.hosts) == PLAN.hosts, "it begins where it was shown to"
    here = person.session.journey.here
    assert (here.screen, here.subject) == ("run", RUN)


def test_escape_leaves_a_form_and_nothing_was_started(board: Document) -> None:
    person = planned(board).types("W", "enter", "C-1", "enter", "enter", "enter", "enter")
    person.types("recov", "escape", "enter")
    assert person.many(asked.StartRun) == 0


def test_what_stands_in_the_way_is_said_and_only_what_may_be_is_waived(board: Document) -> None:
    held = replace(PLAN, inputs=())
    person = planned(board, AskPlan=asked.PlanTold(held)).types("W", "enter")
    assert person.session.message.startswith("not to be started: service/mail is held by")
    lag = ReasonView("check", "lag unknown", "ask again", waivable=True)
    waivable = replace(PLAN, inputs=(), reasons=(lag,))
    person = planned(board, AskPlan=asked.PlanTold(waivable)).types("W", "enter", "enter")
    assert "something must stand here" in person.sees()
    person.types("C-1207", "enter", "recovery", "enter")
    assert (person.last(asked.StartRun).waive, person.last(asked.StartRun).reason) == (
        True,
        "C-1207",
    )


def test_a_drill_is_planned_anew(board: Document) -> None:
    drill = replace(GO, drill=True)
    person = planned(board)
    person.answers[asked.AskPlan] = asked.PlanTold(drill)
    person.types("D")
    assert person.last(asked.AskPlan).drill
    assert "a drill" in person.sees()
    without = replace(GO, drill_words="")
    person = planned(board, AskPlan=asked.PlanTold(without)).types("D")
    assert person.session.message == "mail-failover has no drill"


def shown(board: Document, **answers: Any) -> Operator:
    asking = replace(board, runs=(row(),))
    return Operator(asking, **answers).types("d")


def test_a_question_is_gone_to_and_answered_by_number(board: Document) -> None:
    person = shown(board)
    assert "settle as done" in person.sees()
    person.types("W", "1", "the console said so", "enter")
    steer = person.last(asked.SteerRun)
    assert (steer.run, steer.verb, steer.armed) == (RUN, "decide", "word")
    assert dict(steer.body) == {
        "step": "fenced",
        "host": "mdb-c01",
        "decision": "settle",
        "outcome": "ok",
        "reason": "the console said so",
    }
    person.types("9")
    assert "nothing is asked here" not in person.session.message  # 9 is no answer at all
    person.types("7")
    assert person.session.message == "nothing is asked here"


def test_pause_and_abort_ask_why_and_abort_says_when(board: Document) -> None:
    person = shown(board).types("W", "p", "enter")
    assert (person.last(asked.SteerRun).verb, dict(person.last(asked.SteerRun).body)) == (
        "pause",
        {"reason": ""},
    )
    person.types("A", "now", "enter", "enough", "enter")
    assert dict(person.last(asked.SteerRun).body) == {"reason": "enough", "now": True}
    person.types("A", "later", "enter")
    assert "one of these: step, now" in person.sees()


def test_only_what_is_asked_may_be_waived(board: Document) -> None:
    person = shown(board).types("W", "w")
    assert person.session.message == "nothing can be waived here"


def test_a_run_is_asked_about_when_it_moved_and_now_and_then(board: Document) -> None:
    person = shown(board)
    first = person.many(asked.AskRun)
    person.waits(1_000)
    assert person.many(asked.AskRun) == first
    moved = replace(board, seq=2, runs=(row(seq=17),))
    change = Change(2, board.at + 2_000, runs=moved.runs)
    person.fulfils(person.session.learn(Advanced(moved, change), person.at))
    assert person.many(asked.AskRun) == first + 1
    person.waits(1_000).waits(5_000)
    assert person.many(asked.AskRun) > first + 1


def test_output_is_asked_for_of_the_host_that_is_shown(board: Document) -> None:
    person = shown(board)
    assert person.last(asked.AskOutput) == asked.AskOutput(RUN, "fenced-c01", 47)
    assert "Created symlink" in person.sees()
    person.types("tab")
    assert person.last(asked.AskOutput) == asked.AskOutput(RUN, "fenced-c02", 61)


def test_a_new_question_rings_once(board: Document) -> None:
    person = Operator(replace(board, runs=(row(question="", state="running"),)))
    person.session.settings = replace(person.session.settings, bell="on")
    asking = replace(board, seq=2, runs=(row(),))
    change = Change(2, board.at + 2_000, runs=asking.runs)
    assert Ring() in person.session.learn(Advanced(asking, change), person.at)
    again = Change(3, board.at + 4_000, runs=asking.runs)
    assert Ring() not in person.session.learn(
        Advanced(replace(asking, seq=3), again), person.at + 2_000
    )


def test_a_refusal_is_said_whole_and_what_was_asked_is_asked_again(board: Document) -> None:
    error = WatchError("no such run", RUN, "this watch has none", "see :runs", status=404)
    person = shown(board, AskRun=error)
    assert "this watch has none" in person.session.message
    before = person.many(asked.AskRun)
    person.waits(1_000)
    assert person.many(asked.AskRun) == before
    person.waits(4_000)
    assert person.many(asked.AskRun) == before + 1


def test_why_a_plan_did_not_come_stays_on_its_screen(board: Document) -> None:
    error = WatchError("no such runbook", "mail-failover", "there are none", "see :runbooks")
    person = planned(board, AskPlan=error)
    person.session.message = ""
    assert "no such runbook — mail-failover — there are none" in person.sees()
    person.answers[asked.AskPlan] = asked.PlanTold(GO)
    person.types("R")
    assert "no such runbook" not in person.sees()
    assert "None: it may go." in person.sees()


def test_an_input_that_is_missing_names_the_key_that_asks_for_it(board: Document) -> None:
    why = ReasonView("input", "pin is not given: PIN", "add --secrets FILE", missing="pin")
    seen = planned(board, AskPlan=asked.PlanTold(replace(GO, reasons=(why,)))).sees()
    assert "pin is not given: PIN — i asks for it" in seen
    assert "--secrets" not in seen


def test_a_console_that_the_watch_calls_read_only_is(board: Document) -> None:
    why = "this console is read-only: W arms it for 10 minutes"
    refused = WatchError("nothing was changed", "this watch", why, "press W", status=403)
    person = shown(board, SteerRun=refused).types("W", "p", "enter")
    assert "read-only" in person.session.message
    person.session.message = ""
    assert "read-only" in person.sees().splitlines()[-1]


@pytest.mark.parametrize(
    "screen", ["services", "queues", "budget", "readiness", "timeline", "runbooks", "plan", "run"]
)
def test_d_leads_to_the_run_that_asks_from_wherever_it_is_shown(
    board: Document, screen: str
) -> None:
    other = row(id="r-20261120-0000-ffff0000", question="", state="running")
    person = Operator(replace(board, runs=(other, row())))
    subject = other.id if screen == "run" else ""
    person.session.journey = person.session.journey.go(screen, subject)
    assert "decide" in dict(person.session.view().keys).values()  # type: ignore[union-attr]
    person.types("d")
    assert (person.session.journey.here.screen, person.session.journey.here.subject) == ("run", RUN)
    assert "decide" not in dict(person.session.view().keys).values()  # type: ignore[union-attr]


def test_home_shows_the_run_and_opens_it(board: Document) -> None:
    person = Operator(replace(board, runs=(row(),)))
    assert "mail-failover needs a decision" in person.sees()
    person.types("k", "enter")
    assert person.session.journey.here.screen == "run"


def test_keys_that_lead_nowhere_on_a_plan_are_not_offered(board: Document) -> None:
    bare = replace(GO, inputs=(), drill_words="")
    footer = planned(board, AskPlan=asked.PlanTold(bare)).sees().splitlines()[-1]
    assert "enter start" in footer
    assert "inputs" not in footer
    assert "drill" not in footer


def test_a_paste_is_text_for_the_line_and_never_a_row_of_keys(board: Document) -> None:
    person = planned(board).types("W", "i")
    person.session.paste("C-1207\nrecovery\n", person.at)
    assert "C-1207▏" in person.sees()
    assert person.many(asked.StartRun) == 0


def test_an_armed_console_says_for_how_long_and_then_is_read_only(board: Document) -> None:
    person = planned(board).types("W")
    person.session.message = ""
    assert "armed 10:00" in person.sees().splitlines()[-1]
    person.waits(90_000)
    assert "armed 8:30" in person.sees().splitlines()[-1]
    person.waits(510_000)
    assert "read-only" in person.sees().splitlines()[-1]
    person.types("i", "C-1", "enter", "enter", "enter")
    assert person.session.message == "read-only: W arms writes for 10 minutes"
    person.types("W", "W")
    assert person.last(asked.Disarm) == asked.Disarm("word")


def test_a_secret_is_in_no_repr(board: Document) -> None:
    secret = replace(PLAN.inputs[0], name="pin", type="secret", say="PIN")
    person = planned(board, AskPlan=asked.PlanTold(replace(GO, inputs=(secret,), confirm="")))
    person.types("W", "enter", "hushhush", "enter", "enter", "enter")
    assert dict(person.last(asked.StartRun).given) == {"pin": "hushhush"}
    assert "hushhush" not in repr(person.asked) + person.sees()


def test_a_run_that_began_late_leaves_the_line_that_is_typed_meanwhile(board: Document) -> None:
    """The letters that follow would be keys of the run, of which some steer it."""
    told = asked.PlanTold(replace(GO, inputs=(), confirm=""))
    person = planned(board, AskPlan=told, StartRun=None).types("W", "enter", "enter")
    person.types(":", "hosts app")
    start = person.last(asked.StartRun)
    person.fulfils(person.session.answered(start, asked.Begun(row()), person.at))
    assert person.place == ("run", row().id)
    assert ": hosts app▏" in person.sees()
    person.types("d", "enter")
    assert person.session.attention.filter == "appd"
    assert person.many(asked.SteerRun) == 0


def test_a_run_that_began_late_leaves_the_form_that_is_open_meanwhile(board: Document) -> None:
    """What follows was typed for the run that is shown: the other one's keys would steer that."""
    told = asked.PlanTold(replace(GO, inputs=(), confirm=""))
    going_on = replace(board, runs=(row(),))
    person = planned(going_on, AskPlan=told, StartRun=None, AskRun=told_of)
    person.types("W", "enter", "enter", "d", "A", "now", "enter", "it is the w")
    start, begun = person.last(asked.StartRun), asked.Begun(replace(row(), id=ANOTHER))
    person.fulfils(person.session.answered(start, begun, person.at))
    assert person.place == ("run", RUN)
    assert "it is the w▏" in person.sees()
    assert person.session.message == "mail-failover has begun: :runs shows it"
    person.types("rong one", "enter")
    steered = person.last(asked.SteerRun)
    assert (steered.run, dict(steered.body)) == (
        RUN,
        {"reason": "it is the wrong one", "now": True},
    )


def test_a_second_start_that_is_typed_meanwhile_is_of_the_plan_that_was_seen(
    board: Document,
) -> None:
    told = asked.PlanTold(replace(GO, inputs=(), confirm=""))
    person = planned(board, AskPlan=told, StartRun=None).types("W", "enter", "enter")
    person.types("enter", "aga")
    start = person.last(asked.StartRun)
    person.fulfils(person.session.answered(start, asked.Begun(row()), person.at))
    assert "aga▏" in person.sees()
    person.types("in", "enter")
    again = person.last(asked.StartRun)
    assert (again.reason, again.sha256, again.waive) == ("again", start.sha256, False)


@pytest.mark.parametrize("action", [("open", "run", ANOTHER), ("screen", "hosts")])
def test_a_click_on_another_run_leaves_the_form_of_the_one_before(
    board: Document, action: tuple[str, ...]
) -> None:
    """It would have been answered for whatever run is shown then."""
    person = shown(board, AskRun=told_of).types("W", "A", "now", "enter", "eno")
    person.session.click("", action, False, person.at)
    person.types("ugh", "enter")
    assert "Why, for the record" not in person.sees()
    assert person.many(asked.SteerRun) == 0


def test_a_click_elsewhere_leaves_the_form_of_a_run(board: Document) -> None:
    """It is drawn on its own screen alone, and caught the keys of those that do not show it."""
    person = planned(board, AskPlan=asked.PlanTold(replace(GO, inputs=()))).types("W", "enter")
    person.session.click("", ("screen", "hosts"), False, person.at)
    person.types("?")
    assert person.place == ("help", "")
    person.types(":", "runbook mail-failover", "enter")
    assert "Why, for the record" not in person.sees()
    assert person.many(asked.StartRun) == 0


def test_a_form_of_runs_stands_once_on_its_screen(board: Document) -> None:
    person = planned(board, AskPlan=asked.PlanTold(replace(GO, inputs=(), confirm="")))
    person.types("W", "enter")
    assert person.sees().count("Why, for the record") == 1


def test_the_cursor_goes_along_with_the_run_unless_it_was_put_elsewhere(board: Document) -> None:
    early = replace(run(), questions=(), steps=run().steps[:1])
    begun, now = current(early), current(run())
    assert begun != now
    person = shown(board, AskRun=asked.RunTold(early))
    assert person.session.attention.cursor == begun
    person.answers[asked.AskRun] = asked.RunTold(run())
    assert person.waits(5_000).session.attention.cursor == now
    person.types("g")
    top = person.session.attention.cursor
    assert top != now
    assert person.waits(5_000).session.attention.cursor == top


def test_a_run_that_is_told_late_moves_no_cursor_elsewhere(board: Document) -> None:
    person = Operator(board)
    person.session.answered(asked.AskRun(RUN), asked.RunTold(run()), person.at)
    assert person.session.attention.cursor == ""


def test_d_on_the_run_that_asks_leads_nowhere(board: Document) -> None:
    person = Operator(replace(board, runs=(row(),))).types("d", "d")
    assert person.place == ("run", RUN)
    assert person.session.message == "no run asks anything"


def test_a_run_that_was_begun_takes_inputs_and_drill_with_it(board: Document) -> None:
    def drilled(request: asked.AskPlan) -> asked.PlanTold:
        return asked.PlanTold(replace(GO, drill=request.drill, confirm=""))

    person = planned(board, AskPlan=drilled).types("W", "D", "i", "C-1207", "enter", "enter")
    assert person.last(asked.AskPlan) == asked.AskPlan(
        "mail-failover", (("incident", "C-1207"), ("loss_ok", "none")), drill=True
    )
    person.types("enter", "enter", ":", "runbook mail-failover", "enter")
    assert person.many(asked.StartRun) == 1
    assert person.last(asked.AskPlan) == asked.AskPlan("mail-failover")


def test_a_plan_for_real_is_not_shown_as_the_drill_that_was_asked_for(board: Document) -> None:
    person = planned(board, AskPlan=None)
    request = person.types("D").last(asked.AskPlan)
    person.session.answered(asked.AskPlan("mail-failover"), asked.PlanTold(GO), person.at)
    assert person.session.desks.runs.plan is None
    drill = asked.PlanTold(replace(GO, drill=True))
    person.session.answered(request, drill, person.at)
    assert person.session.desks.runs.plan == drill.plan


def test_a_run_that_took_a_word_is_asked_about_at_once(board: Document) -> None:
    person = shown(board).types("W", "p", "w", "enter")
    assert person.many(asked.SteerRun) == 1
    first = [type(each) for each in person.asked]
    assert asked.AskRun in first[first.index(asked.SteerRun) :]
