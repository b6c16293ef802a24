"""What a drill would do for real."""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.reading.lint.remark import Remark
from runbooks.reading.lint.scripts import scripts_of
from runbooks.runbook import Copy, Do, Only, Playbook, Reboot, Runbook


def remarks(runbook: Runbook) -> Iterator[Remark]:
    """Changes that a drill makes too, where nothing in the runbook tells a drill apart."""
    if not runbook.drill:
        return
    steps = tuple(runbook.all_steps())
    told_apart = any(step.only in (Only.REAL, Only.DRILL) for step in steps) or any(
        "OPS_DRILL" in text for step in steps for _, text in scripts_of(step)
    )
    for step in steps if not told_apart else ():
        if isinstance(step, Do | Copy | Playbook | Reboot):
            yield Remark(step.line, f"{step.id} is done in a drill as it is for real")
