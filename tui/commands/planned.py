"""A plan as lines: what would be done where, how long, and every reason not to."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from estate.clean import clean
from estate.plans import PlannedStepView, PlanView


def lines_of(plan: PlanView) -> Iterator[str]:
    """The plan for a terminal or a pipe, line by line."""
    drill = f", a drill: {clean(plan.drill_words)}" if plan.drill else ""
    yield f"{plan.runbook}, version {plan.version}: {clean(plan.title)}{drill}"
    for name, value in plan.given.items():
        yield f"  {name} = {clean(value)}"
    for name, hosts in plan.hosts.items():
        yield f"  {name}: {', '.join(hosts) or 'no host'}"
    if plan.users:
        locks = ", ".join((*plan.locks, "each host"))
        users = " or ".join(user or "the user that logs in" for user in plan.users)
        yield f"  locked: {locks}; there only against runs that act as {users}"
    for step in plan.steps:
        yield ""
        yield from _step(step)
    yield ""
    yield _time(plan)
    for way in plan.endless:
        yield f"without a bound: {way}"
    for reason in plan.reasons:
        waivable = " (may be waived)" if reason.waivable else ""
        yield f"not now: {clean(reason.what)} — {clean(reason.todo)}{waivable}"
    if not plan.reasons:
        yield "nothing stands against it"


def _step(step: PlannedStepView) -> Iterator[str]:
    kind = f"before, {step.kind}" if step.before else step.kind
    left_out = f", left out {step.left_out}" if step.left_out else ""
    yield f"{step.id} ({kind}{left_out}): {clean(step.say)}"
    if step.hosts:
        yield f"  on {', '.join(step.hosts)}"
    for key, text in (("", step.text), ("done when ", step.done_when)):
        for number, line in enumerate(text.splitlines()):
            yield f"  {key if number == 0 else ' ' * len(key)}{clean(line)}"
    if step.source == "people":
        yield "  takes as long as people do"
    else:
        p50, p90 = _at_most(step.p50_ms), _at_most(step.p90_ms)
        yield f"  {p50}, nine of ten {p90} ({step.source})"
    for host, done in step.done.items():
        yield f"  {host}: {'not known' if done is None else 'done already' if done else 'to do'}"


def _time(plan: PlanView) -> str:
    said = [f"predicted {_at_most(plan.p50_ms)}, nine of ten {_at_most(plan.p90_ms)}"]
    if plan.worst_ms is not None:
        said.append(f"at worst {_at_most(plan.worst_ms)} ({plan.worst})")
    if plan.target_ms is not None:
        said.append(f"promised {_at_most(plan.target_ms)}")
    return "; ".join(said)


def _at_most(milliseconds: int) -> str:
    """A time in whole seconds, rounded up: less is never promised than there may be."""
    from tui.paint.numbers import duration

    return duration(ceil(milliseconds / 1000))
