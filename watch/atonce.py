"""What many hosts of a site have in common as its cause: a cut, a hang, a daemon that is down."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from estate.document import HostRow, Problem, Severity
from estate.model import Host
from estate.samples import Reach, Stage
from estate.told import told

#: The problem that explains every host: of the machine that the watch runs on.
EVERYTHING = "estate/bastion"
#: Sites that are lost within this time are lost at once: finding out takes a time-out or two.
AT_ONCE_MS = 120_000
#: So many hosts of a site, and more than half of them, that give the same answer are one problem.
FEWEST = 3
#: Reach that says "something on the way, or the machine itself, is gone".
GONE = frozenset({Reach.UNREACHABLE, Reach.FROZEN})


@dataclass(frozen=True, slots=True)
class _Lost:
    """A site of which nothing is heard: all its hosts, those that fell silent, since when."""

    within: Sequence[HostRow]
    silent: Sequence[HostRow]
    since: int


def at_once(
    rows: Mapping[str, HostRow], hosts: Mapping[str, Host], said: Mapping[str, int], every_ms: int
) -> Iterator[tuple[Problem, Sequence[HostRow]]]:
    """What many hosts have in common as a cause, and those hosts.

    A site is lost only where nothing answers: a refused connection is an answer, and so is one
    that is taken and then ignored. With every site lost at once the one thing they have in common
    is this machine.
    """
    by_site: dict[str, list[HostRow]] = {}
    for name in hosts:
        by_site.setdefault(rows[name].site, []).append(rows[name])
    found = {site: _lost(within, said, every_ms) for site, within in by_site.items()}
    lost = {site: each for site, each in found.items() if each is not None}
    if len(lost) == len(by_site) > 1 and _together(lost.values()):
        yield _everything_problem(lost.values()), [r for each in lost.values() for r in each.silent]
        return
    for site, within in by_site.items():
        if site in lost:
            yield _site_problem(site, lost[site]), lost[site].silent
            continue
        for answer, gives in _ANSWERS.items():
            like = [row for row in within if gives(row)]
            if len(like) >= FEWEST and 2 * len(like) > len(within):
                yield _answer_problem(answer, site, like, within), like


def _lost(within: Sequence[HostRow], said: Mapping[str, int], every_ms: int) -> _Lost | None:
    """A site all of whose hosts are silent, or most of them and no other was heard since.

    A host that answered before, if only to refuse us, counts again once it answers anew: until it
    is asked that long ago says nothing. Those that fell silent must have been heard before, so that
    a watch that has only begun does not take slow hosts for lost ones.
    """
    silent = [row for row in within if _silent(row) or _fell_silent(row)]
    most = len(within) // 2 + 1
    if len(silent) < len(within):
        heard = sorted(row.at for row in within if row.at is not None and _unheard(row))
        if len(heard) < max(FEWEST, most) or len(silent) < FEWEST:
            return None
        # Hosts are sampled in turn: the last word of one is up to a round older than another's.
        fell = heard[most - 1] + every_ms
        if any(_heard(row, said) > fell for row in within if not _unheard(row)):
            return None
    elif not any(map(_silent, within)) and len(within) < FEWEST:
        return None
    last = max((row.at for row in silent if row.at is not None), default=0)
    return _Lost(within, silent, max(_most_since(map(_fell, silent), most), last))


def _most_since(since: Iterable[int], most: int) -> int:
    """When the `most`-th of hosts came to be as they are.

    Not the first: one of them may have been odd for weeks. And not the last: those that are asked
    seldom are found so much later.
    """
    times = sorted(since)
    return times[min(most, len(times)) - 1]


def _fell(row: HostRow) -> int:
    """When a host fell silent: its last word, where that was just before it was found silent.

    It stays the same while the host turns from hung to unreachable. One that is late is so since a
    few rounds were missed, and not since the last that was not.
    """
    if row.at is None or row.reach is Reach.LATE:
        return row.since
    return row.at if 0 <= row.since - row.at <= AT_ONCE_MS else row.since


def _heard(row: HostRow, said: Mapping[str, int]) -> int:
    """When a host that is not silent last gave a sign of life, UTC ms."""
    answered = said.get(row.name, row.since)
    return max(row.at or 0, answered) if row.reach is Reach.LIVE else answered


def _unheard(row: HostRow) -> bool:
    """Whether nothing is heard from a host that is not just as it was: it may be dialled anew."""
    return _silent(row) or _fell_silent(row) or row.reach is Reach.CONNECTING


def _silent(row: HostRow) -> bool:
    """Whether nothing is heard from a host, as far as it was asked."""
    late = row.reach is Reach.LATE
    return late or (row.reach is Reach.UNREACHABLE and not (_refuses(row) or _greets(row)))


def _fell_silent(row: HostRow) -> bool:
    """Whether a host was connected to, and nothing was heard since: its site may be gone meanwhile.

    One that hangs before it greets has just taken a connection, and so its site is there.
    """
    stages = (Stage.CHANNEL, Stage.SAMPLER, Stage.TIMEOUT)
    return row.reach is Reach.FROZEN and row.cause is not None and row.cause.stage in stages


def _refuses(row: HostRow) -> bool:
    # The words are those of ECONNREFUSED (dial.py), or of the jump host's sshd for the same.
    cause = row.cause
    return (
        row.reach is Reach.UNREACHABLE
        and cause is not None
        and not cause.hop
        and cause.stage is Stage.CONNECT
        and "connection refused" in cause.what.lower()
    )


def _greets(row: HostRow) -> bool:
    """Whether a connection was taken, though SSH came to nothing."""
    return row.cause is not None and not row.cause.hop and row.cause.stage in _AFTER_CONNECT


_AFTER_CONNECT = frozenset({Stage.BANNER, Stage.KEX, Stage.HOST_KEY, Stage.AUTH})

#: Answers that many hosts of a site may give alike.
_ANSWERS: Mapping[str, Callable[[HostRow], bool]] = {
    "refusing": _refuses,
    "frozen": lambda row: row.reach is Reach.FROZEN,
}


def answered(cause: Problem) -> bool:
    """Whether hosts under a cause said themselves what they say: nothing stands before them."""
    return any(cause.id == f"site/{cause.site}/{answer}" for answer in _ANSWERS)


def _together(sites: Iterable[_Lost]) -> bool:
    """Whether sites went at once: each within a moment of the others."""
    since = [site.since for site in sites]
    return max(since) - min(since) <= AT_ONCE_MS


def _everything_problem(sites: Collection[_Lost]) -> Problem:
    silent = [row for site in sites for row in site.silent]
    hosts = sum(len(site.within) for site in sites)
    reaches = {row.reach for row in silent}
    glyph = "lost" if Reach.UNREACHABLE in reaches else "frozen"
    said = {"sites": str(len(sites)), "hosts": f"{hosts:,}"}
    if not reaches & GONE:
        glyph = "stale"
        what = told("all {sites} sites stale: all {hosts} hosts are late", **said)
    elif glyph == "frozen":  # not dialled anew yet
        said["some"] = f"{len(silent):,}"
        what = told("all {sites} sites silent: {some} of {hosts} hosts say no more", **said)
    elif len(silent) == hosts:
        what = told("all {sites} sites lost: none of {hosts} hosts answers", **said)
    else:
        said["some"] = f"{len(silent):,}"
        what = told("all {sites} sites lost: {some} of {hosts} hosts silent, no other heard since",
                    **said)  # fmt: skip
    return _cause(
        EVERYTHING,
        "bastion",
        what,
        told("everything at once: look at this machine's network first"),
        glyph=glyph,
        since=max(site.since for site in sites),
    )


def _site_problem(site: str, lost: _Lost) -> Problem:
    hosts, some = f"{len(lost.within):,}", f"{len(lost.silent):,}"
    whole = len(lost.silent) == len(lost.within)
    glyph, why = "lost", told("a site at once: its link, its power, or the way from here")
    if any(row.reach is Reach.UNREACHABLE for row in lost.silent):
        what = told("site lost: none of {hosts} hosts answers", hosts=hosts)
        if not whole:
            what = told(
                "site lost: {some} of {hosts} hosts silent, no other heard since",
                some=some, hosts=hosts,
            )  # fmt: skip
    elif any(row.reach is Reach.FROZEN for row in lost.silent):
        glyph, what = "frozen", told("site silent: none of {hosts} hosts is heard", hosts=hosts)
        if not whole:
            what = told(
                "site silent: {some} of {hosts} hosts, no other heard since",
                some=some, hosts=hosts,
            )  # fmt: skip
        why = told("a site at once: its link, its power, or what its hosts share")
    else:
        glyph, what = "stale", told("site stale: all {hosts} hosts are late", hosts=hosts)
        if not whole:
            what = told("site stale: {some} of {hosts} hosts are late", some=some, hosts=hosts)
        why = told("a site at once: the link to it is busy or cut")
    return _cause(f"site/{site}", site, what, why, site=site, glyph=glyph, since=lost.since)


def _answer_problem(
    answer: str, site: str, like: Sequence[HostRow], within: Sequence[HostRow]
) -> Problem:
    id_, since = (
        f"site/{site}/{answer}",
        _most_since((row.since for row in like), max(FEWEST, len(within) // 2 + 1)),
    )
    many = f"{len(like):,}"
    if len(like) != len(within):
        many = told("{some} of {all}", some=many, all=f"{len(within):,}")
    if answer == "refusing":
        what = told("{many} hosts refuse connections", many=many)
        why = told("they answer: sshd is down on them, or the port is wrong")
        glyph = "unreachable"
        return _cause(id_, site, what, why, site=site, glyph=glyph, since=since)
    what = told("{many} hosts take connections and say nothing", many=many)
    if any(map(_fell_silent, like)):  # not dialled anew yet: nobody knows what it takes
        what = told("{many} hosts have fallen silent", many=many)
    why = told("they hang alike: look at what they share, storage or hypervisor")
    return _cause(id_, site, what, why, site=site, glyph="frozen", since=since)


def _cause(
    id_: str, where: str, what: str, why: str, *, since: int, site: str = "", glyph: str
) -> Problem:
    """A cause that explains hosts; `_folded` says which ones."""
    stale = glyph == "stale"
    severity = Severity.UNKNOWN if stale else Severity.CRITICAL
    return Problem(id_, where, what, why, severity, since, kind="reach", site=site, glyph=glyph)
