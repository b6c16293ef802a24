"""The whole runbook: its keys, and the `Runbook` they make."""

from __future__ import annotations

from typing import Any

from estate.error import InputError
from estate.grammar.rules import UNIX_GROUP
from estate.grammar.words import NAME, FilterText, duration
from estate.quantities import share
from estate.shapes import (
    Built,
    Choice,
    DictOf,
    Key,
    ListOf,
    Reading,
    Record,
    Refers,
    Text,
    Whole,
)
from estate.strict import Node
from estate.suggestions import KNOWN, SUGGESTED_FIELDS
from runbooks.reading.asked import ASK, SELECTORS
from runbooks.reading.steps import BEFORE, STEPS
from runbooks.reading.words import (
    DAY_MS,
    INPUT_NAME,
    LOCK,
    RUNBOOK_NAME,
    SENTENCE,
    STEP_ID,
    several,
)
from runbooks.runbook import Budget, Clock, Runbook, Suggestion, Window

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG = duration(1_000, 31 * DAY_MS)

CLOCK: Record[Clock] = Record(
    "the clock", Clock,
    (
        Key("target", _LONG, "target_ms", required=True, words="The time that is promised."),
        Key("starts", Refers("step", STEP_ID), words="When this step ends; else with the run."),
        Key("stops", Refers("step", STEP_ID), words="When this step ends; else with the run."),
    ),
)  # fmt: skip


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


_TIME = Text(_minutes, "a time of day such as 22:00", r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")


def _window(starts: int, ends: int, days: tuple[int, ...] = tuple(range(7))) -> Window:
    if starts % (24 * 60) == ends % (24 * 60) and ends != 24 * 60:
        raise InputError("a window that ends as it starts", "write from: 00:00 and to: 24:00")
    return Window(days, starts, ends)


_DAY = Built(Choice(_DAYS), lambda day, _node, _reading: _DAYS.index(day))
WINDOW: Record[Window] = Record(
    "the window", _window,
    (
        Key("days", several(_DAY), words="When it begins: mon … sun; every day if not said."),
        Key("from", _TIME, "starts", required=True, words="In the estate's timezone: 22:00."),
        Key("to", _TIME, "ends", required=True, words="If earlier than from: on the next day."),
    ),
)  # fmt: skip

BUDGET: Record[Budget] = Record(
    "the budget", Budget,
    (
        Key("service", NAME, required=True, words="Whose month it is taken from."),
        Key("outage_per_host", duration(0, DAY_MS), "outage_per_host_ms", required=True,
            words="What each host costs it."),
        Key("if_it_fails", duration(0, DAY_MS), "if_it_fails_ms", required=True,
            words="What it costs if the run goes wrong."),
        Key("keep", Text(share, "a percentage such as 25%", r"[0-9.]+%"), required=True,
            words="What must be left of the month's budget."),
    ),
)  # fmt: skip


def _value(text: str) -> str:
    if text.startswith("$") and text not in KNOWN:
        raise InputError(
            f"{text!r} is not known of a problem", f"write {', '.join(KNOWN)}, or text"
        )
    return text


SUGGEST: Record[Suggestion] = Record(
    "a suggestion", Suggestion,
    (
        Key("when", FilterText(SUGGESTED_FIELDS), required=True,
            words="The problems: kind:reach group:mdb."),
        Key("set", DictOf(Refers("input", INPUT_NAME), Text(_value, "one line of text"), "inputs"),
            "given", words="Inputs, as text or known of the problem: $host, $site, $other_site …"),
    ),
)  # fmt: skip


def _somebody(groups: tuple[str, ...], node: Node, reading: Reading) -> tuple[str, ...]:
    """At least one group: an empty list would be taken as if nothing was said."""
    if not groups and not node.value:
        raise InputError("nobody is named", "name a group, or leave the key out")
    return groups


PEOPLE = Built(several(UNIX_GROUP), _somebody)


def _runbook(*, data: str = "ordinary", **parts: Any) -> Runbook:
    return Runbook(sensitive=data == "sensitive", **parts)


RUNBOOK: Record[Runbook] = Record(
    "the runbook", _runbook,
    (
        Key("runbook", RUNBOOK_NAME, "name", required=True, words="Its name."),
        Key("title", SENTENCE, required=True, words="What it is for, in a sentence."),
        Key("version", Whole(1, 10**6), required=True, words="Raised with every change."),
        Key("data", Choice(("ordinary", "sensitive")),
            words="sensitive: only in-house staff may run it or see its output."),
        Key("run_by", PEOPLE, words="Unix groups whose people may run it."),
        Key("approve_by", PEOPLE,
            words="Unix groups whose people may approve; never who started the run."),
        Key("locks", several(LOCK), words="What no other run may touch; its hosts always are."),
        Key("clock", CLOCK, words="The recovery time that is promised."),
        Key("window", WINDOW, words="When it may be started."),
        Key("budget", BUDGET, words="What it may cost a service's month."),
        Key("drill", SENTENCE, words="What is different in a drill; without it there is none."),
        Key("ask", ASK, words="Inputs, asked for at the start."),
        Key("suggest", ListOf(SUGGEST),
            words="Problems that suggest it, and the inputs that follow from them."),
        Key("hosts", SELECTORS, words="Where it acts, by name; frozen when it is planned."),
        Key("before", BEFORE, words="Checks that must hold before it starts; also run nightly."),
        Key("steps", STEPS, required=True, words="What is done, from the top to the bottom."),
        Key("way_back", RUNBOOK_NAME, words="The runbook that leads back."),
    ),
    stand_ins={"name": "", "title": "", "version": 1, "steps": ()},
)  # fmt: skip
