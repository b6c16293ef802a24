"""Files that a person wrote for the console: YAML mappings, read strictly, with line numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from estate.strict import Node

Value = bool | int | str | None | tuple["Value", ...] | Mapping[str, "Value"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A value and the line that its name stands on, counted from 1."""

    value: Value
    line: int


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong in a file, where, and what to do. Never fatal: a default stands in."""

    path: Path
    line: int
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}; {self.todo}"


def in_short(complaints: Sequence[Complaint]) -> str:
    """The first complaint in a line that a footer can hold; the settings screen has them all."""
    if not complaints:
        return ""
    first, more = complaints[0], len(complaints) - 1
    others = f" (+{more} more, :settings)" if more else " (:settings)"
    return f"{first.path.name}:{first.line}: {first.what}{others}"


def read_mapping(path: Path) -> tuple[dict[str, Entry], list[Complaint]]:
    """The top-level mapping of the YAML file at `path`; a missing file is an empty one."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return {}, [Complaint(path, 1, f"cannot be read: {reason}", "defaults are used")]
    # 15 ms of import that a console without such a file does not pay for its first paint.
    from estate.strict import read_tree

    tree, problems = read_tree(text)
    complaints = [Complaint(path, each.line, each.what, each.todo) for each in problems]
    if tree.value is None:
        return {}, complaints
    if not isinstance(tree.value, Mapping):
        wrong = Complaint(path, tree.line, f"{tree.kind} where names are expected", "write id: key")
        return {}, [*complaints, wrong]
    found = {name: Entry(_plain(each.node), each.line) for name, each in tree.value.items()}
    return found, complaints


def _plain(node: Node) -> Value:
    value = node.value
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    if isinstance(value, Mapping):
        return {name: _plain(each.node) for name, each in value.items()}
    return value
