"""Who has which problem, at one console: what is typed, what is asked, what is said of it.

Sans-IO as the session that it is a part of. Nothing here needs a console that is armed: it changes
what people are told, never a host, and the watch asks who they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from estate.document import Document, Problem
from estate.error import InputError
from estate.language import Words, later
from estate.ordering import acknowledged
from tui.console.journey.orders import Go, Outcome, Plan, Say
from tui.console.journey.standpoint import Standpoint
from tui.console.prompts.form import Field, Form
from tui.console.prompts.prompt import Prompt
from tui.console.requests import attention as asked

#: What is offered: long enough to mend something, short enough to be asked again in this shift.
USUAL_SPAN = "2h"


class AttentionDesk:
    """See the module's first lines, and `tui.console.desks.desk.TypingDesk`."""

    def __init__(self) -> None:
        self.form: Form | None = None

    # --- keys -------------------------------------------------------------------------------------

    def act(self, binding: str, here: Standpoint) -> tuple[Outcome, ...]:
        """Acknowledge, or silence, what the cursor is on, or find the runbook for it."""
        if binding == "runbooks":
            return _runbooks(here)
        problem = problem_at(here.row(), here.document)
        if binding == "silence":
            self._silence(problem, here.words)
            return ()
        return self._acknowledge(problem, here.words)

    def _acknowledge(self, problem: Problem | None, words: Words) -> tuple[Outcome, ...]:
        """Ask why the person has a problem, and for how long; or whether somebody still has it."""
        say = words.say
        if problem is None:
            return (Say(say("no problem is here to acknowledge")),)
        if acknowledged(problem) and not problem.silence:
            title = say("{owner} has {where}: {what}", **_named(problem, words))
            again = Field("do", say("Do"), say("renew it, or give it back"), "renew", _DO)
            self.form = Form("again", title, (again,), {"problem": problem})
        else:
            self.form = _acknowledging(problem, words)
        return ()

    def _silence(self, problem: Problem | None, words: Words) -> None:
        """Ask what is silenced, why and for how long; or whether it still is."""
        if problem is not None and problem.silence:
            title = words.say("{owner} silences {where}: {what}", **_named(problem, words))
            end = Field("do", words.say("Do"), words.say("keep it, or end it"), "keep", _KEEP)
            self.form = Form("end", title, (end,), {"silence": problem.silence})
            return
        self.form = _silencing(problem, words)

    def answered(self, form: Form, here: Standpoint) -> tuple[Outcome, ...]:
        """What was typed: to the watch, or the next form."""
        given = form.given
        if form.purpose == "again":
            problem = form.about["problem"]
            assert isinstance(problem, Problem)
            if given["do"] == "back":
                return (asked.Unacknowledge(problem.id),)
            self.form = _acknowledging(problem, here.words)
            return ()
        if form.purpose == "suggested":
            chosen = form.about[given["runbook"]]
            assert isinstance(chosen, asked.Suggestion)
            return (Plan(chosen.runbook, chosen.given),)
        if form.purpose == "end":
            return (asked.Unsilence(str(form.about["silence"])),) if given["do"] == "end" else ()
        from estate.quantities import duration_ms

        for_ms = duration_ms(given["for"])
        if form.purpose == "acknowledge":
            return (asked.Acknowledge(str(form.about["problem"]), given["reason"], for_ms),)
        return (asked.SilenceThem(given["where"], given["reason"], for_ms),)

    # --- what comes -------------------------------------------------------------------------------

    def learn(self, request: object, answer: object, here: Standpoint) -> tuple[Outcome, ...]:
        """The watch took it down, or suggests runbooks, or why it did not."""
        if isinstance(answer, asked.Suggested):
            return self._suggested(answer.runbooks, here.words)
        if not isinstance(answer, asked.TakenDown):
            return (Say(str(answer)),)
        said = {
            asked.Acknowledge: later("noted: it is yours"),
            asked.Unacknowledge: later("noted: it is acknowledged no more"),
            asked.SilenceThem: later("noted: they are silenced"),
            asked.Unsilence: later("noted: it is silenced no more"),
        }
        return (Say(here.words.say(said[type(request)])),)

    def _suggested(self, runbooks: Sequence[asked.Suggestion], words: Words) -> tuple[Outcome, ...]:
        """The plan of the one there is, or which of several; the catalogue where there is none."""
        if not runbooks:
            said = words.say("no runbook suggests itself here: these are all")
            return (Say(said), Go("runbooks"))
        first, *others = runbooks
        if not others:
            return (Plan(first.runbook, first.given),)
        self.form = _choosing(runbooks, words)
        return ()


def problem_at(key: str, document: Document | None) -> Problem | None:
    """The problem that the row `key` is about: the cause of a consequence, the worst of a host."""
    if document is None:
        return None
    every = {each.id: each for each in document.problems}
    kind, _, name = key.removeprefix("fold:").partition(":")
    found: Problem | None = None
    if kind == "problem":
        found = every.get(name)
    elif kind == "host":
        found = next((each for each in document.problems if name in each.hosts), None)
    while found is not None and found.parent in every:
        found = every[found.parent]
    return found


def _runbooks(here: Standpoint) -> tuple[Outcome, ...]:
    """Those that the problem at the cursor suggests; all of them where the cursor is on none."""
    row = here.row()
    problem = problem_at(row, here.document) if "problem:" in row else None
    if problem is None:
        return (Go("runbooks"),)
    return (asked.AskSuggestions(problem.id),)


_DO = ("renew", "back")
_KEEP = ("keep", "end")


def _named(problem: Problem, words: Words) -> dict[str, str]:
    what = words.retold(problem.what)
    return {"owner": problem.owner, "where": problem.where, "what": what}


def _choosing(runbooks: Sequence[asked.Suggestion], words: Words) -> Form:
    """One of several runbooks, the most particular offered: nobody is led past the others."""
    names = tuple(each.runbook for each in runbooks)
    title = words.say("{count:,} runbooks are for this: {names}", count=len(names),
                      names=", ".join(names))  # fmt: skip
    which = Field("runbook", words.say("Which"), words.say("tab for the next"), None, names)
    typed = Prompt("line", names[0], len(names[0]))
    about = dict(zip(names, runbooks, strict=True))
    return Form("suggested", title, (which,), about, prompt=typed)


def _acknowledging(problem: Problem, words: Words) -> Form:
    say = words.say
    what = words.retold(problem.what)
    title = say("Take it: {where}: {what}", where=problem.where, what=what)
    reason = Field("reason", say("What you do about it"), say("for whoever looks at it next"))
    return Form("acknowledge", title, (reason, _span(words)), {"problem": problem.id})


def _silencing(problem: Problem | None, words: Words) -> Form:
    say = words.say
    where = _selecting(problem) if problem is not None else ""
    hint = say("a filter: site:recovery kind:disk")
    fields = (
        Field("where", say("Which problems"), hint, check=_unreadable),
        Field("reason", say("Why, for the record"), say("for whoever wonders why it is quiet")),
        _span(words),
    )
    typed = Prompt("line", where, len(where))
    return Form("silence", say("Silence problems: they stay counted"), fields, prompt=typed)


def _span(words: Words) -> Field:
    hint = words.say("30m, 2h, 1d; enter for {value}; then it returns", value=USUAL_SPAN)
    return Field("for", words.say("For how long"), hint, USUAL_SPAN, check=_no_span)


def _selecting(problem: Problem) -> str:
    """A filter that selects this problem alone, as far as a person can read it."""
    if problem.hosts == (problem.where,) and problem.kind:
        return f"host:{problem.where} kind:{problem.kind}"
    return f'id:"{problem.id}"'


def _no_span(text: str, words: Words) -> str:
    from estate.quantities import duration_ms

    try:
        return "" if duration_ms(text) > 0 else words.say("something must stand here")
    except InputError:
        return words.say("a number and m, h or d: 90m")


def _unreadable(text: str, words: Words) -> str:
    from estate.fields import PROBLEM_FIELDS
    from estate.filter import FilterError, parse

    try:
        parse(text, PROBLEM_FIELDS)
    except FilterError as error:
        return str(error)
    return ""
