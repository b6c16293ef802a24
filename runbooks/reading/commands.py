"""What is seen of a shell text: commands, their words, and the variables in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


class ShellError(ValueError):
    """Text that no shell would take: `what` is wrong, on `line` (from 0), and what `todo`."""

    def __init__(self, line: int, what: str, todo: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what
        self.todo = todo


@dataclass(frozen=True, slots=True)
class Use:
    """One expansion of a variable. `quoted`: it is not split and not globbed."""

    name: str
    line: int
    quoted: bool
    where: Literal["word", "arithmetic", "heredoc"] = "word"


@dataclass(slots=True)
class Word:
    """One word of a command: what is literal in it, and what it expands.

    `first` is the variable that the word begins with; so its value could be an option.
    """

    line: int
    literal: str = ""
    uses: list[Use] = field(default_factory=list)
    first: Use | None = None
    open: bool = True  # nothing was read yet that its value begins with

    def add(self, literal: str) -> None:
        self.literal += literal
        self.open = self.open and not literal  # before '' nothing stands

    def expand(self, use: Use) -> None:
        if self.open:
            self.first = use
        self.open = False
        self.uses.append(use)


@dataclass(slots=True)
class Command:
    """A simple command; `fed` are the variables in its here documents and strings."""

    line: int
    words: list[Word] = field(default_factory=list)
    fed: list[Use] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Shell:
    """What was seen: every command, those in substitutions too, every use and every assignment."""

    commands: tuple[Command, ...]
    uses: tuple[Use, ...]
    assigned: frozenset[str]
