"""What nobody could see: hosts, services, what is measured of them, and the watch itself. Pure.

A report that left it out would be read as if all were well there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from estate.document import Document, Event, Severity
from estate.samples import Reach
from estate.standing import Measured
from estate.states import host_word
from estate.told import told
from estate.unwatched import bounds_of, is_unwatched
from snapshots.snapshot import EVENTS, ONE_VANTAGE, UNSEEN_THIS_MONTH, WITHOUT_RECORDS, Unseen

#: Of events that tell what the watch did, and nothing that it could not see.
_CLOCK_WAS_SET = "this machine's clock was set"


def unseen_of(
    document: Document,
    gaps: Mapping[str, Mapping[str, str]],
    events: tuple[Event, ...],
    starts: int,
    now: int,
) -> tuple[Unseen, ...]:
    """Every gap there is, what matters most first; `gaps` has why probes can't measure, by host."""
    hosts = tuple(_of_hosts(document, now))
    return (
        *_of_the_watch(document, events, starts),
        *_of_services(document),
        *_of_queues(document),
        *hosts,
        *_of_standing(document, gaps, {each.where for each in hosts}, now),
        *_of_probes(gaps),
    )


def _of_the_watch(document: Document, events: tuple[Event, ...], starts: int) -> Iterator[Unseen]:
    watch = document.watch
    told_of = tuple(unwatched_of(watch.name, events))
    confessed = any(each.until == watch.started_at for each in told_of)
    before = any(each.at < watch.started_at for each in events)
    if watch.started_at > starts and not before and not confessed:
        lost = watch.started_at - starts
        yield Unseen("watch", watch.name, WITHOUT_RECORDS, starts, watch.started_at, lost)
    yield from told_of
    for each in events:
        if each.where != "watch" or each.severity is Severity.OK or is_unwatched(each):
            continue
        if not each.what.startswith(_CLOCK_WAS_SET):
            yield Unseen("watch", watch.name, each.what, each.at, each.at)
    if watch.records:
        yield Unseen("records", watch.name, watch.records)
    if watch.estate_problem:
        yield Unseen("records", "estate", watch.estate_problem)


def unwatched_of(watch: str, events: Sequence[Event]) -> Iterator[Unseen]:
    """Each time that nobody watched, from its beginning to its end, as `events` tell of it."""
    for each in events:
        if is_unwatched(each):
            since, until = bounds_of(each)
            lost = None if since is None else max(0, until - since)
            yield Unseen("watch", watch, each.what, since, until, lost)


def not_read(events: Sequence[Event], starts: int, most: int) -> Iterator[Unseen]:
    """What a limit of `most` events, the newest first, left out of those since `starts`."""
    if len(events) >= most:
        why = told("of the events since then only the newest {count} were read", count=f"{most:,}")
        yield Unseen("records", EVENTS, why, starts, events[-1].at)


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


def _of_queues(document: Document) -> Iterator[Unseen]:
    for row in document.queues:
        if row.state == "unknown":
            yield Unseen("queue", f"{row.name} {row.site}", row.why, row.since)


def _of_hosts(document: Document, now: int) -> Iterator[Unseen]:
    for row in document.hosts.values():
        word = host_word(row, now, document.every_ms)
        if word == Reach.LIVE.value:
            continue
        why = row.cause.what if row.cause is not None else row.why
        state = told("behind {host}", host=row.behind) if row.behind else told(word)
        said = told("{state}: {why}", state=state, why=why) if why else state
        yield Unseen("host", row.name, said, row.at if row.at is not None else row.since)


def _of_standing(
    document: Document, gaps: Mapping[str, Mapping[str, str]], hosts: set[str], now: int
) -> Iterator[Unseen]:
    """Whatever else is measured of hosts and is not known now.

    A host that could not be seen, or a probe that says the same, stands for what is missed by it.
    """
    for kind, row, name in _standing(document):
        if row.known(now) or row.host in hosts:
            continue
        if row.gap and row.gap in gaps.get(row.host, {}).values():
            continue
        never = told("not measured yet")
        why = row.gap or (never if row.at is None else told("not measured since"))
        yield Unseen(kind, f"{row.host} {name}".rstrip(), why, row.at)


def _standing(document: Document) -> Iterator[tuple[str, Measured, str]]:
    """Rows of slow facts: the kind, the row, and what tells it from others of its host."""
    yield from (("certificate", row, f"{row.name} {row.place}") for row in document.certificates)
    yield from (("replication", row, row.system) for row in document.replication)
    yield from (("backup", row, row.name) for row in document.backups)
    yield from (("file", row, row.path) for row in document.configuration)
    yield from (("patches", row, "") for row in document.patches)
    yield from (("proxy", row, "") for row in document.proxies)
    yield from (("address", row, row.address) for row in document.addresses)


def _of_probes(gaps: Mapping[str, Mapping[str, str]]) -> Iterator[Unseen]:
    for host, probes in gaps.items():
        for probe, why in sorted(probes.items()):
            yield Unseen("probe", f"{host} {probe}", why)
