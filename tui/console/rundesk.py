"""Runbooks and runs at one console: what is known of them, what is asked, what is typed.

Sans-IO as the session that it is a part of: keys and facts go in, requests come out. `at` is the
console's monotonic clock in ms, `now` the watch's in UTC ms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from estate.document import Document, WatchRow
from estate.language import Words, later
from estate.plans import PlanView, RunbookRow
from estate.runs import QuestionView, RunRow, RunView
from tui.console import runforms
from tui.console import runrequests as asked
from tui.console.form import Form
from tui.console.places import Place
from tui.paint.asked import question_of
from tui.paint.runline import by_need
from tui.paint.runsteps import current, shown_task
from tui.paint.runwords import answers, is_open
from tui.paint.view import Attention, Printed, View

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


@dataclass(frozen=True, slots=True)
class Moment:
    """What a key or a tick finds: where the person is, by which clocks, on which board."""

    place: Place
    at: int
    now: int
    document: Document | None
    words: Words


class RunDesk:
    """See the module's first lines. Calls return requests; `message` is for the person."""

    def __init__(self) -> None:
        self.runbooks: tuple[RunbookRow, ...] | None = None
        self.runs: tuple[RunRow, ...] | None = None
        self.plan: PlanView | None = None
        self.run: RunView | None = None
        self.printed: Printed | None = None
        self.form: Form | None = None
        self.message = ""
        self.begun = ""  # the run that was just begun here, once
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

    def wanted(self, moment: Moment) -> tuple[asked.RunRequest, ...]:
        """What the screen that is shown lacks, or has for too long."""
        place = moment.place
        match place.screen:
            case "runbooks" if self.runbooks is None:
                return self._ask(asked.AskRunbooks(), moment)
            case "runs" if self.runs is None:
                return self._ask(asked.AskRuns(), moment)
            case "plan" if self.plan is None or self.plan.runbook != place.subject:
                return self._ask_plan(place.subject, moment)
            case "run":
                return (*self._run_wanted(moment), *self._output_wanted(moment))
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

    def _ask(self, request: asked.RunRequest, moment: Moment) -> tuple[asked.RunRequest, ...]:
        """`request`, unless it was made and may still be answered."""
        if moment.at < self._waits.get(request, moment.at):
            return ()
        patience = PLAN_PATIENCE_MS if isinstance(request, asked.AskPlan) else PATIENCE_MS
        self._waits[request] = moment.at + patience
        return (request,)

    def _ask_plan(self, runbook: str, moment: Moment) -> tuple[asked.RunRequest, ...]:
        given, drill = self._given.get(runbook, {}), runbook in self._drills
        return self._ask(asked.AskPlan(runbook, tuple(given.items()), drill), moment)

    def _run_wanted(self, moment: Moment) -> tuple[asked.RunRequest, ...]:
        name, run = moment.place.subject, self.run
        known = run is not None and run.row.id == name
        rows = moment.document.runs if moment.document is not None else ()
        row = next((each for each in rows if each.id == name), None)
        if known and run is not None:
            moved = row is not None and (row.seq, row.state) != (run.row.seq, run.row.state)
            old = is_open(run.row) and moment.at - self._run_asked_at >= RUN_MS
            if not (moved or old):
                return ()
        if known and moment.at - self._run_asked_at < LEAST_MS:
            return ()
        request = self._ask(asked.AskRun(name), moment)
        if request:
            self._run_asked_at = moment.at
        return request

    def _output_wanted(self, moment: Moment) -> tuple[asked.RunRequest, ...]:
        run, attention = self.run, moment.place.attention
        if run is None or run.row.id != moment.place.subject or attention.zoom == "record":
            return ()
        task = shown_task(run, attention.cursor, attention.pane)
        if task is None or not task.output_bytes:
            return ()
        printed = self.printed
        have = printed and (printed.run, printed.output, printed.total)
        if have == (run.row.id, task.output, task.output_bytes):
            return ()
        return self._ask(asked.AskOutput(run.row.id, task.output, task.output_bytes), moment)

    # --- what comes -------------------------------------------------------------------------------

    def met(self, watch: WatchRow, words: Words, *, back: bool) -> None:
        """A board of `watch` came, `back` if there was no connection. What was asked before is not
        answered any more, and a watch that was started anew knows nobody's word."""
        if back or _born(watch) != self._met:
            self._waits.clear()
            self._run_asked_at = 0
        self._met = _born(watch)
        if self._armed.word and _born(watch) != _born(self._armed_at):
            self._armed = asked.Armed()
            self.message = words.say("read-only again: the watch was started anew")

    def learn(
        self, request: asked.RunRequest, fact: asked.RunFact, moment: Moment
    ) -> tuple[asked.RunRequest, ...]:
        """What the watch said to `request`."""
        say = moment.words.say
        self._waits.pop(request, None)
        self._unanswered = ""
        match fact:
            case asked.RunbooksTold(rows):
                self.runbooks = rows
            case asked.RunsTold(rows):
                self.runs = rows
            case asked.PlanTold(plan):
                if plan.drill == (plan.runbook in self._drills):
                    self.plan = plan
            case asked.RunTold(run):
                self.run = run
            case asked.OutputTold(printed):
                self.printed = printed
            case asked.Armed(word, _):
                self._armed = fact
                self._armed_at = moment.document.watch if moment.document is not None else None
                said = later("armed: this console may write for 10 minutes")
                self.message = say(said) if word else say("read-only again")
            case asked.Begun(row):
                self.begun = row.id
                self._given.pop(row.runbook, None)  # with its secrets
                self._drills.discard(row.runbook)
                self.plan = None
            case asked.Steered(row):
                self.message = say("noted: {runbook}", runbook=row.runbook)
                self._run_asked_at = 0
        return self.wanted(moment)

    def refused(self, request: asked.RunRequest, why: str, moment: Moment) -> None:
        """The watch did not do what it was asked, and why."""
        if isinstance(request, asked.AskRunbooks | asked.AskPlan):
            self._unanswered = why  # it stands on the page, where it is empty
        else:
            self.message = why
        self._waits[request] = moment.at + REFUSED_MS
        if isinstance(request, asked.StartRun | asked.SteerRun) and "read-only" in why:
            self._armed = asked.Armed()

    # --- keys -------------------------------------------------------------------------------------

    def press(self, key: str, moment: Moment) -> tuple[asked.RunRequest, ...]:
        """A key for the form that is open."""
        form = self.form
        assert form is not None, "no form is open"
        if key in ("escape", "ctrl+c"):
            self.form = None
            return ()
        form = form.pressed(key, moment.words)
        self.form = None if form.complete else form
        return self._answered(form, moment) if form.complete else ()

    def arm(self, moment: Moment) -> tuple[asked.RunRequest, ...]:
        """Arm this console, or make it read-only again."""
        if self.armed_for(moment.now):
            return (asked.Disarm(self._armed.word),)
        return (asked.Arm(),)

    def drill(self, moment: Moment) -> tuple[asked.RunRequest, ...]:
        """The plan of a drill instead, or for real again."""
        plan, name = self.plan, moment.place.subject
        if plan is not None and not plan.drill_words and name not in self._drills:
            self.message = moment.words.say("{runbook} has no drill", runbook=name)
            return ()
        self._drills ^= {name}
        return self.again(moment)

    def again(self, moment: Moment) -> tuple[asked.RunRequest, ...]:
        """The plan as it is now."""
        self.forget("plan")
        return self._ask_plan(moment.place.subject, moment)

    def inputs(self, moment: Moment) -> tuple[asked.RunRequest, ...]:
        """Ask for what the runbook asks for."""
        plan = self._plan(moment)
        if plan is None or not plan.inputs:
            self.message = moment.words.say(
                "{runbook} asks for nothing", runbook=moment.place.subject
            )
            return ()
        self.form = runforms.inputs(plan, self._given.get(plan.runbook, {}), moment.words)
        return ()

    def start(self, moment: Moment) -> tuple[asked.RunRequest, ...]:
        """Begin what is planned: first what is missing is asked for."""
        plan, say = self._plan(moment), moment.words.say
        if plan is None:
            return ()
        given = self._given.get(plan.runbook, {})
        if any(each.default is None and each.name not in given for each in plan.inputs):
            return self.inputs(moment)
        if firm := [each for each in plan.reasons if not each.waivable]:
            self.message = say("not to be started: {why}", why=firm[0].what)
            return ()
        if not self._may_write(moment):
            return ()
        self.form = runforms.start(plan, moment.words)
        return ()

    def answer(self, number: int, moment: Moment) -> tuple[asked.RunRequest, ...]:
        """The `number`-th answer (from 1) to the question that is shown."""
        question = self._question(moment)
        choices = answers(question) if question is not None else []
        if question is None or number > len(choices):
            self.message = moment.words.say("nothing is asked here")
            return ()
        return self._open(runforms.decide(question, *choices[number - 1], moment.words), moment)

    def waive(self, moment: Moment) -> tuple[asked.RunRequest, ...]:
        """Pass over what is asked about."""
        question = self._question(moment)
        if question is None or "waive" not in question.choices:
            self.message = moment.words.say("nothing can be waived here")
            return ()
        return self._open(runforms.decide(question, "waive", "", moment.words), moment)

    def pause(self, moment: Moment) -> tuple[asked.RunRequest, ...]:
        """Start nothing new, or go on."""
        run = self._run(moment)
        if run is None or not is_open(run.row):
            self.message = moment.words.say("it has ended")
            return ()
        return self._open(runforms.pause(run, moment.words), moment)

    def abort(self, moment: Moment) -> tuple[asked.RunRequest, ...]:
        """End the run, after this step or now."""
        run = self._run(moment)
        if run is None or not is_open(run.row):
            self.message = moment.words.say("it has ended")
            return ()
        return self._open(runforms.abort(run, moment.words), moment)

    def asking(self, moment: Moment) -> str:
        """The run that waits for a person and is not here, "" where none does."""
        rows = moment.document.runs if moment.document is not None else ()
        here = moment.place.subject if moment.place.screen == "run" else ""
        return next((row.id for row in by_need(rows) if row.question and row.id != here), "")

    def following(self, attention: Attention, before: RunView | None) -> Attention:
        """The cursor goes along with the run, unless the person has put it elsewhere."""
        if self.run is None:
            return attention
        was = current(before) if before is not None and before.row.id == self.run.row.id else ""
        if attention.cursor in ("", was):
            return replace(attention, cursor=current(self.run))
        return attention

    def prefill(self, runbook: str, given: Mapping[str, str]) -> None:
        """Its next plan is for these inputs; what else it asks for is as it was given before."""
        self._given[runbook] = {**self._given.get(runbook, {}), **given}
        self.forget("plan")

    # --- forms ------------------------------------------------------------------------------------

    def _answered(self, form: Form, moment: Moment) -> tuple[asked.RunRequest, ...]:
        given, name = form.given, moment.place.subject
        if form.purpose == "inputs":
            self._given[name] = {key: text for key, text in given.items() if text}
            return self.again(moment)
        if form.purpose == "start":
            return self._begin(given, moment)
        body: dict[str, object] = {**form.about, "reason": given.get("reason", "")}
        if form.purpose == "abort":
            body["now"] = given["when"] == "now"
        return (asked.SteerRun(name, form.purpose, tuple(body.items()), self._armed.word),)

    def _begin(self, given: dict[str, str], moment: Moment) -> tuple[asked.RunRequest, ...]:
        plan = self._plan(moment)
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

    def _open(self, form: Form, moment: Moment) -> tuple[asked.RunRequest, ...]:
        if self._may_write(moment):
            self.form = form
        return ()

    def _may_write(self, moment: Moment) -> bool:
        """Said here to spare a person the typing; the watch is who holds it."""
        if self.armed_for(moment.now):
            return True
        self.message = moment.words.say(READ_ONLY)
        return False

    def _plan(self, moment: Moment) -> PlanView | None:
        plan = self.plan
        return plan if plan is not None and plan.runbook == moment.place.subject else None

    def _run(self, moment: Moment) -> RunView | None:
        run = self.run
        return run if run is not None and run.row.id == moment.place.subject else None

    def _question(self, moment: Moment) -> QuestionView | None:
        run = self._run(moment)
        return question_of(run, moment.place.attention.cursor) if run is not None else None


def _born(watch: WatchRow | None) -> tuple[int, int]:
    """Which process it is, and since when: a process number is used again."""
    return (watch.pid, watch.started_at) if watch is not None else (0, 0)


#: What the keys of the run screens do, by the ids of their bindings.
DEEDS: dict[str, Callable[[RunDesk, Moment], tuple[asked.RunRequest, ...]]] = {
    "arm": RunDesk.arm,
    "plan.start": RunDesk.start,
    "plan.inputs": RunDesk.inputs,
    "plan.drill": RunDesk.drill,
    "plan.again": RunDesk.again,
    "run.waive": RunDesk.waive,
    "run.pause": RunDesk.pause,
    "run.abort": RunDesk.abort,
    **{
        f"answer.{number}": lambda desk, moment, number=number: desk.answer(number, moment)  # type: ignore[misc]
        for number in range(1, 8)
    },
}
