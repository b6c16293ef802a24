"""What the doctor found: a value, fit for a line on a terminal or a JSON object."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"  # it works, less well than it could
    FAIL = "fail"  # something does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` looked at something, `what` it saw there, and the `remedy` where it is not well."""

    check: str
    verdict: Verdict
    what: str
    remedy: str = ""

    def plain(self) -> dict[str, str]:
        """The finding as plain text by name."""
        return {key: str(value) for key, value in asdict(self).items()}


def ok(check: str, what: str) -> Finding:
    """All is well."""
    return Finding(check, Verdict.OK, what)


def warn(check: str, what: str, remedy: str) -> Finding:
    """It works, less well than it could."""
    return Finding(check, Verdict.WARN, what, remedy)


def fail(check: str, what: str, remedy: str) -> Finding:
    """Something does not work."""
    return Finding(check, Verdict.FAIL, what, remedy)
