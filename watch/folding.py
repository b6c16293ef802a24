"""Which hosts are lost by themselves, and which only because something before them is.

A host behind a lost jump host, the hosts of a site that is lost as a whole, and many hosts of a
site that turn connections away alike, are consequences: each has one root cause as its parent, so
that a person reads one problem and counts it once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from estate.document import HostRow, Problem, Severity
from estate.model import Host
from estate.samples import Cause, Reach, Stage
from estate.told import Told, told
from watch import words
from watch.atonce import EVERYTHING, GONE, answered, at_once

#: Reach that is a problem of its own; CONNECTING is not yet one.
BAD = GONE | {Reach.REFUSED, Reach.UNTRUSTED, Reach.LATE}

#: How bad a reach is by itself.
_REACH_SEVERITY: Mapping[Reach, Severity] = {
    Reach.LIVE: Severity.OK,
    Reach.UNREACHABLE: Severity.CRITICAL,
    Reach.FROZEN: Severity.CRITICAL,
    # Not known to be down: nobody could look, or we must not.
    Reach.CONNECTING: Severity.UNKNOWN,
    Reach.LATE: Severity.UNKNOWN,
    Reach.REFUSED: Severity.UNKNOWN,
    Reach.UNTRUSTED: Severity.UNKNOWN,
}

#: How the cause of a host key begins that is not the one we know: somebody may answer in its place.
_IMPOSTOR = ("host key differs", "host key changed", "host key is revoked")


def severity_of(reach: Reach, cause: Cause | None) -> Severity:
    """How bad it is that a host is reached no further; a possible impostor is critical."""
    if reach is Reach.UNTRUSTED and cause is not None and cause.stage is Stage.HOST_KEY:
        # An unknown key is no more than unknown: nobody has looked at it yet.
        return Severity.CRITICAL if cause.what.lower().startswith(_IMPOSTOR) else Severity.UNKNOWN
    return _REACH_SEVERITY[reach]


_REMEDIES: Mapping[Reach, str] = {
    Reach.LATE: told("Its figures are from then: it, or the way to it, is busy."),
    Reach.FROZEN: told("TCP answers and SSH does not: it is out of memory, or its disk hangs."),
    Reach.UNREACHABLE: told("Look at it from its own console."),
}


@dataclass(frozen=True, slots=True)
class Folded:
    """Problems of reach, and for each explained host the name of what it stands behind."""

    problems: tuple[Problem, ...] = ()
    behind: Mapping[str, str] = field(default_factory=dict)


def fold(
    rows: Mapping[str, HostRow],
    hosts: Mapping[str, Host],
    timezone: str,
    *,
    said: Mapping[str, int],
    every_ms: int,
) -> Folded:
    """The reach problems of `rows`, consequences under their root cause.

    `hosts` are the collected hosts of the estate, by name, each with a row; `said` is when the
    reach of each was last found, or found again, UTC ms. Hosts are sampled every `every_ms`.
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
    for cause, within in at_once(rows, hosts, said, every_ms):
        members = [own[row.name].id for row in within if row.name in own]
        if len({_root(each, above) for each in members}) > 1:
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
        if not answered(root):
            behind[name] = root.where
        explained.setdefault(root.id, []).append(problem)
        problems.append(_consequence(problem, root))
    for cause, consequences in explained.items():
        if causes[cause].hosts == ():
            hosts = tuple(each.where for each in consequences)
            since = causes[cause].since or min(each.since for each in consequences)
            problems.append(replace(causes[cause], hosts=hosts, since=since))
    return Folded(tuple(problems), behind)


def _consequence(problem: Problem, root: Problem) -> Problem:
    if answered(root):  # the host itself said what it says, so nothing stands before it
        return replace(problem, parent=root.id)
    state = Told(problem.what.partition(":")[0], {})
    what = told("{state}: behind {host}", state=state, host=root.where)
    alone = root.site == root.where or root.id == EVERYTHING
    why = root.why if alone else told("no way to it but through {host}", host=root.where)
    return replace(problem, parent=root.id, what=what, why=why, glyph="behind")


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
        why=words.sentences((seen, remedy)),
        severity=severity_of(row.reach, row.cause),
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
            return _jump_problem(said, row.cause)
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


def _jump_problem(hop: str, cause: Cause) -> Problem:
    """A jump host that the estate does not know has failed; `_folded` says since when."""
    return Problem(
        id=f"jump/{hop}",
        where=hop,
        what=told("jump host: {why}", why=cause.what),
        why=cause.remedy or told("every host behind it is out of sight"),
        severity=Severity.CRITICAL,
        since=0,
        kind="reach",
        glyph="down",
    )
