"""What follows from lost hosts: services that can't work without them, and all that names them.

`watch.folding` finds the causes among the hosts themselves. Here everything else that is wrong is
put under the cause that explains it, so that a site that is cut is one problem, whatever was
running there. A consequence is never worse than its cause: what is worse stands for itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from estate.document import HostRow, Problem, Severity
from estate.model import Estate, Need, Service
from estate.ordering import RANK
from estate.samples import Reach
from watch.atonce import EVERYTHING, GONE

#: A service that went down this long before, or after, its hosts were found lost went with them:
#: finding out that a host is lost takes a time-out or two, and so does asking a service.
BEFORE_MS = 120_000
AFTER_MS = 300_000


def rooted(
    problems: Iterable[Problem], estate: Estate, rows: Mapping[str, HostRow]
) -> tuple[Problem, ...]:
    """`problems`, each of which names the lost cause that explains it as its parent, if one does.

    `rows` are all hosts that are watched.
    """
    every = {each.id: each for each in problems}
    lost = _lost(every)
    if not lost:
        return tuple(every.values())
    return tuple(
        each if each.parent or each.kind == "reach" else _under(each, lost, estate, rows)
        for each in every.values()
    )


def _lost(every: Mapping[str, Problem]) -> dict[str, Problem]:
    """Hosts that can't be reached, and the first cause of it."""
    return {
        each.where: _root(each, every)
        for each in every.values()
        if each.kind == "reach" and each.hosts == (each.where,)
    }


def _root(problem: Problem, every: Mapping[str, Problem]) -> Problem:
    seen = {problem.id}
    while problem.parent in every and problem.parent not in seen:
        problem = every[problem.parent]
        seen.add(problem.id)
    return problem


def _under(
    problem: Problem, lost: Mapping[str, Problem], estate: Estate, rows: Mapping[str, HostRow]
) -> Problem:
    """`problem` under the cause that explains it; of several, under the one that explains most."""
    if problem.kind == "service":
        service = estate.services.get(problem.where)
        hosts = _missed(problem, service, estate, rows, lost) if service is not None else ()
    elif problem.hosts:
        hosts = tuple(host for host in problem.hosts if host in lost)
    else:  # of a site as a whole, such as a queue
        at = f"site/{problem.site}"
        hosts = tuple(host for host, root in lost.items() if root.id == at)
    if problem.blames and all(host in lost for host in problem.blames):
        hosts += problem.blames
    causes = Counter(lost[host].id for host in hosts)
    roots = {lost[host].id: lost[host] for host in hosts}
    for cause, _ in sorted(causes.items(), key=lambda each: (-each[1], each[0])):
        if RANK[roots[cause].severity] <= RANK[problem.severity]:
            return replace(problem, parent=cause)
    return problem


# --- services -----------------------------------------------------------------------------------


def _missed(
    problem: Problem,
    service: Service,
    estate: Estate,
    rows: Mapping[str, HostRow],
    lost: Mapping[str, Problem],
) -> tuple[str, ...]:
    """The lost hosts without which `service` can't work, none where it could.

    Where it may be carried by several sites nobody declares by which it is: that one of them is
    short explains it only if it went down as that happened.
    """
    if problem.severity is Severity.UNKNOWN and EVERYTHING in {e.id for e in lost.values()}:
        return tuple(lost)  # with no way out of this machine nothing can be asked from it either
    missed: list[str] = []
    for need in service.needs:
        short = [_short(need, sites, rows, lost) for sites in _sites(need, estate)]
        if all(short):
            missed += (host for hosts in short for host in hosts)
        else:
            missed += (
                host
                for hosts in short
                for host in hosts
                if -BEFORE_MS <= problem.since - lost[host].since <= AFTER_MS
            )
    return tuple(dict.fromkeys(missed))


def _short(
    need: Need,
    sites: frozenset[str],
    rows: Mapping[str, HostRow],
    lost: Mapping[str, Problem],
) -> tuple[str, ...]:
    """The lost hosts of a group at `sites` if fewer than it needs are left there; else none."""
    group = [row for row in rows.values() if need.group in row.groups and row.site in sites]
    gone = tuple(row.name for row in group if row.name in lost and _is_gone(row))
    return gone if len(group) - len(gone) < need.k else ()


def _is_gone(row: HostRow) -> bool:
    return row.reach in GONE or row.reach is Reach.LATE


def _sites(need: Need, estate: Estate) -> Iterator[frozenset[str]]:
    """The sites that may carry what is needed, each by itself, or all together for "any site"."""
    if need.at == "any site":
        yield frozenset(estate.sites)
    elif need.at == "active site":
        yield from (frozenset((key,)) for key in estate.sites)
    else:
        yield frozenset((need.at,))
