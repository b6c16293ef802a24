"""What runs, steps and decisions are called, and their glyphs."""

from __future__ import annotations

from estate.language import Words, later
from estate.runs import QuestionView, RunRow, StepView, TaskView
from tui.paint import glyphs
from tui.paint.glyphs import Glyph

#: A run in one of these has ended.
ENDED = ("succeeded", "failed", "aborted", "rolled-back")

_STATES: dict[str, tuple[str, Glyph]] = {
    "planned": (later("planned"), glyphs.MOVING),
    "preflight": (later("asks what must hold before"), glyphs.MOVING),
    "running": (later("running"), glyphs.MOVING),
    "waiting": (later("waits for people"), glyphs.GLYPHS["waiting"]),
    "paused": (later("paused"), glyphs.GLYPHS["waiting"]),
    "needs-decision": (later("needs a decision"), glyphs.UNKNOWN),
    "succeeded": (later("succeeded"), glyphs.DONE),
    "failed": (later("failed"), glyphs.CAUSE),
    "aborted": (later("aborted"), glyphs.GLYPHS["skipped"]),
    "rolled-back": (later("taken back"), glyphs.WARNING),
}

#: What a step on a host came to.
_OUTCOMES: dict[str, tuple[str, Glyph]] = {
    "ok": (later("done"), glyphs.DONE),
    "already-done": (later("was done already"), glyphs.DONE),
    "skipped": (later("passed over"), glyphs.GLYPHS["skipped"]),
    "failed": (later("failed"), glyphs.CAUSE),
    "timed-out": (later("timed out"), glyphs.CAUSE),
    "stopped": (later("stopped"), glyphs.FOLLOWS),
    "unknown": (later("not known"), glyphs.UNKNOWN),
}

_STEPS: dict[str, Glyph] = {
    "now": glyphs.MOVING,
    "ok": glyphs.DONE,
    "waived": glyphs.WARNING,
    "failed": glyphs.CAUSE,
    "unknown": glyphs.UNKNOWN,
    "skipped": glyphs.GLYPHS["skipped"],
}

#: The answers to a question: each is a decision, and what it settles; what it is called, and costs.
ANSWERS: dict[tuple[str, str], tuple[str, str]] = {
    ("approve", ""): (later("approve"), later("you agree, by your name")),
    ("settle", "ok"): (later("settle as done"), later("you have proof: say which")),
    ("settle", "failed"): (later("settle as not done"), later("you have proof: say which")),
    ("retry", ""): (later("once more"), later("another attempt, from the beginning")),
    ("waive", ""): (later("waive"), later("passed over, on your word")),
    ("roll-back", ""): (later("roll back"), later("what was done is undone, the last first")),
    ("refuse", ""): (later("refuse"), later("it is not gone on with")),
}

#: Where a prediction comes from.
SOURCES = {
    "history": later("from earlier runs"),
    "takes": later("as its author expects"),
    "timeout": later("its time-out: nobody knows better"),
    "people": later("up to people"),
    "sum": "",
}


def run_word(row: RunRow, words: Words) -> str:
    """The state of a run in a word; of one that was aborted and goes on, how it is to end."""
    if row.ending and is_open(row) and row.state != "needs-decision":
        now = row.ending == "now"
        return words.say(later("is being stopped") if now else later("ends after this step"))
    word, _ = _STATES.get(row.state, (row.state, glyphs.UNKNOWN))
    if row.waived and not is_open(row):
        return words.say("{state}, {count:,} waived", state=words.say(word), count=row.waived)
    return words.say(word)


def run_rest(row: RunRow) -> str:
    """What a run asks, why it ended and what holds it up, none hiding another; else its step."""
    return "; ".join(filter(None, (row.question, row.why, row.trouble))) or row.step


def run_glyph(row: RunRow) -> Glyph:
    """The state of a run as a glyph."""
    _, glyph = _STATES.get(row.state, ("", glyphs.UNKNOWN))
    return glyphs.WARNING if glyph is glyphs.DONE and row.waived else glyph


def is_open(row: RunRow) -> bool:
    """Whether a run goes on."""
    return row.state not in ENDED


def step_glyph(step: StepView, questions: tuple[QuestionView, ...]) -> Glyph:
    """A step over all of its hosts."""
    if step.state not in ("unknown", "failed") and any(each.step == step.id for each in questions):
        return glyphs.GLYPHS["waiting"]
    return _STEPS.get(step.state, glyphs.OK)


def task_glyph(task: TaskView) -> Glyph:
    """A step on one host."""
    if task.waived:
        return glyphs.WARNING
    if task.outcome:
        return _OUTCOMES.get(task.outcome, ("", glyphs.UNKNOWN))[1]
    if task.state == "unknown" or task.silent_since is not None:
        return glyphs.UNKNOWN
    return glyphs.OK if task.state == "pending" else glyphs.MOVING


def task_word(task: TaskView, words: Words) -> str:
    """The same in words."""
    if task.outcome:
        return words.say(_OUTCOMES.get(task.outcome, (task.outcome, glyphs.UNKNOWN))[0])
    if task.silent_since is not None:
        return words.say("does not answer")
    return words.say(later("not begun") if task.state == "pending" else later("running"))


def answers(question: QuestionView) -> list[tuple[str, str]]:
    """The answers as (decision, outcome), in the order of their numbers."""
    return [each for each in ANSWERS if each[0] in question.choices]
