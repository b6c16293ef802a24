"""The one shape of an error about something that a person wrote."""

from __future__ import annotations


class InputError(ValueError):
    """A text that cannot be used: `what` is wrong with it, and what `todo` about it."""

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(f"{what} — {todo}")
        self.what = what
        self.todo = todo
