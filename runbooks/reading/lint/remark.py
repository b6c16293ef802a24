"""What is worth knowing of a runbook, and no problem."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """Something worth knowing, and the line it is about."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.line}: {self.what}"
