"""What the terminal's bell is for: something that nobody has in hand yet."""

from __future__ import annotations

from estate.document import Change, Document, Severity


def alarms(before: Document | None, change: Change | None) -> bool:
    """Whether `change` of the board `before` brings a critical cause or a question of a run.

    A board that comes whole (`change` is None) brings no news: it is read, not heard.
    """
    if before is None or change is None:
        return False
    # One that came back from somebody's hands is as loud as a new one.
    known = {(problem.id, problem.returned) for problem in before.problems}
    asked = {run.id for run in before.runs if run.question}
    return any(
        problem.severity is Severity.CRITICAL
        and not (problem.parent or (problem.owner and problem.until is not None))
        and (problem.id, problem.returned) not in known
        for problem in change.problems or ()
    ) or any(run.question and run.id not in asked for run in change.runs or ())
