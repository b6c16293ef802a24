"""What people decided in a run, as its record has it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from estate.runs import DecisionRow
from runbooks.progress import facts
from runbooks.progress.entries import Entry
from runbooks.progress.facts import ENGINE, Fact


def decided(entries: Iterable[Entry]) -> Iterator[DecisionRow]:
    """Every decision of a person, in the order in which they were said."""
    for entry in entries:
        if entry.actor == ENGINE:
            continue  # it retries and takes back by the runbook, and nobody decided that then
        for what, about, why in _said(entry.fact):
            yield DecisionRow(entry.at, entry.actor, what, about, why)


def _said(fact: Fact) -> Iterator[tuple[str, str, str]]:
    """The word, the step it is about, and the reason; nothing where it is no decision."""
    match fact:
        case facts.Approved(task, reason):
            yield "approved", str(task), reason
        case facts.Refused(task, reason):
            yield "refused", str(task), reason
        case facts.Waived(task, reason):
            yield "waived", str(task), reason
        case facts.Settled(task, outcome, reason):
            yield f"settled-{outcome}", str(task), reason
        case facts.Retried(task, reason):
            yield "retried", str(task), reason
        case facts.RollBackChosen(task, reason):
            yield "rolled-back", str(task), reason
        case facts.Paused(reason):
            yield "paused", "", reason
        case facts.Resumed(reason):
            yield "resumed", "", reason
        case facts.Aborted(now, reason):
            yield "aborted-now" if now else "aborted", "", reason
        case facts.TakenOver(_, reason):
            yield "took-locks-over", "", reason
