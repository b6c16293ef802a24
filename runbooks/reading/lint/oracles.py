"""What was done must be knowable, and what is to be taken back must be able to be."""

from __future__ import annotations

from collections.abc import Iterator

from estate.strict import Problem
from runbooks.reading.lines import Lines
from runbooks.runbook import Act, Copy, Do, Playbook, Rolling, Runbook, Step

_CHANGES = Do | Copy | Playbook


def has_an_oracle(step: Step, _runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """After a crash somebody must be able to tell whether it was done, or do it again."""
    if isinstance(step, Do | Playbook) and not (step.done_when or step.repeatable):
        yield Problem(
            step.line,
            f"{step.id} can't tell whether it was done",
            "add done_when: a test that holds once it is, or repeat: safe",
        )
    if isinstance(step, Do) and step.until and not step.repeatable:
        yield Problem(
            lines.key(step, "until"),
            f"{step.id} is tried again, and nobody says that this is safe",
            "add repeat: safe, or put until: into a check after it",
        )


def can_roll_back(runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """A roll back goes all the way: what was done before it can be undone."""
    yield from _rolled_back(runbook.steps, lines)
    for step in runbook.steps:
        if isinstance(step, Rolling):
            yield from _rolled_back(step.each, lines)


def _rolled_back(steps: tuple[Step, ...], lines: Lines) -> Iterator[Problem]:
    for place, step in enumerate(steps):
        if step.if_fails.act is Act.ROLL_BACK:
            # What failed is not undone, but hosts that a rolling was done with are.
            done = place + isinstance(step, Rolling)
            for each in steps[:done]:
                yield from _undoable(each, lines.key(step, "if_fails"))


def _undoable(step: Step, line: int) -> Iterator[Problem]:
    inner = step.each if isinstance(step, Rolling) else ()
    for each in (step, *inner):
        if not isinstance(each, _CHANGES) or each.undo:
            continue
        if each.irreversible:
            what = f"roll-back halts at {each.id!r}, which nothing undoes (line {each.line})"
            yield Problem(line, what, "write stop or ask, or do that step later")
        else:
            what = f"roll-back, and {each.id!r} does not say how to undo it (line {each.line})"
            yield Problem(line, what, f"add undo: to {each.id}, or undo: none and no roll-back")
