"""What must hold between the parts of a runbook, once each has been read: one file a concern.

A rule is a function from the runbook and its lines to problems. It judges what is there: of a step
that was not read as it was meant only the scripts are judged, and rules about the whole are not
asked when any was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from estate.strict import Problem
from runbooks.reading.lines import Lines
from runbooks.reading.lint import aside, drills, flow, inputs, oracles, rolling, scripts, target
from runbooks.reading.lint.remark import Remark
from runbooks.runbook import Runbook, Step

StepRule = Callable[[Step, Runbook, Lines], Iterator[Problem]]
WholeRule = Callable[[Runbook, Lines], Iterator[Problem]]

OF_SCRIPTS: tuple[StepRule, ...] = (scripts.is_sound,)
OF_A_STEP: tuple[StepRule, ...] = (oracles.has_an_oracle, *OF_SCRIPTS, inputs.fit)
OF_THE_WHOLE: tuple[WholeRule, ...] = (
    flow.leads_forward,
    flow.reaches_every_step,
    flow.clock_runs_forward,
    aside.decides_nothing,
    oracles.can_roll_back,
    inputs.selectors_fit,
    rolling.leaves_enough,
    target.can_be_met,
)


def check(runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """Everything that does not hold."""
    steps = tuple(runbook.all_steps())
    sound = [step for step in steps if not lines.spoilt(step)]
    for step in steps:
        for step_rule in OF_SCRIPTS if lines.spoilt(step) else OF_A_STEP:
            yield from step_rule(step, runbook, lines)
    if len(sound) == len(steps) and not lines.reading.incomplete:
        for rule in OF_THE_WHOLE:
            yield from rule(runbook, lines)


def remarks(runbook: Runbook) -> tuple[Remark, ...]:
    """What is worth knowing of a runbook without problems, in the order of its lines."""
    return tuple(sorted((*target.remarks(runbook), *drills.remarks(runbook))))
