"""Why something may not be done: a value, so that all of them are told at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason not to: `what` stands against it, and what `todo` about it.

    `waivable` ones an approver may waive, saying why. `rule` names what was broken, for programs:
    "input", "hosts", "clock", "window", "budget", "lock", "unknown", "check", "file", "drill",
    "role", "seen".
    `missing` is the input that is not given: a form asks for it, where the command line has `todo`.
    `step` is the check that was asked; `unknown` where nobody knows whether it stands against it.
    """

    rule: str
    what: str
    todo: str
    waivable: bool = False
    missing: str = ""
    step: str = ""
    unknown: bool = False

    def __str__(self) -> str:
        return f"{self.what} — {self.todo}"
