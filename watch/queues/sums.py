"""The hosts of a group at one site taken together: one row a queue.

What a host does not tell is never guessed: the sum is then said to be at least that, and who is
missing is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from estate.document import HostRow
from estate.flow import forecast, together
from estate.queues import DeclaredQueue, Destination, QueuePart, QueueRow
from estate.samples import STALE_AFTER, Reach
from estate.told import told
from watch.queues.book import Line, QueueBook

#: Parts of a row that are shown; the others are counted.
MOST_PARTS = 12
MOST_DESTINATIONS = 5
#: Queues that a host has even if nobody could look.
EXPECTED: Mapping[str, tuple[str, ...]] = {
    "postfix": ("deferred", "active", "incoming", "hold"),
    "exim": ("waiting",),
    "sendmail": ("mqueue",),
}
#: Said of a host that was not asked since the start.
NOT_ASKED = told("not asked yet")


@dataclass(frozen=True, slots=True)
class Place:
    """A declaration at one site, and its hosts there.

    `elsewhere` where the site has to be named, for others have the same queues.
    """

    declared: DeclaredQueue
    site: str
    hosts: tuple[str, ...]
    elsewhere: bool = False

    @property
    def key(self) -> str:
        """Tells it from all others; rows are its queues."""
        return f"{self.declared.key}@{self.site}"

    def name(self, queue: str) -> str:
        """What the board calls one of its queues."""
        return " ".join(filter(None, (self.site * self.elsewhere, self.declared.label, queue)))


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known of hosts and their queues at `now`, UTC ms."""

    book: QueueBook
    hosts: Mapping[str, HostRow]
    now: int


def rows_of(place: Place, moment: Moment, every_ms: int) -> list[QueueRow]:
    """The rows of a place whose hosts are asked every `every_ms`, not yet judged.

    None where no host was asked since the start.
    """
    declared, book = place.declared, moment.book
    silent = {name: _why_silent(name, declared, moment, every_ms) for name in place.hosts}
    if all(why == NOT_ASKED for why in silent.values()):
        return []
    lines: dict[str, dict[str, Line]] = {}
    for name, why in silent.items():
        page = book.page(name, declared.kind)
        if page is not None and not why:
            for queue, line in page.of(declared):
                lines.setdefault(queue, {})[name] = line
    if not lines:
        expected = declared.only or EXPECTED.get(declared.kind, ("",))
        lines = {queue: {} for queue in expected}
    return [
        _row(place, queue, answers, silent, book) for queue, answers in _ordered(lines, declared)
    ]


def _ordered(
    lines: Mapping[str, dict[str, Line]], declared: DeclaredQueue
) -> list[tuple[str, dict[str, Line]]]:
    first = EXPECTED.get(declared.kind, declared.only)
    return sorted(lines.items(), key=lambda each: (each[0] not in first, *_place(each[0], first)))


def _place(queue: str, first: Sequence[str]) -> tuple[int, str]:
    return (first.index(queue), "") if queue in first else (0, queue)


def _why_silent(name: str, declared: DeclaredQueue, moment: Moment, every_ms: int) -> str:
    """Why nothing is known of the queues of a host now; "" where something is."""
    row, page = moment.hosts.get(name), moment.book.page(name, declared.kind)
    if row is not None and row.reach not in (Reach.LIVE, Reach.LATE, Reach.CONNECTING):
        if row.behind:
            return told("behind {host}", host=row.behind)
        return row.cause.what if row.cause is not None else row.reach.value
    if page is None:
        return NOT_ASKED
    if not any(True for _ in page.of(declared)) and page.gap:
        return page.gap
    if moment.now - page.at > STALE_AFTER * every_ms:
        seconds = f"{(moment.now - page.at) // 1000}"
        return told("not heard of for {seconds} s", seconds=seconds)
    return ""


def _row(
    place: Place,
    queue: str,
    answers: Mapping[str, Line],
    silent: Mapping[str, str],
    book: QueueBook,
) -> QueueRow:
    declared = place.declared
    missing = {name: why for name, why in silent.items() if why}
    ages = [line.oldest_seconds for line in answers.values() if line.oldest_seconds is not None]
    pages = [book.page(name, declared.kind) for name in answers]
    depth = sum(line.depth for line in answers.values())
    moves = together([line.moves for line in answers.values() if line.moves is not None])
    whole = all(line.moves is not None for line in answers.values())
    sight = forecast(depth, moves, declared.full) if moves is not None and whole else None
    destinations, sampled = _destinations(answers.values())
    return QueueRow(
        key=f"{place.key}/{queue}",
        name=place.name(queue),
        site=place.site,
        kind=declared.kind,
        group=declared.group,
        service=declared.service,
        queue=queue,
        state="ok" if answers else "unknown",
        at=max((page.at for page in pages if page is not None), default=None),
        depth=depth if answers else None,
        at_least=bool(answers and missing),
        oldest_seconds=max(ages, default=None),
        in_per_minute=_rate(moves.came if moves is not None and whole else None),
        out_per_minute=_rate(moves.left if moves is not None and whole else None),
        net_per_minute=_rate(moves.net if moves is not None and whole else None),
        trend=sight.trend if sight is not None else "",
        full_in_seconds=_seconds(sight.full_in_seconds if sight is not None else None),
        empty_in_seconds=_seconds(sight.empty_in_seconds if sight is not None else None),
        warn=declared.warn,
        critical=declared.critical,
        full=declared.full,
        oldest_limit_seconds=_limit(declared),
        why=_why(missing, len(place.hosts)),
        hosts=len(place.hosts),
        missing=len(missing),
        parts=_parts(declared, answers, missing, book),
        destinations=destinations,
        sampled=sampled,
    )


def _parts(
    declared: DeclaredQueue,
    answers: Mapping[str, Line],
    missing: Mapping[str, str],
    book: QueueBook,
) -> tuple[QueuePart, ...]:
    """The deepest hosts, then those that are missing."""
    deepest = sorted(answers.items(), key=lambda each: -each[1].depth)[:MOST_PARTS]
    parts = []
    for name, line in deepest:
        page = book.page(name, declared.kind)
        net = _rate(line.moves.net if line.moves is not None else None)
        at = page.at if page is not None else None
        parts.append(QueuePart(name, line.depth, line.oldest_seconds, net, at))
    gone = [QueuePart(name, why=why) for name, why in missing.items()]
    return (*parts, *gone[:MOST_PARTS])


def _destinations(lines: Iterable[Line]) -> tuple[tuple[Destination, ...], bool]:
    counts: Counter[str] = Counter()
    sampled = False
    for line in lines:
        counts.update({each.name: each.count for each in line.destinations})
        sampled = sampled or (bool(line.destinations) and line.seen < line.depth)
    most = counts.most_common(MOST_DESTINATIONS)
    return tuple(Destination(name, count) for name, count in most), sampled


def _why(missing: Mapping[str, str], hosts: int) -> str:
    """Who is missing and why, in a few words."""
    if not missing:
        return ""
    reason, count = Counter(missing.values()).most_common(1)[0]
    if hosts == 1:
        return reason
    said = {"some": f"{len(missing):,}", "all": f"{hosts:,}", "why": reason}
    if count == len(missing):
        return told("{some} of {all} hosts not known: {why}", **said)
    return told("{some} of {all} hosts not known, most of them: {why}", **said)


def _limit(declared: DeclaredQueue) -> float | None:
    ages = [declared.oldest_ms, declared.oldest_critical_ms]
    return next((age / 1000 for age in ages if age is not None), None)


def _rate(value: float | None) -> float | None:
    """As precise as anybody reads it."""
    return None if value is None else round(value, 0 if abs(value) >= 100 else 1)


def _seconds(value: float | None) -> float | None:
    return None if value is None else float(round(value))
