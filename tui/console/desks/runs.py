"""Runbooks and runs at one console: what is known of them, what is asked, what is typed.

Sans-IO as the session that it is a part of: keys and facts go in, requests come out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from estate.document import WatchRow
from estate.language import Words, later
from estate.plans import PlanView, RunbookRow
from estate.runs import QuestionView, RunRow, RunView
from tui.console.desks import runforms
from tui.console.journey.orders import Go, Look, Outcome, Say
from tui.console.journey.places import Place
from tui.console.journey.standpoint import Standpoint
from tui.console.prompts.form import Form
from tui.console.requests import runs as asked
from tui.paint.asked import question_of
from tui.paint.runline import by_need
from tui.paint.runsteps import current, shown_task
from tui.paint.runwords import answers, is_open
from tui.paint.view import Printed, View
from watch.error import WatchError

#: An open run is asked about again this often, whether the board says that it moved or not ...
RUN_MS = 5_000
#: ... and no more often than this, however fast it moves: all of it is told each time.
LEAST_MS = 750
#: What was asked and not answered is asked again after so long: a plan waits for silent hosts.
PATIENCE_MS = 30_000
PLAN_PATIENCE_MS = 150_000
#: What was refused is asked again after so long: a watch that was away may be back.
REFUSED_MS = 4_000

READ_ONLY = later("read-only: W arms writes for 10 minutes")


class RunDesk:
    """See the module's first lines, and `tui.console.desks.desk.TypingDesk`."""

    def __init__(self) -> None:
        self.runbooks: tuple[RunbookRow, ...] | None = None
        self.runs: tuple[RunRow, ...] | None = None
        self.plan: PlanView | None = None
        self.run: RunView | None = None
        self.printed: Printed | None = None
        self.form: Form | None = None
        self._armed = asked.Armed()
        self._armed_at: WatchRow | None = None  # the watch that gave the word
        self._met = _born(None)  # the watch that is asked
        self._given: dict[str, dict[str, str]] = {}  # runbook -> its inputs, secrets too
        self._drills: set[str] = set()
        self._waits: dict[asked.RunRequest, int] = {}  # what was asked -> when to ask again
        self._run_asked_at = 0
        self._unanswered = ""  # why what was asked for the screen did not come

    # --- what is shown ----------------------------------------------------------------------------

    def dress(self, view: View) -> View:
        """`view` with what is known of runs."""
        return replace(
            view,
            runbooks=self.runbooks,
            runs=self.runs,
            plan=self.plan,
            run=self.run,
            printed=self.printed,
            asked=self.form.shown() if self.form is not None else None,
            unanswered=self._unanswered,
        )

    def armed_for(self, now: int) -> int:
        """For how many ms more this console may write; 0 when it is read-only."""
        return max(0, self._armed.until - now) if self._armed.word else 0

    def dead(self, place: Place) -> set[str]:
        """Bindings that lead nowhere from here: the footer does not offer them."""
        if place.screen == "run":
            run = self.run if self.run is not None and self.run.row.id == place.subject else None
            ended = run is None or not is_open(run.row)
            dead = {"run.pause", "run.abort"} if ended else set[str]()
            choices = {each for asks in run.questions for each in asks.choices} if run else set()
            dead |= set() if choices else {"answer.1"}
            return dead if "waive" in choices else {*dead, "run.waive"}
        if place.screen != "plan":
            return set()
        if self.plan is None:
            return {"plan.start", "plan.inputs", "plan.drill", "plan.unfold"}
        dead = set() if self.plan.inputs else {"plan.inputs"}
        return dead if self.plan.drill_words else {*dead, "plan.drill"}

    # --- what is asked ----------------------------------------------------------------------------

    def wanted(self, here: Standpoint) -> tuple[asked.RunRequest, ...]:
        """What the screen that is shown lacks, or has for too long."""
        place = here.place
        match place.screen:
            case "runbooks" if self.runbooks is None:
                return self._ask(asked.AskRunbooks(), here)
            case "runs" if self.runs is None:
                return self._ask(asked.AskRuns(), here)
            case "plan" if self.plan is None or self.plan.runbook != place.subject:
                return self._ask_plan(place.subject, here)
            case "run":
                return (*self._run_wanted(here), *self._output_wanted(here))
        return ()

    def forget(self, screen: str) -> None:
        """What was known of a list grows old when its screen is left: it is asked for anew."""
        self._unanswered = ""
        if screen == "runbooks":
            self.runbooks = None
        elif screen == "runs":
            self.runs = None
        elif screen == "plan":
            self.plan = None
            self._waits.clear()

    def _ask(self, request: asked.RunRequest, here: Standpoint) -> tuple[asked.RunRequest, ...]:
        """`request`, unless it was made and may still be answered."""
        if here.at < self._waits.get(request, here.at):
            return ()
        patience = PLAN_PATIENCE_MS if isinstance(request, asked.AskPlan) else PATIENCE_MS
        self._waits[request] = here.at + patience
        return (request,)

    def _ask_plan(self, runbook: str, here: Standpoint) -> tuple[asked.RunRequest, ...]:
        given, drill = self._given.get(runbook, {}), runbook in self._drills
        return self._ask(asked.AskPlan(runbook, tuple(given.items()), drill), here)

    def _run_wanted(self, here: Standpoint) -> tuple[asked.RunRequest, ...]:
        name, run = here.place.subject, self.run
        known = run is not None and run.row.id == name
        rows = here.newest.runs if here.newest is not None else ()
        row = next((each for each in rows if each.id == name), None)
        if known and run is not None:
            moved = row is not None and (row.seq, row.state) != (run.row.seq, run.row.state)
            old = is_open(run.row) and here.at - self._run_asked_at >= RUN_MS
            if not (moved or old):
                return ()
        if known and here.at - self._run_asked_at < LEAST_MS:
            return ()
        request = self._ask(asked.AskRun(name), here)
        if request:
            self._run_asked_at = here.at
        return request

    def _output_wanted(self, here: Standpoint) -> tuple[asked.RunRequest, ...]:
        run, attention = self.run, here.place.attention
        if run is None or run.row.id != here.place.subject or attention.zoom == "record":
            return ()
        task = shown_task(run, attention.cursor, attention.pane)
        if task is None or not task.output_bytes:
            return ()
        printed = self.printed
        have = printed and (printed.run, printed.output, printed.total)
        if have == (run.row.id, task.output, task.output_bytes):
            return ()
        return self._ask(asked.AskOutput(run.row.id, task.output, task.output_bytes), here)

    # --- what comes -------------------------------------------------------------------------------

    def met(self, watch: WatchRow, words: Words, *, back: bool) -> tuple[Outcome, ...]:
        """A board of `watch` came, `back` if there was no connection. What was asked before is not
        answered any more, and a watch that was started anew knows nobody's word."""
        if back or _born(watch) != self._met:
            self._waits.clear()
            self._run_asked_at = 0
        self._met = _born(watch)
        if not self._armed.word or _born(watch) == _born(self._armed_at):
            return ()
        self._armed = asked.Armed()
        return (Say(words.say("read-only again: the watch was started anew")),)

    def learn(self, request: object, answer: object, here: Standpoint) -> tuple[Outcome, ...]:
        """What the watch said to `request`, or why it did not do what it was asked."""
        assert isinstance(request, asked.RunRequest)
        if isinstance(answer, WatchError):
            return self._refused(request, str(answer), here)
        say = here.words.say
        self._waits.pop(request, None)
        self._unanswered = ""
        match answer:
            case asked.RunbooksTold(rows):
                self.runbooks = rows
            case asked.RunsTold(rows):
                self.runs = rows
            case asked.PlanTold(plan):
                if plan.drill == (plan.runbook in self._drills):
                    self.plan = plan
            case asked.RunTold(run):
                before, self.run = self.run, run
                return self._following(before, run, here)
            case asked.OutputTold(printed):
                self.printed = printed
            case asked.Armed(word, _):
                self._armed = answer
                self._armed_at = here.newest.watch if here.newest is not None else None
                said = later("armed: this console may write for 10 minutes")
                return (Say(say(said) if word else say("read-only again")),)
            case asked.Begun(row):
                return (self._began(row, here.words),)
            case asked.Steered(row):
                self._run_asked_at = 0
                return (Say(say("noted: {runbook}", runbook=row.runbook)),)
        return ()

    def _began(self, row: RunRow, words: Words) -> Outcome:
        """To the run, unless something is typed meanwhile: its letters would steer that run."""
        self._given.pop(row.runbook, None)  # with its secrets
        self._drills.discard(row.runbook)
        if self.form is not None:
            return Say(words.say("{runbook} has begun: :runs shows it", runbook=row.runbook))
        self.plan = None
        return Go("run", row.id)

    def _refused(
        self, request: asked.RunRequest, why: str, here: Standpoint
    ) -> tuple[Outcome, ...]:
        self._waits[request] = here.at + REFUSED_MS
        if isinstance(request, asked.StartRun | asked.SteerRun) and "read-only" in why:
            self._armed = asked.Armed()
        if isinstance(request, asked.AskRunbooks | asked.AskPlan):
            self._unanswered = why  # it stands on the page, where it is empty
            return ()
        return (Say(why),)

    def _following(
        self, before: RunView | None, run: RunView, here: Standpoint
    ) -> tuple[Outcome, ...]:
        """The cursor goes along with the run, unless the person has put it elsewhere."""
        attention = here.place.attention
        was = current(before) if before is not None and before.row.id == run.row.id else ""
        if here.place.screen != "run" or attention.cursor not in ("", was):
            return ()
        return (Look(replace(attention, cursor=current(run))),)

    # --- keys -------------------------------------------------------------------------------------

    def act(self, binding: str, here: Standpoint) -> tuple[Outcome, ...]:
        """What a key of the run screens does, by the id of its binding."""
        return DEEDS[binding](self, here)

    def arm(self, here: Standpoint) -> tuple[Outcome, ...]:
        """Arm this console, or make it read-only again."""
        if self.armed_for(here.now):
            return (asked.Disarm(self._armed.word),)
        return (asked.Arm(),)

    def drill(self, here: Standpoint) -> tuple[Outcome, ...]:
        """The plan of a drill instead, or for real again."""
        plan, name = self.plan, here.place.subject
        if plan is not None and not plan.drill_words and name not in self._drills:
            return (Say(here.words.say("{runbook} has no drill", runbook=name)),)
        self._drills ^= {name}
        return self.again(here)

    def again(self, here: Standpoint) -> tuple[Outcome, ...]:
        """The plan as it is now."""
        self.forget("plan")
        return self._ask_plan(here.place.subject, here)

    def inputs(self, here: Standpoint) -> tuple[Outcome, ...]:
        """Ask for what the runbook asks for."""
        plan = self._plan(here)
        if plan is None or not plan.inputs:
            said = here.words.say("{runbook} asks for nothing", runbook=here.place.subject)
            return (Say(said),)
        self.form = runforms.inputs(plan, self._given.get(plan.runbook, {}), here.words)
        return ()

    def start(self, here: Standpoint) -> tuple[Outcome, ...]:
        """Begin what is planned: first what is missing is asked for."""
        plan, say = self._plan(here), here.words.say
        if plan is None:
            return ()
        given = self._given.get(plan.runbook, {})
        if any(each.default is None and each.name not in given for each in plan.inputs):
            return self.inputs(here)
        if firm := [each for each in plan.reasons if not each.waivable]:
            return (Say(say("not to be started: {why}", why=firm[0].what)),)
        return self._open(runforms.start(plan, here.words), here)

    def answer(self, number: int, here: Standpoint) -> tuple[Outcome, ...]:
        """The `number`-th answer (from 1) to the question that is shown."""
        question = self._question(here)
        choices = answers(question) if question is not None else []
        if question is None or number > len(choices):
            return (Say(here.words.say("nothing is asked here")),)
        return self._open(runforms.decide(question, *choices[number - 1], here.words), here)

    def waive(self, here: Standpoint) -> tuple[Outcome, ...]:
        """Pass over what is asked about."""
        question = self._question(here)
        if question is None or "waive" not in question.choices:
            return (Say(here.words.say("nothing can be waived here")),)
        return self._open(runforms.decide(question, "waive", "", here.words), here)

    def pause(self, here: Standpoint) -> tuple[Outcome, ...]:
        """Start nothing new, or go on."""
        run = self._run(here)
        if run is None or not is_open(run.row):
            return (Say(here.words.say("it has ended")),)
        return self._open(runforms.pause(run, here.words), here)

    def abort(self, here: Standpoint) -> tuple[Outcome, ...]:
        """End the run, after this step or now."""
        run = self._run(here)
        if run is None or not is_open(run.row):
            return (Say(here.words.say("it has ended")),)
        return self._open(runforms.abort(run, here.words), here)

    def decide(self, here: Standpoint) -> tuple[Outcome, ...]:
        """To the run that waits for a person and is not the one that is shown."""
        place, rows = here.place, here.newest.runs if here.newest is not None else ()
        shown = place.subject if place.screen == "run" else ""
        for row in by_need(rows):
            if row.question and row.id != shown:
                return (Go("run", row.id),)
        return (Say(here.words.say("no run asks anything")),)

    def prefill(self, runbook: str, given: Mapping[str, str]) -> None:
        """Its next plan is for these inputs; what else it asks for is as it was given before."""
        self._given[runbook] = {**self._given.get(runbook, {}), **given}
        self.forget("plan")

    # --- forms ------------------------------------------------------------------------------------

    def answered(self, form: Form, here: Standpoint) -> tuple[Outcome, ...]:
        """What was typed: to the watch, or into the plan."""
        given, name = form.given, here.place.subject
        if form.purpose == "inputs":
            self._given[name] = {key: text for key, text in given.items() if text}
            return self.again(here)
        if form.purpose == "start":
            return self._begin(given, here)
        body: dict[str, object] = {**form.about, "reason": given.get("reason", "")}
        if form.purpose == "abort":
            body["now"] = given["when"] == "now"
        return (asked.SteerRun(name, form.purpose, tuple(body.items()), self._armed.word),)

    def _begin(self, given: dict[str, str], here: Standpoint) -> tuple[Outcome, ...]:
        plan = self._plan(here)
        if plan is None:
            return ()
        return (
            asked.StartRun(
                runbook=plan.runbook,
                given=tuple(self._given.get(plan.runbook, {}).items()),
                drill=plan.drill,
                sha256=plan.sha256,
                hosts=tuple(plan.hosts.items()),
                confirm=given.get("confirm", ""),
                reason=given["reason"],
                waive=bool(plan.reasons),
                armed=self._armed.word,
            ),
        )

    def _open(self, form: Form, here: Standpoint) -> tuple[Outcome, ...]:
        """Ask the person; said here to spare them the typing, but the watch is who holds it."""
        if not self.armed_for(here.now):
            return (Say(here.words.say(READ_ONLY)),)
        self.form = form
        return ()

    def _plan(self, here: Standpoint) -> PlanView | None:
        plan = self.plan
        return plan if plan is not None and plan.runbook == here.place.subject else None

    def _run(self, here: Standpoint) -> RunView | None:
        run = self.run
        return run if run is not None and run.row.id == here.place.subject else None

    def _question(self, here: Standpoint) -> QuestionView | None:
        run = self._run(here)
        return question_of(run, here.place.attention.cursor) if run is not None else None


def _born(watch: WatchRow | None) -> tuple[int, int]:
    """Which process it is, and since when: a process number is used again."""
    return (watch.pid, watch.started_at) if watch is not None else (0, 0)


#: What the keys of the run screens do, by the ids of their bindings.
DEEDS: dict[str, Callable[[RunDesk, Standpoint], tuple[Outcome, ...]]] = {
    "runs.decide": RunDesk.decide,
    "arm": RunDesk.arm,
    "plan.start": RunDesk.start,
    "plan.inputs": RunDesk.inputs,
    "plan.drill": RunDesk.drill,
    "plan.again": RunDesk.again,
    "run.waive": RunDesk.waive,
    "run.pause": RunDesk.pause,
    "run.abort": RunDesk.abort,
    **{
        f"answer.{number}": lambda desk, here, number=number: desk.answer(number, here)  # type: ignore[misc]
        for number in range(1, 8)
    },
}
