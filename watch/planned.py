"""What is wrong because somebody asked for it: under planned work, or in a run of ours.

It is shown, and is not loud, for just as long as it is asked for. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from estate.document import HostRow, Problem, Severity
from estate.fields import host_fields
from estate.filter import parse
from estate.model import Maintenance
from estate.runs import ChangedHosts
from estate.told import told


@dataclass(frozen=True, slots=True)
class Planned:
    """What is asked for at one moment: the window of each host under planned work, and what runs
    that go on have changed."""

    windows: Mapping[str, Maintenance] = field(default_factory=dict)
    runs: Sequence[ChangedHosts] = ()

    def judged(self, problem: Problem) -> Problem:
        """`problem` as it counts while all its hosts are under planned work."""
        return self._under(problem, problem.hosts)

    def emptied(self, problem: Problem, servers: Sequence[str]) -> Problem:
        """`problem`, a backend of which every server was taken out by intent, as it counts while
        that was asked for: by planned work on all those `servers`, or in a run that has changed the
        proxy or all of them. `servers` is empty where they have no names.

        It is loud as soon as the run has ended, and where it was so before the run began.
        """
        under = self._under(problem, servers)
        if under.severity is Severity.MAINTENANCE:
            return under
        for each in self.runs:
            if problem.since >= each.began and _has_changed(each, problem.where, servers):
                why = told("taken out during {runbook}: critical if run {run} leaves it so",
                           runbook=each.runbook, run=each.run)  # fmt: skip
                return _quiet(problem, each.by, why=why)
        return problem

    def _under(self, problem: Problem, names: Sequence[str]) -> Problem:
        if not names or not all(name in self.windows for name in names):
            return problem
        window = self.windows[names[0]]
        return _quiet(problem, window.owner or "planned", until=window.ends)


def _has_changed(run: ChangedHosts, proxy: str, servers: Sequence[str]) -> bool:
    return proxy in run.hosts or (bool(servers) and run.hosts.issuperset(servers))


def _quiet(
    problem: Problem, owner: str, *, until: int | None = None, why: str | None = None
) -> Problem:
    return replace(
        problem,
        severity=Severity.MAINTENANCE,
        owner=owner,
        until=until,
        why=problem.why if why is None else why,
        glyph="maintenance",
    )


class PlannedWork:
    """The windows of an estate, with the hosts that each selects."""

    def __init__(self, windows: Iterable[Maintenance], rows: Mapping[str, HostRow]) -> None:
        self._windows = [(each, _selected(each, rows)) for each in windows]

    def at(self, now: int, runs: Sequence[ChangedHosts] = ()) -> Planned:
        """What is asked for at `now`, UTC ms; `runs` go on."""
        open_now = (
            (host, window)
            for window, hosts in self._windows
            if window.starts <= now < window.ends
            for host in hosts
        )
        return Planned(dict(open_now), runs)


def _selected(window: Maintenance, rows: Mapping[str, HostRow]) -> frozenset[str]:
    """The hosts that a window's filter selects, by what the estate says of them."""
    selects = parse(window.where)
    return frozenset(name for name, row in rows.items() if selects.matches(host_fields(row, 0)))
