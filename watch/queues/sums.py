"""The hosts of a group at one site taken together: one row a queue.

What a host does not tell is never guessed: the sum is then said to be at least that, and who is
missing is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from estate.document import HostRow
from estate.flow import Forecast, Pace, forecast, together
from estate.queues import DeclaredQueue, Destination, QueuePart, QueueRow
from estate.samples import STALE_AFTER, Reach
from estate.told import told
from watch.queues.book import Line, QueueBook, Share

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


@dataclass(frozen=True, slots=True)
class Sum:
    """One queue of a place, not yet judged, and the hosts whose part is not known, and why."""

    row: QueueRow
    missing: Mapping[str, str]


def sums_of(place: Place, moment: Moment, every_ms: int) -> list[Sum]:
    """The queues of a place whose hosts are asked every `every_ms`.

    None where no host was asked since the start.
    """
    declared, book = place.declared, moment.book
    silent = {name: _why_silent(name, declared, moment, every_ms) for name in place.hosts}
    if all(why == NOT_ASKED for why in silent.values()):
        return []
    pages = {name: book.page(name, declared.kind) for name in place.hosts}
    shares = {name: page.share(declared) for name, page in pages.items() if page is not None}
    found = []
    for queue in _names(declared, silent, shares):
        missing = {
            name: said
            for name, why in silent.items()
            if (said := why or shares[name].why_unread(queue))
        }
        answers = {
            name: share.lines[queue]
            for name, share in shares.items()
            if queue in share.lines and name not in missing
        }
        found.append(Sum(_row(place, queue, answers, missing, book), missing))
    return found


def _names(
    declared: DeclaredQueue, silent: Mapping[str, str], shares: Mapping[str, Share]
) -> list[str]:
    """The queues that there are: those that hosts tell of, or told of when they last could."""
    names = {queue for share in shares.values() for queue in (*share.lines, *share.lost)}
    if any(silent.values()) or any(share.gap for share in shares.values()):
        names.update(declared.only)  # who does not answer may have it
    if not names:
        names.update(declared.only or EXPECTED.get(declared.kind, ("",)))
    first = EXPECTED.get(declared.kind, declared.only)
    return sorted(names, key=lambda each: (each not in first, *_place(each, first)))


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
    share = page.share(declared)
    if share.gap and not share.lines:
        return share.gap
    if moment.now - page.at > STALE_AFTER * every_ms:
        seconds = f"{(moment.now - page.at) // 1000}"
        return told("not heard of for {seconds} s", seconds=seconds)
    return ""


def _row(
    place: Place,
    queue: str,
    answers: Mapping[str, Line],
    missing: Mapping[str, str],
    book: QueueBook,
) -> QueueRow:
    declared = place.declared
    ages = [line.oldest_seconds for line in answers.values() if line.oldest_seconds is not None]
    pages = [book.page(name, declared.kind) for name in answers]
    depth = sum(line.depth for line in answers.values())
    known = [line.moves for line in answers.values() if line.moves is not None]
    moves = together(known) if len(known) == len(answers) else None
    sight = _sight(depth, moves, declared.full, whole=not missing)
    passed = moves if not missing else None
    destinations, sampled = _destinations(answers.values())
    return QueueRow(
        key=f"{place.key}/{queue}",
        name=place.name(queue),
        site=place.site,
        kind=declared.kind,
        group=declared.group,
        service=declared.service,
        queue=queue,
        state="unknown" if missing or not answers else "ok",
        at=max((page.at for page in pages if page is not None), default=None),
        depth=depth if answers else None,
        at_least=bool(answers and missing),
        oldest_seconds=max(ages, default=None),
        in_per_minute=_rate(passed.came if passed is not None else None),
        out_per_minute=_rate(passed.left if passed is not None else None),
        net_per_minute=_rate(moves.net if moves is not None and sight.trend else None),
        trend=sight.trend,
        full_in_seconds=_seconds(sight.full_in_seconds),
        empty_in_seconds=_seconds(sight.empty_in_seconds),
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


def _sight(depth: int, moves: Pace | None, full: int | None, *, whole: bool) -> Forecast:
    """What becomes of it; its trend is "" where nobody can tell.

    Of a part only that it rises is told: hosts that are missing may hold more, and so it is full
    no later, but whether all of it stands still or falls they may know alone.
    """
    sight = forecast(depth, moves, full) if moves is not None else Forecast("")
    if not whole and sight.trend != "rising":
        sight = Forecast("")
    if full is not None and depth >= full:
        return Forecast(sight.trend, full_in_seconds=0.0)
    return sight


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
