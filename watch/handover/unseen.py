"""What nobody could see: hosts, services, probes, and the watch itself. Pure.

A report that left it out would be read as if all were well there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from estate.document import Document, Event, Severity
from estate.samples import Reach
from estate.states import host_word
from estate.told import told
from snapshots.snapshot import ONE_VANTAGE, UNSEEN_THIS_MONTH, WITHOUT_RECORDS, Unseen


def unseen_of(
    document: Document,
    gaps: Mapping[str, Mapping[str, str]],
    events: tuple[Event, ...],
    starts: int,
    now: int,
) -> tuple[Unseen, ...]:
    """Every gap there is, what matters most first; `gaps` has why probes can't measure, by host."""
    return (
        *_of_the_watch(document, events, starts),
        *_of_services(document),
        *_of_hosts(document, now),
        *_of_probes(gaps),
    )


def _of_the_watch(document: Document, events: tuple[Event, ...], starts: int) -> Iterator[Unseen]:
    watch = document.watch
    if watch.started_at > starts and not any(each.at < watch.started_at for each in events):
        yield Unseen("watch", watch.name, WITHOUT_RECORDS, starts, watch.started_at)
    for each in events:
        if each.where == "watch" and each.severity is not Severity.OK:
            yield Unseen("watch", watch.name, each.what, each.at)
    if watch.records:
        yield Unseen("records", watch.name, watch.records)
    if watch.estate_problem:
        yield Unseen("records", "estate", watch.estate_problem)


def _of_services(document: Document) -> Iterator[Unseen]:
    seen_by = {name for row in document.services for name in row.vantages}
    if document.services and len(seen_by) <= 1:
        yield Unseen("vantage", next(iter(seen_by), document.watch.name), ONE_VANTAGE)
    for row in document.services:
        lost = row.budget.unknown_ms if row.budget is not None else None
        if row.state == "unknown":
            yield Unseen("service", row.key, row.cause, row.since, lost_ms=lost)
        elif lost:
            yield Unseen("service", row.key, UNSEEN_THIS_MONTH, lost_ms=lost)


def _of_hosts(document: Document, now: int) -> Iterator[Unseen]:
    for row in document.hosts.values():
        word = host_word(row, now, document.every_ms)
        if word == Reach.LIVE.value:
            continue
        why = row.cause.what if row.cause is not None else row.why
        state = told("behind {host}", host=row.behind) if row.behind else told(word)
        said = told("{state}: {why}", state=state, why=why) if why else state
        yield Unseen("host", row.name, said, row.at if row.at is not None else row.since)


def _of_probes(gaps: Mapping[str, Mapping[str, str]]) -> Iterator[Unseen]:
    for host, probes in gaps.items():
        for probe, why in sorted(probes.items()):
            yield Unseen("probe", f"{host} {probe}", why)
