"""What was rehearsed: the runbook's plan and its own checks, the last drill, the time it takes."""

from __future__ import annotations

from collections.abc import Iterator

from estate.plans import PlanView, ReasonView
from estate.readiness import Bearing, FindingRow
from estate.runs import RunRow
from estate.told import told
from watch import words
from watch.readiness.subject import Subject

#: Answers of one night stand until the next one has been.
STANDS_MS = 26 * 3_600_000
#: What whoever begins the run gives then: nobody is asked for it beforehand.
_GIVEN_THEN = "input"


# ── the plan ──


def planned(subject: Subject) -> Iterator[FindingRow]:
    """There is a runbook, it can be planned, and nothing in its plan stands against it."""
    asked = told("A runbook")
    if not subject.runbook:
        todo = told("name one in the estate: services: {service}: runbooks: fails:",
                    service=subject.service.key)  # fmt: skip
        said = told("the estate names none")
        yield FindingRow(asked, Bearing.STOPS, said, "estate", None, todo)
        return
    plan = subject.plan
    if plan is None:
        said = subject.unplanned or told("not planned yet")
        bearing = Bearing.STOPS if subject.unplanned else Bearing.UNKNOWN
        todo = told("see why: twinwatch runbook plan {runbook}", runbook=subject.runbook)
        yield FindingRow(asked, bearing, said, "plan", subject.planned_at, todo)
        return
    against = [each for each in plan.reasons if each.rule != _GIVEN_THEN]
    yield from (_reason(subject, each) for each in against)
    if not against:
        said = told("{runbook} v{version}: nothing stands against it", runbook=plan.runbook,
                    version=str(plan.version))  # fmt: skip
        yield FindingRow(asked, Bearing.PASSES, said, "plan", subject.planned_at)


def _reason(subject: Subject, reason: ReasonView) -> FindingRow:
    bearing = Bearing.UNKNOWN if reason.unknown else Bearing.STOPS
    at = subject.planned_at
    return FindingRow(
        _RULES.get(reason.rule, told("The plan")), bearing, reason.what, "plan", at, reason.todo,
        reason.waivable,
    )  # fmt: skip


#: What a plan says of its locks is found under this name.
LOCKS = told("Its locks")
_RULES = {
    "hosts": told("The runbook's hosts"),
    "clock": told("The longest way through it"),
    "window": told("Its window"),
    "budget": told("The month's budget"),
    "lock": LOCKS,
    "file": told("Its files"),
    "probe": told("Its probes"),
}


# ── what hosts answered ──


def answered(subject: Subject) -> Iterator[FindingRow]:
    """The runbook's own checks, as hosts answered them by night or when somebody asked last."""
    if subject.plan is None:
        return
    asking, zone = subject.asking, subject.estate.timezone
    asked, key = told("The runbook's own checks"), subject.service.key
    todo = told("ask now: R, or twinwatch readiness {service} --ask", service=key)
    missing = [each.missing for each in subject.plan.reasons if each.missing]
    if missing:
        said = told("hosts can't be asked: nobody says {inputs} beforehand",
                    inputs=", ".join(missing))  # fmt: skip
        todo = told("say it in the estate: services: {service}: runbook_inputs:", service=key)
        yield FindingRow(asked, Bearing.UNKNOWN, said, "plan", subject.planned_at, todo)
    elif asking is None:
        said = told("hosts were not asked yet")
        yield FindingRow(asked, Bearing.UNKNOWN, said, "hosts", None, todo)
    elif asking.sha256 != subject.plan.sha256:
        clock = words.clock(asking.at, zone)
        said = told("asked of another version of it, at {time}", time=clock)
        yield FindingRow(asked, Bearing.UNKNOWN, said, "hosts", asking.at, todo)
    elif subject.now - asking.at > STANDS_MS:
        said = told("asked {age} ago", age=words.duration((subject.now - asking.at) / 1000))
        yield FindingRow(asked, Bearing.UNKNOWN, said, "hosts", asking.at, todo)
    elif not asking.answers:
        yield FindingRow(asked, Bearing.NOTE, told("it has none"), "plan", asking.at)
    else:
        yield from asking.answers


def answers(plan: PlanView) -> tuple[FindingRow, ...]:
    """What hosts said to each check of a plan that they were asked for, in the runbook's order."""
    against: dict[str, list[ReasonView]] = {}
    for reason in plan.reasons:
        against.setdefault(reason.step, []).append(reason)
    return tuple(
        _answer(each.say, each.hosts, against.get(each.id, []), plan.asked_at)
        for each in plan.steps
        if each.before
    )


def _answer(say: str, hosts: tuple[str, ...], against: list[ReasonView], at: int) -> FindingRow:
    source = hosts[0] if len(hosts) == 1 else "hosts" if hosts else "watch"
    if not against:
        return FindingRow(say, Bearing.PASSES, "", source, at)
    known = [each for each in against if not each.unknown]
    worst = (known or against)[0]
    said = worst.what.removeprefix(f"{say}: ")
    if len(against) > 1:
        said = told("{said}, and {count} more", said=said, count=str(len(against) - 1))
    bearing = Bearing.STOPS if known else Bearing.UNKNOWN
    waivable = all(each.waivable for each in against)
    return FindingRow(say, bearing, said, source, at, worst.todo, waivable)


# ── how long ──


def timed(subject: Subject) -> Iterator[FindingRow]:
    """As long as it is promised, by what is predicted."""
    plan, limit = subject.plan, subject.limit_ms
    if plan is None or limit is None:
        return
    asked = told("Time, {limit} promised", limit=words.duration(limit / 1000))
    said = f"p50 {words.duration(plan.p50_ms / 1000)}, p90 {words.duration(plan.p90_ms / 1000)}"
    if plan.source == "people":
        said = told("{said}, and what people take to decide", said=said)
    todo = told("see which step takes longest: twinwatch runbook plan {runbook}",
                runbook=plan.runbook)  # fmt: skip
    if plan.p50_ms > limit:
        yield FindingRow(asked, Bearing.STOPS, said, "plan", subject.planned_at, todo)
    elif plan.p90_ms > limit:
        yield FindingRow(asked, Bearing.NOTE, said, "plan", subject.planned_at, todo)
    else:
        yield FindingRow(asked, Bearing.PASSES, said, "plan", subject.planned_at)


def drilled(subject: Subject) -> Iterator[FindingRow]:
    """It was done before, lately, and in time. What was never done may take any time."""
    if not subject.runbook:
        return
    asked, done, limit = told("A drill"), subject.done, subject.limit_ms
    todo = told("drill it: twinwatch run {runbook} --drill", runbook=subject.runbook)
    if subject.newer is not None:
        yield _came_to_nothing(asked, subject.newer)
        if done is None:
            return
    if done is None or done.ended_at is None:
        said = told("never done to the end: nobody knows how long it takes")
        yield FindingRow(asked, Bearing.UNKNOWN, said, "runs", None, todo)
        return
    took, ago = took_ms(done, done.ended_at), subject.now - done.ended_at
    time = words.duration(took / 1000)
    said = told("run {run} took {time}", run=done.id, time=time)
    if done.drill:
        said = told("drill {run} took {time}", run=done.id, time=time)
    bearing = Bearing.PASSES
    if limit is not None and took > limit:
        todo = told("see which step took longest: twinwatch runs show {run}", run=done.id)
        bearing = Bearing.STOPS
    elif ago > subject.estate.rehearsal.drill_every_ms:
        bearing = Bearing.NOTE
    else:
        todo = ""
    yield FindingRow(asked, bearing, said, "runs", done.ended_at, todo)


def _came_to_nothing(asked: str, run: RunRow) -> FindingRow:
    """A run after the last good one that failed, was ended, or measured nothing: what was proven
    then is not known to be so any more."""
    todo = told("see why, and drill it again: twinwatch runs show {run}", run=run.id)
    bearing = Bearing.STOPS if run.state == "failed" else Bearing.UNKNOWN
    if run.state == "failed":
        said = told("{run} failed since", run=run.id)
    elif run.state == "succeeded":
        said = told("the proof of {run} was waived: it measured nothing", run=run.id)
    elif run.state == "rolled-back":
        said = told("{run} was taken back since", run=run.id)
    else:
        said = told("{run} was ended since", run=run.id)
    if run.why:
        said = told("{asked}: {said}", asked=said, said=run.why)
    return FindingRow(asked, bearing, said, "runs", run.ended_at, todo)


def took_ms(run: RunRow, ended_at: int) -> int:
    """How long a run took by its own clock, else from its start to its end."""
    started_at = run.clock_started_at or run.started_at
    return max(0, (run.clock_stopped_at or ended_at) - started_at)  # a clock may be set back


# ── what it costs ──


def paid(subject: Subject) -> Iterator[FindingRow]:
    """What is left of the service's month covers the time it takes. It stops nothing."""
    row = next((e for e in subject.document.services if e.key == subject.service.key), None)
    if row is None or row.budget is None or subject.plan is None:
        return
    least, most, needed = row.budget.left_worst_ms, row.budget.left_best_ms, subject.plan.p50_ms
    said = told("{left} left, {needed} needed", left=words.duration(max(0, most) / 1000),
                needed=words.duration(needed / 1000))  # fmt: skip
    if least < needed <= most:
        said = told("{said}; not enough if what nobody saw was down", said=said)
    bearing = Bearing.PASSES if least >= needed else Bearing.NOTE
    yield FindingRow(told("The month's budget"), bearing, said, "ledger", row.at)


def recorded(subject: Subject) -> Iterator[FindingRow]:
    """The watch can put a run on record; without that it begins none."""
    watch, asked = subject.document.watch, told("The record")
    if watch.records:
        todo = told("make room, or see twinwatch doctor")
        yield FindingRow(asked, Bearing.STOPS, watch.records, "watch", subject.document.at, todo)
    else:
        disk = watch.bastion.get("disk")
        said = told("kept")
        if disk is not None:
            said = told("kept, its disk {share}% full", share=f"{disk:.0f}")
        yield FindingRow(asked, Bearing.PASSES, said, "watch", subject.document.at)
