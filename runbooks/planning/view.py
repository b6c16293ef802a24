"""A plan as the console is told it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

from estate.plans import PlanView, ReasonView, StepPlan
from runbooks.planning.plan import Plan, PlannedStep
from runbooks.planning.prediction import predicted
from runbooks.planning.questions import Found
from runbooks.progress.facts import Task
from runbooks.runbook import (
    Cert,
    Check,
    Copy,
    Do,
    Playbook,
    Probe,
    Reboot,
    Rolling,
    Sh,
    Step,
    Tls,
    WhenShell,
    WhenStep,
)


def plan_view(plan: Plan, answers: Found | None = None) -> PlanView:
    """`plan` and what hosts answered, None where they were not asked."""
    runbook, worst = plan.runbook, plan.ways.worst
    done = answers.done if answers else {}
    steps = tuple(_views(plan.steps, done))
    before = len(runbook.before)
    reasons = (*plan.reasons, *(answers.reasons if answers else ()))
    return PlanView(
        runbook=runbook.name,
        title=runbook.title,
        version=runbook.version,
        source=runbook.source,
        sha256=runbook.sha256,
        reasons=tuple(ReasonView(r.rule, r.what, r.todo, r.waivable) for r in reasons),
        hosts=plan.hosts,
        inputs=plan.inputs.values,
        secrets=tuple(plan.inputs.secrets),
        locks=plan.locks,
        before=steps[:before],
        steps=steps[before:],
        p50_ms=plan.span.p50_ms,
        p90_ms=plan.span.p90_ms,
        target_ms=runbook.clock.target_ms if runbook.clock else None,
        worst=str(worst) if worst else "",
        worst_ms=worst.ms if worst else None,
        endless=tuple(str(way) for way in plan.ways.endless),
        drill=plan.drill,
        sensitive=runbook.sensitive,
        way_back=runbook.way_back,
        asked=answers is not None,
    )


def _views(steps: Sequence[PlannedStep], done: Mapping[Task, bool | None]) -> Iterator[StepPlan]:
    for planned in steps:
        yield _view(planned, done)
        if isinstance(planned.step, Rolling):
            for inner in (*planned.step.each, *planned.step.then_always):
                span = predicted(inner, 1, lambda _: ())
                yield _view(PlannedStep(inner, (), span, None), done, depth=1)


def _view(planned: PlannedStep, done: Mapping[Task, bool | None], depth: int = 0) -> StepPlan:
    step = planned.step
    return StepPlan(
        id=step.id,
        kind=step.kind,
        say=step.say,
        line=step.line,
        hosts=planned.hosts,
        texts=dict(texts_of(step)),
        p50_ms=planned.span.p50_ms,
        p90_ms=planned.span.p90_ms,
        source=planned.span.source,
        worst_ms=planned.worst_ms,
        left_out=planned.left_out,
        depth=depth,
        done={task.host: known for task, known in done.items() if task.step == step.id},
    )


def texts_of(step: Step) -> Iterator[tuple[str, str]]:
    """What a step is told, by key: its scripts, and its other words in the file's terms."""
    match step.when:
        case WhenShell(text):
            yield "when", text
        case WhenStep(name, outcome):
            yield "when", f"{name} is {outcome}"
    match step:
        case Do() | Reboot():
            yield "sh", step.sh
        case Check():
            yield _question(step)
        case Copy():
            yield "to", step.to
            yield ("from", step.source) if step.source else ("text", step.text)
            if step.link:
                yield "link", step.link
        case Playbook():
            yield "file", step.file
    if isinstance(step, Do | Reboot | Playbook) and step.done_when:
        yield "done_when", step.done_when
    if isinstance(step, Do | Copy | Playbook) and (step.undo or step.irreversible):
        yield "undo", step.undo or "none"


def _question(check: Check) -> tuple[str, str]:
    match check.ask:
        case Sh(text):
            return "sh", text
        case Probe(name):
            return "probe", name
        case Tls():
            return "tls", _listed(check.ask)
        case Cert():
            return "cert", _listed(check.ask)


def _listed(asked: Tls | Cert) -> str:
    """The parts that are said, as `endpoint a:25, names b c`."""
    said = []
    for part in fields(asked):
        value = getattr(asked, part.name)
        if value:
            shown = " ".join(value) if isinstance(value, tuple) else value
            said.append(f"{part.name} {shown}")
    return ", ".join(said)
