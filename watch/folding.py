"""Which hosts are lost by themselves, and which only because something before them is.

A host behind a lost jump host, and the hosts of a site that is lost as a whole, are consequences:
each has one root cause as its parent, so that a person reads one problem and counts it once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from estate.document import HostRow, Problem, Severity
from estate.model import Host
from estate.samples import Cause, Reach
from watch import words

#: Reach that says "something on the way, or the machine itself, is gone".
GONE = frozenset({Reach.UNREACHABLE, Reach.FROZEN})
#: Reach that is a problem of its own; CONNECTING is not yet one.
BAD = GONE | {Reach.REFUSED, Reach.UNTRUSTED, Reach.LATE}

#: How bad a reach is by itself.
REACH_SEVERITY: Mapping[Reach, Severity] = {
    Reach.LIVE: Severity.OK,
    Reach.UNREACHABLE: Severity.CRITICAL,
    Reach.FROZEN: Severity.CRITICAL,
    # Not known to be down: nobody could look, or we must not.
    Reach.CONNECTING: Severity.UNKNOWN,
    Reach.LATE: Severity.UNKNOWN,
    Reach.REFUSED: Severity.UNKNOWN,
    Reach.UNTRUSTED: Severity.UNKNOWN,
}

_REMEDIES: Mapping[Reach, str] = {
    Reach.LATE: "Its figures are from then: it, or the way to it, is busy.",
    Reach.FROZEN: "TCP answers and SSH does not: it is out of memory, or its disk hangs.",
    Reach.UNREACHABLE: "Look at it from its own console.",
}


@dataclass(frozen=True, slots=True)
class Folded:
    """Problems of reach, and for each explained host the name of what it stands behind."""

    problems: tuple[Problem, ...] = ()
    behind: Mapping[str, str] = field(default_factory=dict)


def fold(rows: Mapping[str, HostRow], hosts: Mapping[str, Host], timezone: str) -> Folded:
    """The reach problems of `rows`, consequences under their root cause.

    `hosts` are the collected hosts of the estate, by name, each with a row.
    """
    own = {name: _own_problem(rows[name], timezone) for name in hosts if rows[name].reach in BAD}
    if not own:
        return Folded()
    names = _names(hosts)
    causes = {problem.id: problem for problem in own.values()}
    above: dict[str, str] = {}  # problem -> the problem that explains it
    for name, problem in own.items():
        cause = _before(rows[name], hosts[name].jump, names, own)
        # Two that blame each other: the first one does, the second has itself to blame.
        if cause is not None and _root(cause.id, above) != problem.id:
            above[problem.id] = causes.setdefault(cause.id, cause).id
    for site, within in _lost_sites(rows, hosts).items():
        members = [own[row.name].id for row in within]
        if len({_root(each, above) for each in members}) > 1:
            cause = _site_problem(site, within)
            causes[cause.id] = cause
            for each in members:
                above.setdefault(each, cause.id)
    return _folded(own, causes, above)


def _folded(
    own: Mapping[str, Problem], causes: Mapping[str, Problem], above: Mapping[str, str]
) -> Folded:
    """Problems of hosts under their roots, and other causes with the hosts they explain."""
    problems: list[Problem] = []
    behind: dict[str, str] = {}
    explained: dict[str, list[Problem]] = {}
    for name, problem in own.items():
        root = causes[_root(problem.id, above)]
        if root is problem:
            problems.append(problem)
            continue
        behind[name] = root.where
        explained.setdefault(root.id, []).append(problem)
        what = f"{problem.what.partition(':')[0]}: behind {root.where}"
        why = f"no way to it but through {root.where}" if root.site != root.where else root.why
        problems.append(replace(problem, parent=root.id, what=what, why=why, glyph="behind"))
    for cause, consequences in explained.items():
        if causes[cause].hosts == ():
            hosts = tuple(each.where for each in consequences)
            since = min(each.since for each in consequences)
            problems.append(replace(causes[cause], hosts=hosts, since=since))
    return Folded(tuple(problems), behind)


def _root(problem: str, above: Mapping[str, str]) -> str:
    """The first cause on the way up."""
    while (cause := above.get(problem)) is not None:
        problem = cause
    return problem


def _own_problem(row: HostRow, timezone: str) -> Problem:
    remedy = (row.cause.remedy if row.cause else "") or _REMEDIES.get(row.reach, "")
    seen = ""
    if row.reach in GONE and row.at is not None:
        seen = words.last_seen(row.at, row.values, timezone)
    return Problem(
        id=f"{row.name}/reach",
        where=row.name,
        what=words.reach_words(row.reach, row.cause, row.at, timezone),
        why=". ".join(part for part in (seen, remedy) if part),
        severity=REACH_SEVERITY[row.reach],
        since=row.since,
        kind="reach",
        hosts=(row.name,),
        site=row.site,
        glyph=words.reach_glyph(row.reach, row.at),
    )


# --- what stands before a host ------------------------------------------------------------------


def _before(
    row: HostRow, jump: str, names: Mapping[str, str], own: Mapping[str, Problem]
) -> Problem | None:
    """The problem that explains `row`: one of `own`, of a jump host, or one of a host outside."""
    if row.reach not in GONE:
        return None
    if row.cause is not None and row.cause.hop:
        said = _bare(row.cause.hop)
        if said not in names:
            return _jump_problem(said, row.cause, row.since)
        hop = names[said]
        return own.get(hop) if hop != row.name else None
    for each in jump.split(","):
        hop = names.get(_bare(each), "")
        if hop in own and hop != row.name and own[hop].glyph != "stale":
            return own[hop]
    return None


def _bare(hop: str) -> str:
    """`user@host:port` without user and port."""
    host = hop.strip().rpartition("@")[2]
    head, _, port = host.rpartition(":")
    return head.strip("[]") if head and port.isdigit() and head.count(":") == 0 else host


def _names(hosts: Mapping[str, Host]) -> Mapping[str, str]:
    """What a jump host may be called, and its name: addresses too, where only one host has it."""
    having = Counter(host.address for host in hosts.values() if host.address)
    return {
        **{host.address: name for name, host in hosts.items() if having[host.address] == 1},
        **{name: name for name in hosts},
    }


def _jump_problem(hop: str, cause: Cause, since: int) -> Problem:
    """A jump host that the estate does not know has failed."""
    return Problem(
        id=f"jump/{hop}",
        where=hop,
        what=f"jump host: {cause.what}",
        why=cause.remedy or "every host behind it is out of sight",
        severity=Severity.CRITICAL,
        since=since,
        kind="reach",
        glyph="down",
    )


# --- a whole site -------------------------------------------------------------------------------


def _lost_sites(
    rows: Mapping[str, HostRow], hosts: Mapping[str, Host]
) -> Mapping[str, tuple[HostRow, ...]]:
    """Sites of which not one host is live, refusing or distrusted."""
    by_site: dict[str, list[HostRow]] = {}
    for name in hosts:
        by_site.setdefault(rows[name].site, []).append(rows[name])
    return {
        site: tuple(within)
        for site, within in by_site.items()
        if all(row.reach in GONE | {Reach.LATE} for row in within)
    }


def _site_problem(site: str, within: Sequence[HostRow]) -> Problem:
    gone = any(row.reach in GONE for row in within)
    if gone:
        what = f"site lost: none of {len(within)} hosts answers"
        why = "a site at once: its link, its power, or the way from here"
    else:
        what = f"site stale: all {len(within)} hosts are late"
        why = "a site at once: the link to it is busy or cut"
    return Problem(
        id=f"site/{site}",
        where=site,
        what=what,
        why=why,
        severity=Severity.CRITICAL if gone else Severity.UNKNOWN,
        since=0,
        kind="reach",
        site=site,
        glyph="lost" if gone else "stale",
    )
