"""What users felt of a run: the outage as the ledger has it, beside the run's own clock. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from estate.ledger.book import Pages, history, seen_until
from estate.model import Service
from estate.runs import FeltRow, RunView


def concerned(services: Mapping[str, Service], view: RunView) -> tuple[Service, ...]:
    """The services that are asked and that a run is for: those that name its runbook, and the one
    whose month it counts against."""
    return tuple(
        each
        for key, each in services.items()
        if each.probes and (view.row.runbook in each.runbooks.values() or key == view.service)
    )


def felt(
    service: Service, pages: Pages, start: int, end: int, *, now: int, patience_ms: int
) -> FeltRow:
    """How long `service` was out in outages that reach into [start, end), each of them whole."""
    covered = seen_until(pages.coverage, now, patience_ms)
    states = history([each.transition for each in pages.entries], covered, now)
    outages = [each for each in states.down if each[0] < max(end, start + 1) and each[1] > start]
    since = outages[0][0] if outages else None
    until = outages[-1][1] if outages else None
    # Where nobody saw it end, it was back when it was seen to be.
    until = next((end for began, end in states.unknown if began == until), until)
    still = until is not None and until >= now
    first = start if since is None else min(start, since)
    last = end if until is None else max(end, until)
    objective = service.objective
    return FeltRow(
        service.key,
        since,
        None if still else until,
        sum(b - a for a, b in outages),
        states.unknown.within(first, last).length,
        objective.recover_within_ms if objective else None,
    )
