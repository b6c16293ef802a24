"""A list of steps: of which kind each is, what it is called, and where its keys stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Any

from estate.clean import clean
from estate.error import InputError
from estate.fields import FIELDS
from estate.grammar.words import FilterText
from estate.shapes import Choice, Key, ListOf, Reading, Record, Refused, Schema, Shape, Whole
from estate.strict import Entry, Node
from runbooks.reading.kinds import KINDS, Kind
from runbooks.reading.lines import spoilt, stands
from runbooks.reading.words import (
    BATCH,
    IF_BEFORE_FAILS,
    IF_FAILS,
    IF_ONE_FAILS,
    IF_ONE_UNREACHABLE,
    IF_UNREACHABLE,
    KEEP_HEALTHY,
    NEEDS,
    REACTIONS,
    SELECTORS,
    SENTENCE,
    STEP_ID,
    STEP_TIME,
    When,
)
from runbooks.runbook import Check, Only, Rolling, Step

_NUMBERED = re.compile(r"step-[0-9]+")

# ── keys of every kind ──

_ID = Key("id", STEP_ID, words="What other steps and the record call it; unique in the file.")
_HOSTS = Key("hosts", SELECTORS, words="Selectors; all of their hosts at once.")
_TIMEOUT = Key("timeout", STEP_TIME, "timeout_ms", words="Until when it must have ended.")
_TAKES = Key("takes", STEP_TIME, "takes_ms", words="How long you expect it to take.")
_WHEN = Key("when", When(), words="Only if STEP is ok|failed|unknown, or where a test holds.")
_NEEDS = Key("needs", NEEDS, words="Steps that must have ended well; a | b: one of them.")
_ONLY = Key(
    "only", Choice(("by-jump", "real", "drill")),
    words="Left out unless a jump led here, in drills, or in real runs.",
)  # fmt: skip
_MEANWHILE = Key(
    "meanwhile", Choice(("go-on",)),
    words="The next steps do not wait for it, whatever it asks; the end of the run does.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where steps may stand, and what they may say there about going wrong."""

    kinds: tuple[str, ...]
    if_fails: Key
    if_unreachable: Key
    guards: tuple[Key, ...]
    beside: tuple[Key, ...] = ()  # of what is done on hosts
    within: bool = False  # rolling: a step without hosts is for the host that is rolled


_UNREACHABLE_WORDS = "wait if not said: to its time-out, then ask."
STEPS_PLACE = Place(
    (*KINDS, "rolling"),
    Key("if_fails", IF_FAILS, words="stop if not said; ask, continue, roll-back, or a step."),
    Key("if_unreachable", IF_UNREACHABLE, words=_UNREACHABLE_WORDS),
    (_NEEDS, _WHEN, _ONLY),
    (_MEANWHILE,),
)
BEFORE_PLACE = Place(
    ("check",),
    Key("if_fails", IF_BEFORE_FAILS, words="stop if not said; ask: an approver may waive it."),
    Key("if_unreachable", IF_BEFORE_FAILS, words="stop if not said; ask."),
    (),
)
EACH_PLACE = Place(
    ("do", "check", "reboot", "copy", "playbook"),
    Key("if_fails", IF_ONE_FAILS, words="stop if not said: this host has failed; ask, continue, …"),
    Key("if_unreachable", IF_ONE_UNREACHABLE, words=_UNREACHABLE_WORDS),
    (_WHEN, _ONLY),
    within=True,
)


# ── one step ──


@dataclass(frozen=True, slots=True)
class Steps:
    """A list of steps in one place of a runbook."""

    place: Place
    what: str

    def read(self, node: Node, reading: Reading) -> tuple[Step, ...]:
        if not isinstance(node.value, tuple):
            todo = "write them as a list, each with a - before it"
            raise reading.refuse(node.line, f"{node.kind} where {self.what} belong", todo)
        if not node.value:
            raise reading.refuse(node.line, f"no {self.what}", "write some, or leave the key out")
        steps: list[Step] = []
        for each in node.value:
            before = len(reading.problems)
            try:
                steps.append(self._step(each, reading))
            except Refused:
                reading.incomplete = True
            if len(reading.problems) > before:
                spoilt(reading, each.line)
        return tuple(steps)

    def _step(self, node: Node, reading: Reading) -> Step:
        if not isinstance(node.value, Mapping):
            what, todo = f"{node.kind} where a step belongs", "begin it with do:, check:, gate: …"
            raise reading.refuse(node.line, what, todo)
        kind = self._kind(node.line, node.value, reading)
        given = {"id": _called(node, node.value, reading), "line": node.line}
        stands(reading, str(given["id"]), node.value)
        return step_record(kind, self.place).read_named(node, reading, given)

    def _kind(self, line: int, entries: Mapping[str, Entry], reading: Reading) -> str:
        every = STEPS_PLACE.kinds
        named = [key for key in every if key in entries]
        if len(named) > 1:
            what = f"a step that is {' and '.join(named)}"
            raise reading.refuse(entries[named[1]].line, what, "make two steps of it")
        if not named:
            first = clean(next(iter(entries), ""), limit=60)
            near = get_close_matches(first, every, 1)
            todo = f"did you mean {near[0]!r}?" if near else f"begin it with {', '.join(every)}"
            raise reading.refuse(line, "a step of no kind", todo)
        if named[0] not in self.place.kinds:
            what = f"a {named[0]} among the {self.what}"
            todo = f"only {', '.join(self.place.kinds)} may stand here"
            raise reading.refuse(entries[named[0]].line, what, todo)
        return named[0]

    def schema(self) -> Schema:
        kinds = [step_record(kind, self.place).schema() for kind in self.place.kinds]
        return {"type": "array", "items": {"anyOf": kinds} if len(kinds) > 1 else kinds[0]}


def _called(node: Node, entries: Mapping[str, Entry], reading: Reading) -> str:
    """The step's id: the file's, or "step-3" for the third step in it, those inside counted."""
    number = len(reading.defined.setdefault("step", {})) + 1
    entry = entries.get("id")
    if entry is None:
        reading.define("step", f"step-{number}", node.line)
        return f"step-{number}"
    name = STEP_ID.read(entry.node, reading)
    if name in REACTIONS or _NUMBERED.fullmatch(name):
        raise reading.refuse(entry.line, f"{name!r} means something else", "call it otherwise")
    first = reading.defined["step"].get(name)
    if first is not None:
        what = f"step {name!r} again, first on line {first}"
        raise reading.refuse(entry.line, what, "give every step a name of its own")
    reading.define("step", name, entry.line)
    return name


def step_record(kind: str, place: Place) -> Record[Step]:
    """What a step of `kind` may say in `place`."""
    if kind == "rolling":
        return ROLLING
    known = KINDS[kind]
    places = (_HOSTS, _TIMEOUT, place.if_unreachable) if known.on_hosts else ()
    beside = place.beside if known.on_hosts else ()
    return Record(
        f"a {kind} step",
        partial(_built, known, place),
        (
            Key(kind, SENTENCE, "say", required=True, words=known.words),
            _ID, *known.keys, *places, _TAKES, place.if_fails, *place.guards, *beside,
        ),
    )  # fmt: skip


def _built(
    known: Kind, place: Place, *, only: str = "always", meanwhile: str = "", **parts: Any
) -> Step:
    step: Step = known.build(only=Only(only), aside=bool(meanwhile), **parts)
    at_console = isinstance(step, Check) and step.at_console
    if known.on_hosts and not at_console and not place.within and not parts.get("hosts"):
        raise InputError(f"{step.id} names no hosts", "add hosts: and a selector")
    return step


# ── rolling ──


def _rolling(*, only: str = "always", meanwhile: str = "", **parts: Any) -> Rolling:
    return Rolling(only=Only(only), aside=bool(meanwhile), **parts)


_PAUSE: Shape[tuple[str, ...]] = ListOf(FilterText(FIELDS))
ROLLING: Record[Step] = Record(
    "a rolling step", _rolling,
    (
        Key("rolling", SENTENCE, "say", required=True, words="Do steps host by host."),
        _ID,
        Key("hosts", SELECTORS, required=True, words="Selectors; their hosts, a few at a time."),
        Key("each", Steps(EACH_PLACE, "steps of each host"), required=True,
            words="Steps; one without hosts is for the host whose turn it is."),
        Key("then_always", Steps(EACH_PLACE, "steps of then_always"),
            words="Steps on every host that was begun, however it ended."),
        Key("canary", Whole(0, 1_000), words="So many hosts first, one by one."),
        Key("batch", BATCH, words="Then so many at once, or such a share; 1 if not said."),
        Key("soak", STEP_TIME, "soak_ms", words="How long to look on after each batch."),
        Key("never_together", ListOf(Choice(("pair", "rack", "site"))),
            words="Hosts alike in this are never in one batch."),
        Key("keep_healthy", KEEP_HEALTHY, words="So many, or such a share, are well all the time."),
        Key("stop_after", Whole(1, 1_000), words="Stop when so many hosts have failed; 1."),
        Key("pause_when", _PAUSE, words="Pause while a problem matches one of these filters."),
        _TAKES, STEPS_PLACE.if_fails, *STEPS_PLACE.guards, *STEPS_PLACE.beside,
    ),
)  # fmt: skip

STEPS = Steps(STEPS_PLACE, "steps")
BEFORE = Steps(BEFORE_PLACE, "checks before")
