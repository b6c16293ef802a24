"""Sentences, names, scripts and reactions: what stands at the leaves of a runbook."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from estate.clean import clean
from estate.error import InputError
from estate.grammar.words import HOUR_MS, NAME, duration
from estate.quantities import share
from estate.ranges import expand
from estate.shapes import Built, Either, ListOf, Reading, Refers, Schema, Shape, Text
from estate.strict import Node
from runbooks.runbook import Act, Amount, OnFailure, WhenShell, WhenStep

T = TypeVar("T")

DAY_MS = 24 * HOUR_MS
MAX_SENTENCE = 200  #: characters; it stands on one row of a screen
MAX_SCRIPT = 65_536  #: characters

RUNBOOK_NAME = Text(
    str, "lower-case letters, digits and -, a letter first", r"[a-z][a-z0-9-]{0,62}"
)
STEP_ID = Text(str, "lower-case letters, digits and -, a letter first", r"[a-z][a-z0-9-]{0,40}")
INPUT_NAME = Text(str, "lower-case letters, digits and _, a letter first", r"[a-z][a-z0-9_]{0,40}")
USER = Text(str, "a user name", r"[a-z_][a-z0-9_-]{0,31}")
OWNER = Text(str, "user or user:group", r"[a-z_][a-z0-9_-]{0,31}(:[a-z_][a-z0-9_-]{0,31})?")
LOCK = Text(str, "a kind and a name such as service/mail", r"[a-z]+/[A-Za-z0-9][\w.-]{0,63}")
#: A path on a host; it is written into scripts, quoted, and never leads back up.
ABSOLUTE = Text(str, "an absolute path without ..", r"/(?!.*(^|/)\.\.?(/|$))[^\s].*")
#: A file beside the runbook.
BESIDE = Text(
    str,
    "a path beside the runbook, without ..",
    r"(?!/)(?!.*(^|/)\.\.(/|$))[A-Za-z0-9_.][\w./@+-]*",
)
STEP_TIME = duration(1_000, DAY_MS)

#: What a step may not be called, for a reaction would mean something else by it.
REACTIONS = tuple(act.value for act in Act)


def _sentence(text: str) -> str:
    if len(text) > MAX_SENTENCE:
        what = f"a sentence of {len(text)} characters"
        raise InputError(what, f"write {MAX_SENTENCE} at most; details go into a comment")
    return text


SENTENCE = Text(_sentence, "a sentence that a person can read at 3 am")


@dataclass(frozen=True, slots=True)
class Script:
    """Text for a POSIX shell, of one or several lines; `lint.scripts` looks into it."""

    words: str = "text for a POSIX shell"
    verbatim: bool = False  # the line ends around it belong to it

    def read(self, node: Node, reading: Reading) -> str:
        if not isinstance(node.value, str):
            todo = f'write {self.words}, in "…" or under |'
            raise reading.refuse(node.line, f"{node.kind} here", todo)
        if not node.value.strip() or len(node.value) > MAX_SCRIPT:
            what = "an empty script" if not node.value.strip() else "a script beyond all measure"
            raise reading.refuse(
                node.line, what, f"write {self.words}, {MAX_SCRIPT:,} characters at most"
            )
        for number, line in enumerate(node.value.split("\n")):
            visible = clean(line, limit=10 * len(line) + 1)
            if visible != line.replace("\t", " "):
                at = node.line + (number + 1 if node.block else 0)
                what = f"hidden characters in {clean(visible, limit=60)!r}"
                raise reading.refuse(at, what, "remove them; printf writes what must be")
        return node.value if self.verbatim else node.value.strip("\n")

    def schema(self) -> Schema:
        return {"type": "string", "maxLength": MAX_SCRIPT, "description": self.words}


SCRIPT = Script()
CONTENT = Script("the file's text", verbatim=True)
TEST = Script("a shell test that exits 0 if it holds")


@dataclass(frozen=True, slots=True)
class OrInput:
    """What `shape` reads, or the input `$name` as one literal; its text is kept as `$name`."""

    shape: Shape[str]

    def read(self, node: Node, reading: Reading) -> str:
        if isinstance(node.value, str) and node.value.startswith("$"):
            reading.used.append(("input", node.value[1:], node.line))
            return node.value
        return self.shape.read(node, reading)

    def schema(self) -> Schema:
        pattern = r"^\$[a-z][a-z0-9_]*$"
        name = {"type": "string", "pattern": pattern, "description": "`$name`, an input"}
        return {"anyOf": [self.shape.schema(), name]}


def several(shape: Shape[T]) -> Shape[tuple[T, ...]]:
    """One, or a list of them."""
    one: Built[tuple[T, ...]] = Built(shape, lambda value, _node, _reading: (value,))
    return Either(text=one, list=Built(ListOf(shape), _distinct))


def _distinct(values: tuple[T, ...], node: Node, reading: Reading) -> tuple[T, ...]:
    """A list that names nothing twice: who does meant something else by one of them."""
    again = next((place for place, each in enumerate(values) if each in values[:place]), None)
    items = node.value if isinstance(node.value, tuple) else ()
    if again is not None and len(items) == len(values):  # else one of them was refused
        raise reading.refuse(items[again].line, f"{items[again].value!r} again", "name it once")
    return values


def _names(pattern: str, node: Node, reading: Reading) -> tuple[str, ...]:
    return (pattern,) if pattern.startswith("$") else expand(pattern)


_HOSTS: Built[tuple[str, ...]] = Built(
    OrInput(Text(str, "a host's name or a range [01:20]", r"[A-Za-z0-9\[][\w.:\[\]-]{0,252}")),
    _names,
)


def _all_of(ranges: tuple[tuple[str, ...], ...], node: Node, reading: Reading) -> tuple[str, ...]:
    hosts = tuple(chain.from_iterable(ranges))
    if len(set(hosts)) < len(hosts):
        again = next(host for place, host in enumerate(hosts) if host in hosts[:place])
        raise reading.refuse(node.line, f"{again!r} again", "name it once")
    return hosts


#: Hosts by name, range or input.
HOSTS: Shape[tuple[str, ...]] = Either(text=_HOSTS, list=Built(ListOf(_HOSTS), _all_of))
SELECTORS = several(Refers("selector", NAME))
SECRETS = several(Refers("input", INPUT_NAME))


# ── what follows, what went before ──


@dataclass(frozen=True, slots=True)
class Reaction:
    """One of `acts`, or where `jumps` the name of a later step."""

    acts: tuple[Act, ...]
    jumps: bool = True

    def read(self, node: Node, reading: Reading) -> OnFailure:
        if node.value in self.acts:
            return OnFailure(Act(str(node.value)))
        words = ", ".join(self.acts)
        if not self.jumps or node.value in REACTIONS:
            shown = repr(node.value) if isinstance(node.value, str | int) else node.kind
            raise reading.refuse(node.line, f"{shown} is no reaction here", f"write {words}")
        shape = Refers("step", Text(str, f"{words} or the id of a later step", STEP_ID.pattern))
        return OnFailure(Act.JUMP, shape.read(node, reading))

    def schema(self) -> Schema:
        words: Schema = {"enum": list(self.acts)}
        return {"anyOf": [words, STEP_ID.schema()]} if self.jumps else words


IF_FAILS = Reaction((Act.STOP, Act.ASK, Act.CONTINUE, Act.ROLL_BACK))
IF_BEFORE_FAILS = Reaction((Act.STOP, Act.ASK), jumps=False)
#: Within `rolling`: what becomes of the host. A jump would leave it half way.
IF_ONE_FAILS = Reaction((Act.STOP, Act.ASK, Act.CONTINUE, Act.ROLL_BACK), jumps=False)
IF_LATE = Reaction((Act.STOP, Act.ASK, Act.CONTINUE))
IF_UNREACHABLE = Reaction((Act.WAIT, Act.STOP, Act.ASK, Act.CONTINUE))
IF_ONE_UNREACHABLE = Reaction((Act.WAIT, Act.STOP, Act.ASK, Act.CONTINUE), jumps=False)


def _alternatives(text: str, node: Node, reading: Reading) -> tuple[str, ...]:
    names = tuple(each.strip() for each in text.split("|"))
    return tuple(Refers("step", STEP_ID).read(Node(node.line, each), reading) for each in names)


_NEED = Built(Text(str, "the id of a step, or several with | between"), _alternatives)
NEEDS = several(_NEED)


_IS = re.compile(r"(\S+) is (\S+)")
_ENDS = ("ok", "failed", "unknown")


@dataclass(frozen=True, slots=True)
class When:
    """`STEP is ok|failed|unknown`, or a shell test."""

    def read(self, node: Node, reading: Reading) -> WhenStep | WhenShell:
        text = TEST.read(node, reading)
        said = _IS.fullmatch(text)
        if said is None:
            return WhenShell(text)
        step = Refers("step", STEP_ID).read(Node(node.line, said[1]), reading)
        if said[2] not in _ENDS:
            what = f"{said[2]!r} is no end of a step"
            raise reading.refuse(node.line, what, f"write {step} is {', '.join(_ENDS)}")
        return WhenStep(step, said[2])

    def schema(self) -> Schema:
        return TEST.schema()


@dataclass(frozen=True, slots=True)
class Undo:
    """A script that takes the step back, or none: nothing does."""

    def read(self, node: Node, reading: Reading) -> str:
        return "none" if node.value == "none" else SCRIPT.read(node, reading)

    def schema(self) -> Schema:
        return SCRIPT.schema()


def _amount(text: str) -> Amount:
    return Amount(share=share(text)) if text.endswith("%") else Amount(int(text))


def _batch(text: str) -> Amount:
    if text == "0":
        raise InputError("batches of no hosts", "write 1 or more")
    return _amount(text)


def _healthy(text: str) -> Amount:
    amount = _amount(text)
    if amount.share == 1:
        raise InputError("no host may ever be away", "write less than 100%")
    return amount


_COUNTED = ("a number of hosts, or a share such as 25%", r"(0|[1-9][0-9]{0,4})|[0-9.]{1,6}%")
BATCH = Text(_batch, *_COUNTED)
KEEP_HEALTHY = Text(_healthy, *_COUNTED)
