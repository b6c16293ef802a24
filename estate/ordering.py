"""Which of two problems comes first, wherever they are listed: one order for all. Pure."""

from __future__ import annotations

from estate.document import SEVERITIES, Problem, Severity

#: How bad a severity is: 0 is the worst.
RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def acknowledged(problem: Problem) -> bool:
    """Somebody has it and said until when; it is quiet until then."""
    return bool(problem.owner) and problem.until is not None


def handled(problem: Problem) -> bool:
    """Acknowledged or planned: it needs nobody now."""
    return acknowledged(problem) or problem.severity is Severity.MAINTENANCE


def worst_first(problem: Problem) -> tuple[bool, int, bool, int, str]:
    """A key to sort by: what is handled last, then by severity, whole sites, the oldest first.

    Nothing in it depends on the time of day: what is known doesn't move about, and a list that was
    printed is in the order of the screen.
    """
    rank = RANK[problem.severity]
    return handled(problem), rank, not problem.of_a_site, problem.since, problem.id
