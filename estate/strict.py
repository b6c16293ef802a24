"""YAML without surprises: text → a tree of nodes that know their line.

Stock YAML reads `no` as False, `22:00` as 1320 and `010` as 8. Here only true, false, null and
whole numbers are typed, all else is text; duplicate keys, anchors, aliases, tags, tabs and several
documents are refused. The only importer of PyYAML in this room.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from estate.clean import clean

MAX_TEXT = 4 * 2**20  #: characters in a file
MAX_DEPTH = 20

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_TAB = re.compile(r" *\t[\t ]*[^\t\n\r #]")
_TYPED: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "": None}
# libyaml's parser where PyYAML was built with it: 6 times as fast, the same events.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a file: on which line (from 1), what, and what to do."""

    line: int
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.line}: {self.what} — {self.todo}"


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the file and the line it starts on. Keys of a mapping are nodes of text.

    The text of a `block` ("key: |") stands on the lines below that one.
    """

    line: int
    value: bool | int | str | tuple[Node, ...] | Mapping[str, Entry] | None
    block: bool = False

    @property
    def kind(self) -> str:
        """What it is, for messages: "a mapping", "a list", "text", "a number" ..."""
        kinds = {str: "text", bool: "true or false", int: "a number", tuple: "a list"}
        return "nothing" if self.value is None else kinds.get(type(self.value), "a mapping")


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping: the line the key stands on, and its value."""

    line: int
    node: Node


def read_tree(text: str) -> tuple[Node, tuple[Problem, ...]]:
    """The tree of a document, and everything wrong with it as YAML.

    After a syntax error the tree holds what stood before it. An empty text is a null node.
    """
    if len(text) > MAX_TEXT:
        return Node(1, None), (Problem(1, f"longer than {MAX_TEXT:,} characters", "split it"),)
    if unreadable := tuple(_unreadable(text)):
        # The parser would stop at the first of them, in words that do not name it.
        return Node(1, None), unreadable
    builder = _Builder()
    tree = Node(1, None)
    try:
        tree = builder.document(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        builder.refuse(line, f"not YAML: {error.problem}", "correct the syntax here or just above")
    return tree, tuple(builder.problems)


def _unreadable(text: str) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        if _TAB.match(line):
            yield Problem(number, "a tab in the indentation", "indent with blanks")
        written = line.removesuffix("\r").replace("\t", " ")
        visible = clean(written, limit=10 * len(written) + 1)
        if visible != written:
            yield Problem(
                number, f"hidden characters in {clean(visible, limit=60)!r}", "remove them"
            )


Events = Iterator[Any]  # PyYAML's types leave out that every event of a text has a mark


class _Builder:
    """Turns the parser's events into nodes and notes what is not allowed."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, line: int, what: str, todo: str) -> None:
        self.problems.append(Problem(line, what, todo))

    def document(self, events: Events) -> Node:
        tree = Node(1, None)
        documents = 0
        for event in events:
            line = event.start_mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    self.refuse(line, "a second document", "keep one, without --- between")
            elif isinstance(event, yaml.NodeEvent):
                node = self._node(event, events, 0)
                tree = node if documents == 1 else tree
        return tree

    def _node(self, event: Any, events: Events, depth: int) -> Node:
        line = event.start_mark.line + 1
        if event.anchor is not None:
            kind = "an alias" if isinstance(event, yaml.AliasEvent) else "an anchor"
            self.refuse(line, f"{kind} ({event.anchor})", "write the value out")
        if getattr(event, "tag", None) is not None:
            self.refuse(line, f"a tag ({event.tag})", "remove it")
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event.value, plain=event.implicit[0])
            return Node(line, value, block=event.style in ("|", ">"))
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(line, self._sequence(events, depth + 1))
        if isinstance(event, yaml.MappingStartEvent):
            return Node(line, self._mapping(events, depth + 1))
        return Node(line, None)

    def _sequence(self, events: Events, depth: int) -> tuple[Node, ...]:
        items: list[Node] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            self._check_depth(event, depth)
            items.append(self._node(event, events, depth))
        return tuple(items)

    def _mapping(self, events: Events, depth: int) -> Mapping[str, Entry]:
        entries: dict[str, Entry] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            self._check_depth(event, depth)
            line = event.start_mark.line + 1
            key = self._node(event, events, depth)
            value = self._node(next(events), events, depth)
            name = event.value if isinstance(event, yaml.ScalarEvent) else ""
            if not isinstance(event, yaml.ScalarEvent):
                self.refuse(line, f"a key that is {key.kind}", "write text as the key")
            elif name in entries:
                first = entries[name].line
                self.refuse(line, f"{name!r} again, first on line {first}", "keep one of them")
            else:
                entries[name] = Entry(line, value)
        return entries

    def _check_depth(self, event: Any, depth: int) -> None:
        if depth > MAX_DEPTH:
            problem = f"nested more than {MAX_DEPTH} deep"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


def _scalar(text: str, *, plain: bool) -> bool | int | str | None:
    if not plain:
        return text
    if text in _TYPED:
        return _TYPED[text]
    return int(text) if _INTEGER.fullmatch(text) else text
