"""The hosts that would take over: are there enough of them, and can the runbook reach its own?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from estate.document import Severity
from estate.model import Host, Need
from estate.readiness import Bearing, FindingRow
from estate.samples import Reach
from estate.told import Told, told
from watch import words
from watch.readiness.subject import Subject

#: Hosts that a finding names before it counts the others.
NAMED = 3
#: Kinds of problems that have findings of their own. A standby without its primary can't stream:
#: it must take over all the same.
_LOOKED_AT = ("replication", "certificate", "backup", "address", "backend")
#: What a host that can't be reached now may still be: nobody knows.
_DOUBTFUL = frozenset({Reach.LATE, Reach.CONNECTING})


def carriers(subject: Subject) -> Iterator[FindingRow]:
    """Each group that the service needs: enough well hosts of it at the site that takes over."""
    for need in subject.service.needs:
        if need.at in ("active site", subject.to):
            yield _carried(subject, need)


def _carried(subject: Subject, need: Need) -> FindingRow:
    asked = told("{group} at {site}, {count} needed", group=need.group, site=subject.to,
                 count=str(need.k))  # fmt: skip
    hosts = subject.needed_hosts(need.group, subject.to)
    well, doubtful, out = _sorted(subject, hosts)
    missing = _listed(subject, (*doubtful, *out))
    count, total = str(len(well)), str(len(hosts))
    said = told("{count} of {total} well", count=count, total=total)
    if missing:
        said = told("{count} of {total} well: {hosts}", count=count, total=total, hosts=missing)
    if len(well) >= need.k:
        bearing, todo = (Bearing.NOTE if missing else Bearing.PASSES), ""
    elif len(well) + len(doubtful) >= need.k:
        todo = told("wait until they answer, or see why not: twinwatch hosts")
        bearing = Bearing.UNKNOWN
    else:
        bearing, todo = Bearing.STOPS, told("mend them, or add hosts there")
    return FindingRow(asked, bearing, said, "hosts", _seen_at(subject, hosts), todo)


def reached(subject: Subject) -> Iterator[FindingRow]:
    """The runbook's own hosts: those that take over must answer, those that are left need not."""
    planned = subject.planned_hosts()
    groups = {need.group for need in subject.service.needs}
    there = [host for host in planned if host.site == subject.to and groups.isdisjoint(host.groups)]
    if there:
        yield _reached(subject, there)
    elsewhere = [host for host in planned if host.site != subject.to]
    silent = [host for host in elsewhere if not _live(subject, host)]
    if silent:
        asked = told("The hosts that are left")
        said = told("not to be stopped by SSH: {hosts}", hosts=_listed(subject, silent))
        todo = told("have them fenced by hand: the runbook asks for it, or waits for them")
        yield FindingRow(asked, Bearing.NOTE, said, "hosts", subject.document.at, todo)


def _reached(subject: Subject, hosts: list[Host]) -> FindingRow:
    asked = told("The runbook's other hosts at {site}", site=subject.to)
    silent = [host for host in hosts if not _live(subject, host)]
    count, total = str(len(hosts) - len(silent)), str(len(hosts))
    said = told("{count} of {total} reached", count=count, total=total)
    at = _seen_at(subject, hosts)
    if not silent:
        return FindingRow(asked, Bearing.PASSES, said, "hosts", at)
    said = told("{said}: {hosts}", said=said, hosts=_listed(subject, silent))
    todo = told("see why they do not answer: twinwatch hosts")
    out = any(_reach(subject, host) not in _DOUBTFUL for host in silent)
    bearing = Bearing.STOPS if out else Bearing.UNKNOWN
    return FindingRow(asked, bearing, said, "hosts", at, todo)


def _sorted(subject: Subject, hosts: Iterable[Host]) -> tuple[list[Host], list[Host], list[Host]]:
    """Hosts that are well, those of which nobody knows, and those that could not serve."""
    ill = {
        name
        for problem in subject.document.problems
        if problem.severity is Severity.CRITICAL
        and not problem.parent
        and not problem.kind.startswith(_LOOKED_AT)
        for name in problem.hosts
    }
    well: list[Host] = []
    doubtful: list[Host] = []
    out: list[Host] = []
    for host in hosts:
        if _reach(subject, host) in _DOUBTFUL:
            doubtful.append(host)
        elif _live(subject, host) and host.name not in ill:
            well.append(host)
        else:
            out.append(host)
    return well, doubtful, out


def _reach(subject: Subject, host: Host) -> Reach:
    row = subject.document.hosts.get(host.name)
    return Reach.CONNECTING if row is None else row.reach


def _live(subject: Subject, host: Host) -> bool:
    return _reach(subject, host) is Reach.LIVE


def _listed(subject: Subject, hosts: Iterable[Host]) -> str:
    """Hosts by name, each with what is wrong with it."""
    names = [
        told("{host} {state}", host=host.name, state=_trouble(subject, host)) for host in hosts
    ]
    if not names:
        return ""
    said = words.listed(names[:NAMED])
    more = str(len(names) - NAMED)
    return told("{hosts} and {count} more", hosts=said, count=more) if len(names) > NAMED else said


def _trouble(subject: Subject, host: Host) -> str:
    row = subject.document.hosts.get(host.name)
    if row is None:
        return told("not seen yet")
    if row.reach is not Reach.LIVE:
        return told("stale") if row.reach is Reach.LATE else Told(row.reach.value, {})
    return row.why or told("ill")


def _seen_at(subject: Subject, hosts: Iterable[Host]) -> int | None:
    """The oldest of what is known of hosts; None where one was never seen."""
    times = [row.at for host in hosts if (row := subject.document.hosts.get(host.name)) is not None]
    known = [at for at in times if at is not None]
    return min(known) if known and len(known) == len(times) else None
