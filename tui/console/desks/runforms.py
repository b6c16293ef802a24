"""What is typed before something is done to a run: each kind of form, made of what is known."""

from __future__ import annotations

from collections.abc import Mapping

from estate.language import Words, later
from estate.plans import InputView, PlanView
from estate.runs import QuestionView, RunView
from tui.console.prompts.form import Field, Form
from tui.paint.runwords import ANSWERS


def inputs(plan: PlanView, given: Mapping[str, str], words: Words) -> Form:
    """What the runbook asks for; what was `given` before stands for nothing typed."""
    title = words.say("What {runbook} asks for", runbook=plan.runbook)
    return Form("inputs", title, tuple(_input(each, given, words) for each in plan.inputs))


def start(plan: PlanView, words: Words) -> Form:
    """Why it is begun, or its reasons waived; then the site's name where there is no way back."""
    say = words.say
    title = say(later("This drill begins now.") if plan.drill else later("This run is for real."))
    fields = [_reason(words)]
    if plan.reasons:
        told = plan.reasons[0].what
        fields = [Field("reason", say("Why it is waived"), say("waives: {what}", what=told))]
    if plan.confirm:
        title = say("This can't be taken back at {site}. Type its name.", site=plan.confirm)
        fields.append(Field("confirm", say("Name of the site"), must=plan.confirm))
    return Form("start", title, tuple(fields), loud=bool(plan.confirm))


def decide(question: QuestionView, decision: str, outcome: str, words: Words) -> Form:
    """Why a question is answered so. An approval alone needs no words."""
    about = {"step": question.step, "host": question.host, "decision": decision}
    if outcome:
        about["outcome"] = outcome
    name, cost = ANSWERS[decision, outcome]
    reason = _reason(words)
    if decision != "approve":
        reason = Field("reason", words.say("Why, for the record"), words.say(cost))
    return Form("decide", words.say(name), (reason,), about)


def pause(run: RunView, words: Words) -> Form:
    """Why nothing new is started, or why it is gone on with."""
    again = run.row.state == "paused"
    title = words.say(later("Go on") if again else later("Pause: nothing new is started"))
    return Form("resume" if again else "pause", _of(run, title), (_reason(words),))


def abort(run: RunView, words: Words) -> Form:
    """When the run ends, and why."""
    hint = words.say("step: after this step; now: what runs is stopped. Nothing is undone.")
    when = Field("when", words.say("When"), hint, "step", ("step", "now"))
    title = _of(run, words.say("Abort the run"))
    return Form("abort", title, (when, _reason(words)), loud=True)


def _of(run: RunView, title: str) -> str:
    return f"{title} · {run.row.runbook}"


def _reason(words: Words) -> Field:
    return Field("reason", words.say("Why, for the record"), words.say("may be left empty"), "")


def _input(asked: InputView, given: Mapping[str, str], words: Words) -> Field:
    default = given.get(asked.name, asked.default)
    secret = asked.type == "secret"
    hint = ", ".join(asked.of) or asked.type
    if asked.least is not None or asked.most is not None:
        least = "" if asked.least is None else asked.least
        hint += f" {least}–{'' if asked.most is None else asked.most}"
    if default and not secret:
        hint += f" · {words.say('enter for {value}', value=default)}"
    return Field(asked.name, asked.say, hint, default, asked.of, secret=secret)
