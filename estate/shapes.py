"""Shapes: what a place in a file may hold, said once, used twice.

A shape reads a node into a value, noting every problem with its line, and describes itself as
JSON Schema for editors. Shapes nest; `Record` hands its parts to a constructor. Reading goes on
after a problem, so that one pass finds them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Generic, Protocol, TypeVar

from estate.clean import clean
from estate.error import InputError
from estate.strict import Entry, Node, Problem

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Schema = dict[str, Any]

#: Unknown names for which the nearest known one is looked for: among 10,000 hosts it takes 20 ms.
MOST_SUGGESTED = 20

#: Looks at the finished value of a whole file; raises `InputError` when something does not fit.
Check = Callable[[Any], None]


class Refused(Exception):  # noqa: N818 - a signal between shapes; the problem is noted already
    """The node cannot be read; why is among the problems."""


@dataclass(slots=True)
class Reading:
    """One pass over one file: problems, names defined and used, checks for the end.

    `incomplete` is set where something is missing that checks count: they would be misled.
    """

    language: str = "en"
    zone: str = "UTC"
    problems: list[Problem] = field(default_factory=list)
    defined: dict[str, dict[str, int]] = field(default_factory=dict)  # kind -> name -> line
    used: list[tuple[str, str, int]] = field(default_factory=list)  # kind, name, line
    checks: list[tuple[int, Check]] = field(default_factory=list)
    incomplete: bool = False

    def refuse(self, line: int, what: str, todo: str) -> Refused:
        """Note a problem; raise the result to give up on the node."""
        self.problems.append(Problem(line, what, todo))
        return Refused()

    def define(self, kind: str, name: str, line: int) -> None:
        self.defined.setdefault(kind, {}).setdefault(name, line)

    def finish(self, value: object) -> tuple[Problem, ...]:
        """All problems, in the order of their lines, once names and checks are settled too."""
        unknown = [each for each in self.used if each[1] not in self.defined.get(each[0], {})]
        for place, (kind, name, line) in enumerate(unknown):
            known = self.defined.get(kind, {})
            near = place < MOST_SUGGESTED
            todo = suggestion(name, known, f"{kind}s") if near else "define it, or correct the name"
            self.refuse(line, f"no {kind} {name!r}", todo)
        for line, check in self.checks if value is not None and not self.incomplete else ():
            try:
                check(value)
            except InputError as error:
                self.refuse(line, error.what, error.todo)
        return tuple(sorted(set(self.problems)))


def suggestion(name: str, known: Sequence[str] | Mapping[str, object], kinds: str) -> str:
    """What to do about a name that is not known: the nearest one, or what there is."""
    if near := get_close_matches(name, known, 1):
        return f"did you mean {near[0]!r}?"
    if not known:
        return f"there are no {kinds} yet: define it"
    some = list(known)[:12]
    return f"{kinds} are {', '.join(some)}{' …' if len(known) > len(some) else ''}"


class Shape(Protocol[T_co]):
    """What a node may be."""

    def read(self, node: Node, reading: Reading) -> T_co:
        """The node as a value; notes problems in `reading` and raises `Refused`."""
        ...

    def schema(self) -> Schema:
        """The same as JSON Schema, draft 2020-12."""
        ...


# ── scalars ──


@dataclass(frozen=True, slots=True)
class Text(Generic[T]):
    """One line of text that `parse` turns into a value; a whole number is taken as it is written.

    `expected` completes "write …"; `parse` may raise `InputError`.
    """

    parse: Callable[[str], T]
    expected: str
    pattern: str = ""

    def read(self, node: Node, reading: Reading) -> T:
        if isinstance(node.value, bool) or not isinstance(node.value, str | int):
            raise reading.refuse(node.line, f"{node.kind} here", f"write {self.expected}")
        text = str(node.value)
        if not text.strip() or clean(text) != text:
            raise reading.refuse(
                node.line, f"{clean(text, limit=60)!r} is empty, too long or has hidden characters",
                f"write {self.expected}",
            )  # fmt: skip
        if self.pattern and not re.fullmatch(self.pattern, text, re.ASCII):
            raise reading.refuse(
                node.line, f"{clean(text, limit=60)!r} does not fit", f"write {self.expected}"
            )
        try:
            return self.parse(text)
        except InputError as error:
            raise reading.refuse(node.line, error.what, error.todo) from None

    def schema(self) -> Schema:
        described: Schema = {"type": ["string", "integer"], "description": self.expected}
        return {**described, "pattern": f"^(?:{self.pattern})$"} if self.pattern else described


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two ends, both included."""

    least: int
    most: int

    def read(self, node: Node, reading: Reading) -> int:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int):
            raise reading.refuse(node.line, f"{node.kind} here", f"write {self._expected}")
        if not self.least <= value <= self.most:
            raise reading.refuse(node.line, f"{value} is out of range", f"write {self._expected}")
        return value

    @property
    def _expected(self) -> str:
        return f"a whole number from {self.least} to {self.most}"

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Truth:
    """true or false, in these words."""

    def read(self, node: Node, reading: Reading) -> bool:
        if not isinstance(node.value, bool):
            raise reading.refuse(node.line, f"{node.kind} here", "write true or false")
        return node.value

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, node: Node, reading: Reading) -> str:
        if node.value not in self.words or not isinstance(node.value, str):
            shown = repr(node.value) if isinstance(node.value, str | int) else node.kind
            raise reading.refuse(node.line, f"{shown} is none of the choices", self._expected(node))
        return node.value

    def _expected(self, node: Node) -> str:
        near = get_close_matches(str(node.value), self.words, 1)
        return f"did you mean {near[0]!r}?" if near else f"write {' or '.join(self.words)}"

    def schema(self) -> Schema:
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Defines:
    """A name that is hereby defined, as one of its `kind`."""

    kind: str
    shape: Text[str]

    def read(self, node: Node, reading: Reading) -> str:
        name = self.shape.read(node, reading)
        reading.define(self.kind, name, node.line)
        return name

    def schema(self) -> Schema:
        return self.shape.schema()


@dataclass(frozen=True, slots=True)
class Refers:
    """A name that must be defined somewhere in the file; `also` are words that need not be."""

    kind: str
    shape: Text[str]
    also: tuple[str, ...] = ()

    def read(self, node: Node, reading: Reading) -> str:
        if isinstance(node.value, str) and node.value in self.also:
            return node.value
        name = self.shape.read(node, reading)
        reading.used.append((self.kind, name, node.line))
        return name

    def schema(self) -> Schema:
        named = self.shape.schema()
        return {"anyOf": [{"enum": list(self.also)}, named]} if self.also else named


# ── composites ──


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """A list of one shape."""

    item: Shape[T]

    def read(self, node: Node, reading: Reading) -> tuple[T, ...]:
        if not isinstance(node.value, tuple):
            raise reading.refuse(node.line, f"{node.kind} where a list belongs", "write [a, b]")
        items: list[T] = []
        for each in node.value:
            try:
                items.append(self.item.read(each, reading))
            except Refused:
                pass  # noted; the others may have problems of their own
        return tuple(items)

    def schema(self) -> Schema:
        return {"type": "array", "items": self.item.schema()}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a record: what it holds, and which argument of the constructor gets it.

    `words` say to a person what the key is for.
    """

    name: str
    shape: Shape[Any]
    to: str = ""
    required: bool = False
    words: str = ""

    def schema(self) -> Schema:
        """The shape's, described."""
        described: Schema = {"description": self.words} if self.words else {}
        return {**self.shape.schema(), **described}


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """A mapping with known keys, handed to `build` as keyword arguments; absent keys are not.

    Keys are read in the order given here. `build` and `check` may raise `InputError`; `check` is
    called with the value, the whole file's value and what is defined in it, once all was read.
    """

    name: str  # for messages: "a host"
    build: Callable[..., T]
    keys: tuple[Key, ...]
    check: Callable[[T, Any, Reading], None] | None = None
    #: For required parts that were refused, so that the rest can be judged; none: give up there.
    stand_ins: Mapping[str, Any] | None = None

    def read(self, node: Node, reading: Reading) -> T:
        return self.read_named(node, reading, {})

    def read_named(self, node: Node, reading: Reading, given: Mapping[str, object]) -> T:
        """As `read`, with arguments that stand outside the mapping, such as its key."""
        entries = self._entries(node, reading)
        arguments = dict(given)
        refused = False  # something required
        spoilt = False  # anything
        for key in self.keys:
            if key.name not in entries:
                if key.required:
                    self._missing(key, node, reading)
                    refused = True
                continue
            try:
                value = key.shape.read(entries[key.name].node, reading)
                arguments[key.to or key.name] = value
            except Refused:
                spoilt = True
                refused = refused or key.required
        if refused and self.stand_ins is None:
            raise Refused
        try:
            built = self.build(**{**(self.stand_ins or {}), **arguments})
        except InputError as error:
            if spoilt:  # perhaps only for want of what was refused
                raise Refused from None
            raise reading.refuse(node.line, error.what, error.todo) from None
        if check := self.check:
            reading.checks.append((node.line, lambda whole: check(built, whole, reading)))
        return built

    def _entries(self, node: Node, reading: Reading) -> Mapping[str, Entry]:
        if node.value is None:
            return {}
        if isinstance(node.value, str | int | tuple):
            todo = f"write {self.name} as key: value"
            raise reading.refuse(node.line, f"{node.kind} where {self.name} belongs", todo)
        known = [key.name for key in self.keys]
        for name, entry in node.value.items():
            if name not in known:
                what = f"no key {clean(name, limit=60)!r} in {self.name}"
                reading.refuse(entry.line, what, suggestion(name, known, "keys"))
        return node.value

    def _missing(self, key: Key, node: Node, reading: Reading) -> None:
        reading.refuse(node.line, f"{key.name!r} is missing in {self.name}", f"add {key.name}: …")

    def schema(self) -> Schema:
        required = [key.name for key in self.keys if key.required]
        return {
            "type": "object" if required else ["object", "null"],
            "properties": {key.name: key.schema() for key in self.keys},
            "additionalProperties": False,
            **({"required": required} if required else {}),
        }


@dataclass(frozen=True, slots=True)
class MapOf(Generic[T]):
    """A mapping from names, which it defines as their `kind`, to records of one shape."""

    kind: str
    key: Text[str]
    item: Record[T]

    def read(self, node: Node, reading: Reading) -> dict[str, T]:
        entries = mapping(node, reading, f"{self.kind}s")
        for name, entry in entries.items():
            reading.define(self.kind, name, entry.line)
        items: dict[str, T] = {}
        for name, entry in entries.items():
            try:
                key = self.key.read(Node(entry.line, name), reading)
                items[name] = self.item.read_named(entry.node, reading, {"key": key})
            except Refused:
                pass  # noted
        return items

    def schema(self) -> Schema:
        return {
            "type": ["object", "null"],
            "propertyNames": {"pattern": self.key.schema().get("pattern", "")},
            "additionalProperties": self.item.schema(),
        }


@dataclass(frozen=True, slots=True)
class DictOf(Generic[T]):
    """A mapping from names of one shape to values of another; `what` both are, for messages."""

    key: Shape[str]
    value: Shape[T]
    what: str

    def read(self, node: Node, reading: Reading) -> dict[str, T]:
        items: dict[str, T] = {}
        for name, entry in mapping(node, reading, self.what).items():
            try:
                key = self.key.read(Node(entry.line, name), reading)
                items[key] = self.value.read(entry.node, reading)
            except Refused:
                pass  # noted; the others may have problems of their own
        return items

    def schema(self) -> Schema:
        return {
            "type": ["object", "null"],
            "propertyNames": self.key.schema(),
            "additionalProperties": self.value.schema(),
        }


@dataclass(frozen=True, slots=True)
class Either(Generic[T]):
    """One shape for text and numbers, another for a mapping, another for a list; some of them."""

    text: Shape[T] | None = None
    mapping: Shape[T] | None = None
    list: Shape[T] | None = None

    def read(self, node: Node, reading: Reading) -> T:
        return self._shape(node).read(node, reading)

    def _shape(self, node: Node) -> Shape[T]:
        if isinstance(node.value, Mapping) and self.mapping:
            return self.mapping
        if isinstance(node.value, tuple) and self.list:
            return self.list
        return next(iter(self._shapes()))

    def _shapes(self) -> tuple[Shape[T], ...]:
        return tuple(shape for shape in (self.text, self.mapping, self.list) if shape)

    def schema(self) -> Schema:
        return {"anyOf": [shape.schema() for shape in self._shapes()]}


@dataclass(frozen=True, slots=True)
class Built(Generic[T]):
    """Another shape, its value passed through `build` with the pass's context."""

    shape: Shape[Any]
    build: Callable[[Any, Node, Reading], T]

    def read(self, node: Node, reading: Reading) -> T:
        value = self.shape.read(node, reading)
        try:
            return self.build(value, node, reading)
        except InputError as error:
            raise reading.refuse(node.line, error.what, error.todo) from None

    def schema(self) -> Schema:
        return self.shape.schema()


def mapping(node: Node, reading: Reading, what: str) -> Mapping[str, Entry]:
    """The entries of a mapping; nothing counts as an empty one."""
    if node.value is None:
        return {}
    if isinstance(node.value, str | int | tuple):
        raise reading.refuse(node.line, f"{node.kind} where {what} belong", "write key: value")
    return node.value


def declared(node: Node) -> Any:
    """A node as plain text, numbers, lists and dicts, as it was written."""
    if isinstance(node.value, tuple):
        return tuple(declared(each) for each in node.value)
    if isinstance(node.value, Mapping):
        return {name: declared(entry.node) for name, entry in node.value.items()}
    return node.value
