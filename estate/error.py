"""The shapes of an error about something that a person wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from estate.strict import Problem


class InputError(ValueError):
    """A text that cannot be used: `what` is wrong with it, and what `todo` about it."""

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(f"{what} — {todo}")
        self.what = what
        self.todo = todo


class FileRefused(ValueError):  # noqa: N818 - what happened to the file, as its subclasses say
    """A file that was refused whole, with all its `problems`, in the order of their lines.

    Its text is one problem a line: "estate.yaml:12: what — what to do".
    """

    kind: ClassVar[str]  #: what the file is, for messages: "estate"

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(f"{source}:{problem}" for problem in problems))
        self.source = source
        self.problems = problems
