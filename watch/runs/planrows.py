"""A runbook and its plan → what a console shows of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from estate.error import FileRefused
from estate.plans import InputView, PlannedStepView, PlanView, ReasonView, RunbookRow
from runbooks.planning.plan import Plan, PlannedStep
from runbooks.progress.facts import Task
from runbooks.reasons import Reason
from runbooks.runbook import (
    Cert,
    Check,
    Copy,
    Do,
    Input,
    Playbook,
    Probe,
    Reboot,
    Rolling,
    Runbook,
    Sh,
    Step,
    Tls,
)
from watch.error import WatchError
from watch.runbookfiles import Shelved


def runbook_row(shelved: Shelved) -> RunbookRow:
    """A runbook of the catalogue, or why it is refused."""
    made, problem = shelved.runbook, shelved.problem
    file = str(shelved.path)
    if made is None:
        why = f"{problem.what}: {problem.why}" if isinstance(problem, WatchError) else ""
        if isinstance(problem, FileRefused):
            many = len(problem.problems)
            why = f"{many} problem{'' if many == 1 else 's'}: twinwatch runbook lint {file}"
        return RunbookRow(shelved.name, file, problem=why or "it can't be read")
    return RunbookRow(
        name=made.name,
        file=file,
        title=made.title,
        version=made.version,
        steps=len(made.steps),
        target_ms=made.clock.target_ms if made.clock else None,
        sensitive=made.sensitive,
        drill=made.drill,
        way_back=made.way_back,
        inputs=inputs_of(made),
    )


def inputs_of(runbook: Runbook) -> tuple[InputView, ...]:
    """What is asked of whoever starts a run, in the order of the file."""
    return tuple(map(_input, runbook.ask.values()))


def planned(
    plan: Plan,
    asked_at: int,
    given: Mapping[str, str],
    done: Mapping[Task, bool | None],
) -> PlanView:
    """The plan, with what hosts said of `done_when` at `asked_at`. Secrets are left out of it."""
    runbook, worst = plan.runbook, plan.ways.worst
    before = len(runbook.before)
    steps = tuple(_step(each, number < before, done) for number, each in enumerate(plan.steps))
    return PlanView(
        runbook=runbook.name,
        title=runbook.title,
        version=runbook.version,
        sha256=runbook.sha256,
        asked_at=asked_at,
        drill=plan.drill,
        drill_words=runbook.drill,
        steps=steps,
        hosts=plan.hosts,
        inputs=inputs_of(runbook),
        given={name: value for name, value in given.items() if name in plan.inputs.values},
        reasons=tuple(map(_reason, plan.reasons)),
        confirm=confirmation(plan),
        p50_ms=plan.span.p50_ms,
        p90_ms=plan.span.p90_ms,
        source=plan.span.source,
        target_ms=runbook.clock.target_ms if runbook.clock else None,
        worst_ms=worst.ms if worst else None,
        worst=str(worst) if worst else "",
        endless=tuple(map(str, plan.ways.endless)),
        way_back=runbook.way_back,
        locks=tuple(each for each in plan.locks if not each.startswith("host/")),
        users=_users(runbook),
    )


def _users(runbook: Runbook) -> tuple[str, ...]:
    """As whom hosts are changed: each of them has locks of its own there."""
    changing = (each for each in runbook.all_steps() if isinstance(each, Do | Copy | Reboot))
    return tuple(sorted({each.as_user for each in changing}))


def confirmation(plan: Plan) -> str:
    """The sites, as they must be typed, of the first step that can't be taken back; "" for none."""
    for each in plan.steps:
        if irreversible(each.step) and not _left_out(each) and each.hosts:
            return " ".join(dict.fromkeys(plan.traits[name]["site"] for name in each.hosts))
    return ""


def irreversible(step: Step) -> bool:
    """Whether what it does can't be taken back by the runbook's own `undo`."""
    match step:
        case Rolling():
            return any(map(irreversible, (*step.each, *step.then_always)))
        case Reboot():
            return True
        case Do() | Copy() | Playbook():
            repeatable = not isinstance(step, Copy) and step.repeatable
            return step.irreversible or not (step.undo or repeatable)
    return False


def _left_out(each: PlannedStep) -> bool:
    """Not done in this run, whatever happens: a jump may still lead to one that waits for it."""
    return bool(each.left_out) and each.step.only != "by-jump"


def _input(asked: Input) -> InputView:
    return InputView(
        asked.name, asked.type, asked.say, asked.default, asked.of, asked.least, asked.most
    )


def _reason(reason: Reason) -> ReasonView:
    return ReasonView(
        reason.rule,
        reason.what,
        reason.todo,
        reason.waivable,
        reason.missing,
        reason.step,
        reason.unknown,
    )


def _step(each: PlannedStep, before: bool, done: Mapping[Task, bool | None]) -> PlannedStepView:
    step, span = each.step, each.span
    return PlannedStepView(
        id=step.id,
        kind=step.kind,
        say=step.say,
        hosts=each.hosts,
        before=before,
        text=_text(step),
        done_when=getattr(step, "done_when", ""),
        left_out=each.left_out,
        irreversible=irreversible(step),
        p50_ms=span.p50_ms,
        p90_ms=span.p90_ms,
        source=span.source,
        worst_ms=each.worst_ms,
        done={task.host: held for task, held in done.items() if task.step == step.id},
    )


def _text(step: Step) -> str:  # noqa: PLR0911 - one line a kind
    """What is done, as the runbook has it."""
    match step:
        case Do() | Reboot():
            return step.sh
        case Check(ask=Sh(text)):
            return text
        case Check(ask=Tls() as tls):
            return f"tls {tls.endpoint}"
        case Check(ask=Cert() as cert):
            return f"cert {cert.file}"
        case Check(ask=Probe(name)):
            return f"probe {name}"
        case Copy():
            return f"copy {step.source or 'text'} → {step.to}"
        case Playbook():
            return f"playbook {step.file}"
        case Rolling():
            return "\n".join(
                f"{inner.id}: {inner.say}" for inner in (*step.each, *step.then_always)
            )
    return ""
