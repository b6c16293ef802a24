"""Which steps do the same: durations of the past are kept by it."""

from __future__ import annotations

import hashlib
from dataclasses import fields

from runbooks.runbook import Step


def fingerprint(step: Step) -> str:
    """The same for steps that do the same, in whatever runbook and place: 16 hexadecimal digits.

    What is said, expected or follows is left out.
    """
    return hashlib.sha256(repr(_deed(step)).encode()).hexdigest()[:16]


#: What is said of a step besides what it does.
_ABOUT = frozenset(
    {
        *("id", "say", "line", "needs", "when", "only", "aside"),
        *("if_fails", "if_unreachable", "takes_ms"),
    }
)


def _deed(step: Step) -> tuple[object, ...]:
    """What a step does, by the names of its parts."""
    parts: list[tuple[str, object]] = []
    for each in fields(step):
        if each.name not in _ABOUT:
            part = getattr(step, each.name)
            if each.name in ("each", "then_always"):
                part = [_deed(inner) for inner in part]
            parts.append((each.name, part))
    return step.kind, parts
