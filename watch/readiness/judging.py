"""Everything that is looked at, in order, and the row that it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from estate.readiness import FindingRow, ReadinessRow, verdict_of, worst_first
from watch.ledger.rows import label
from watch.readiness import rehearsed, sites, standing
from watch.readiness.subject import Subject

#: In the order in which they are read: can it be done, by whom, with what, how fast, at what price.
CHECKS: tuple[Callable[[Subject], Iterator[FindingRow]], ...] = (
    rehearsed.planned,
    sites.carriers,
    sites.reached,
    standing.replication,
    rehearsed.answered,
    rehearsed.timed,
    rehearsed.drilled,
    standing.backups,
    standing.certificates,
    standing.packages,
    standing.configuration,
    rehearsed.paid,
    rehearsed.recorded,
)


def judged(subject: Subject) -> ReadinessRow:
    """The service's row: every finding, the worst first, and what they come to."""
    findings = worst_first(finding for check in CHECKS for finding in check(subject))
    service, plan, done = subject.service, subject.plan, subject.done
    asking = subject.asking
    return ReadinessRow(
        key=service.key,
        name=label(service.name, subject.estate.language),
        names=service.name,
        verdict=verdict_of(findings),
        runbook=subject.runbook,
        version=plan.version if plan else None,
        to=subject.to,
        at=subject.now,
        findings=findings,
        asked_at=asking.at if asking else None,
        p50_ms=plan.p50_ms if plan else None,
        p90_ms=plan.p90_ms if plan else None,
        predicted_from=plan.source if plan else "",
        limit_ms=subject.limit_ms,
        done_at=done.ended_at if done else None,
        took_ms=rehearsed.took_ms(done, done.ended_at) if done and done.ended_at else None,
        done_run=done.id if done else "",
        in_earnest=done is not None and not done.drill,
    )
