"""The board: observations go in, and out comes the picture that every console shows.

Pure: no clock, no I/O. `absorb` takes what was observed since the last time and gives the change
of the picture; it also lets hosts grow old about which nothing was heard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from estate.attention import Acknowledgement
from estate.availability import AllTenantsRow, ServiceRow, TenantRow
from estate.document import (
    Change,
    Document,
    Event,
    HostDetail,
    HostRow,
    Problem,
    Severity,
    SiteRow,
    WatchRow,
)
from estate.model import Estate, Label, Maintenance, Site
from estate.ordering import RANK
from estate.runs import ChangedHosts, RunRow
from estate.samples import Observation, Reach
from estate.thresholds import JUDGED
from estate.told import told
from estate.wire import EVENTS_KEPT, diff
from watch import words
from watch.alike import Found, fold_alike, is_fold
from watch.attention.standing import Attention
from watch.attention.words import SILENCES
from watch.attention.words import ended as attention_ended
from watch.clocksteps import ClockSteps
from watch.folding import fold, severity_of
from watch.judge import thresholds_for
from watch.ordering import ordered
from watch.planned import Planned, PlannedWork
from watch.roots import rooted
from watch.spark import CELLS
from watch.standing.addresses import Addresses
from watch.standing.picture import Picture
from watch.state import HostState
from watch.telling import Telling, is_host


class Board:
    """The estate's picture. `document` is the present one; it is never mutated.

    After a restart `restored` is the picture as it was saved, and `events` are the last ones on
    record, newest first; new ones count on from `last_event_id`. `steps` are those of the clock,
    which whoever reads it adds to.
    """

    def __init__(
        self,
        estate: Estate,
        watch: WatchRow,
        now: int,
        *,
        restored: Document | None = None,
        events: tuple[Event, ...] = (),
        last_event_id: int = 0,
        steps: ClockSteps | None = None,
    ) -> None:
        self._estate = estate
        self._states: dict[str, HostState] = {}
        self._telling = Telling(last_event_id, steps or ClockSteps())
        self._watch = watch
        self._runs: tuple[RunRow, ...] = ()
        self._changed: tuple[ChangedHosts, ...] = ()
        self._services: tuple[ServiceRow, ...] = ()
        self._tenants: tuple[TenantRow, ...] = ()
        self._all_tenants: tuple[AllTenantsRow, ...] = ()
        self._service_problems: tuple[Problem, ...] = ()
        self._parts: dict[str, Any] = {}  # each of its field
        self._told_elsewhere: dict[str, tuple[Problem, ...]] = {}
        self._on_hosts = Picture()
        self._addresses = Addresses()
        self.attention = Attention()
        self.defects: dict[str, Exception] = {}
        self._complete = False
        self.document = replace(_blank(estate, watch, now), events=events[:EVENTS_KEPT])
        self._take(estate, now)
        if restored is not None:
            self._restore(restored)
        self.document = self._picture(now, seq=1)

    # --- what comes in ----------------------------------------------------------------------------

    def absorb(self, observations: Iterable[Observation], now: int) -> Change | None:
        """Take in what was observed until `now` (UTC ms); the change of the picture.

        None while nothing changed for less than a cadence. Observations of hosts that the estate
        no longer has are dropped; a defect of ours that one trips over is left in `defects`, by
        host, for whoever can tell of it. Call it once a cadence even when nothing was observed:
        hosts grow late by it, and planned work begins and ends.
        """
        for observation in observations:
            state = self._states.get(observation.host)
            if state is not None:
                try:
                    state.observe(observation)
                except Exception as error:  # ours, and of one host: the others' are taken in
                    self.defects[observation.host] = error
        for state in self._states.values():
            state.age(now)
        before = self.document
        after = self._picture(now, seq=before.seq + 1)
        change = diff(before, after)
        nothing = change == Change(seq=after.seq, at=after.at)
        if nothing and now - before.at < self._estate.every_ms:
            return None  # a quiet board still says once a cadence that it is up to date
        self.document = after
        return change

    def say(self, severity: Severity, where: str, what: str, cleared: str = "") -> None:
        """Something happened to the watch itself, or problem `cleared` is over; it is an event of
        the next change."""
        self._telling.say(severity, where, what, cleared)

    def describe(self, watch: WatchRow) -> None:
        """What the watch says of itself from the next change on."""
        self._watch = replace(watch, restored_until=self._watch.restored_until)

    def show_runs(self, runs: tuple[RunRow, ...], changed: tuple[ChangedHosts, ...] = ()) -> None:
        """The runs there are, newest first, from the next change on; and what those have changed
        that go on."""
        self._runs, self._changed = runs, changed

    def show_services(
        self,
        services: tuple[ServiceRow, ...],
        tenants: tuple[TenantRow, ...],
        problems: tuple[Problem, ...],
        all_tenants: tuple[AllTenantsRow, ...] = (),
    ) -> None:
        """Services, tenants and what is wrong with them, from the next change on.

        The ledger tells what became of them; the board only shows it.
        """
        self._services, self._tenants, self._service_problems = services, tenants, problems
        self._all_tenants = all_tenants

    def show(
        self,
        whose: str,
        parts: Mapping[str, tuple[object, ...]],
        problems: tuple[Problem, ...] = (),
    ) -> None:
        """Parts of the document by their field, and problems, that `whose` room makes.

        They stand from the next change on, until the same room shows others; it tells itself what
        became of them.
        """
        self._parts.update(parts)
        self._told_elsewhere[whose] = problems

    @property
    def watch(self) -> WatchRow:
        """What the watch says of itself."""
        return self._watch

    @property
    def complete(self) -> bool:
        """Whether every host was reached, or was found not to be, since the start."""
        return self._complete

    def reload(self, estate: Estate, now: int) -> Document:
        """The picture of a changed estate. It is no `Change`: consoles start over from it."""
        before = self._states.keys()
        self._take(estate, now)
        after = self._states.keys()
        added, gone = len(after - before), len(before - after)
        what = told(
            "reloaded: {added} added, {gone} gone",
            added=words.hosts(added),
            gone=words.hosts(gone),
        )
        self.say(Severity.OK, "estate", what)
        self.document = self._picture(now, seq=self.document.seq + 1)
        return self.document

    def detail(self, host: str) -> HostDetail | None:
        """What is known of `host` besides its row; None if the estate has no such host."""
        state = self._states.get(host)
        return state.detail() if state else None

    # --- the estate -------------------------------------------------------------------------------

    def _take(self, estate: Estate, now: int) -> None:
        """Follow `estate`: hosts that stay keep what was observed of them."""
        hosts = {name: host for name, host in estate.hosts.items() if host.collected}
        names = {host.address: name for name, host in hosts.items() if host.address}
        states: dict[str, HostState] = {}
        for name, host in hosts.items():
            tenants = _tenants(estate, host.groups)
            thresholds = thresholds_for(host, estate.thresholds)
            state = self._states.get(name)
            if state is None:
                state = HostState(host, tenants, thresholds, estate.every_ms, now)
            else:
                state.describe(host, tenants, thresholds, estate.every_ms)
            state.standing.describe(host, names)
            states[name] = state
        self._estate, self._hosts, self._states = estate, hosts, states
        self._telling.follow(states)
        rows = {name: state.row for name, state in states.items()}
        self._sizes = Counter(
            (host.site, group) for host in hosts.values() for group in dict.fromkeys(host.groups)
        )
        self._planned_work = PlannedWork(estate.maintenance, rows)
        self.document = replace(
            self.document,
            estate=estate.name,
            timezone=estate.timezone,
            language=estate.language,
            every_ms=estate.every_ms,
            groups=tuple(dict.fromkeys(group for host in hosts.values() for group in host.groups)),
        )

    def _restore(self, restored: Document) -> None:
        """Begin with the picture in the records: old figures with their ages, and what stood."""
        for name, row in restored.hosts.items():
            if name in self._states:
                self._states[name].restored(row)
                self._states[name].standing.restored(restored, name)
        for problem in restored.problems:
            judged = is_host(problem) and problem.where in self._states and problem.kind in JUDGED
            if judged and not is_fold(problem):
                self._states[problem.where].restored_problem(problem)
        self._telling.restored(restored)
        self._watch = replace(self._watch, restored_until=restored.at)

    # --- the picture ------------------------------------------------------------------------------

    def _picture(self, now: int, seq: int) -> Document:
        planned = self._planned_work.at(now, self._changed)
        plain = {name: state.row for name, state in self._states.items()}
        said = {name: state.said_at for name, state in self._states.items()}
        folded = fold(
            plain, self._hosts, self._estate.timezone, said=said, every_ms=self._estate.every_ms
        )
        figures = fold_alike(self._found(planned), self._sizes, self._telling.standing)
        found = [planned.judged(each) for each in (*folded.problems, *figures)]
        on_hosts = self._on_hosts.parts(state.standing for state in self._states.values())
        addresses = self._addresses.judge(on_hosts["addresses"], now)
        while self._addresses.told:
            self.say(*self._addresses.told.pop(0))
        elsewhere = chain(self._service_problems, addresses, *self._told_elsewhere.values())
        every = (*found, *map(planned.judged, elsewhere))
        problems = self._attended(rooted(every, self._estate, plain), now)
        rows = self._rows(plain, problems, folded.behind, planned.windows)
        self._telling.tell(ordered(found), folded.behind, now)
        if not self._complete and all(state.settled for state in self._states.values()):
            self._complete = True
            self._watch = replace(self._watch, restored_until=None)
        return replace(
            self.document,
            seq=seq,
            at=now,
            watch=self._watch,
            runs=self._runs,
            services=self._services,
            tenants=self._tenants,
            all_tenants=self._all_tenants,
            silences=self.attention.silences,
            **self._parts,
            **on_hosts,
            sites=self._sites(rows),
            hosts=rows,
            problems=problems,
            events=(*self._telling.events(now), *self.document.events)[:EVENTS_KEPT],
        )

    def _attended(self, problems: Iterable[Problem], now: int) -> tuple[Problem, ...]:
        """`problems` in order, with whose they are; that somebody has one no longer is an event."""
        shown, news = self.attention.look(problems, now, complete=self._complete)
        for each, problem, back in news:
            severity, where = back[0].severity if back else Severity.OK, SILENCES
            if isinstance(each.said, Acknowledgement):
                where = problem.where if problem is not None else each.said.problem
                severity = problem.severity if problem is not None else Severity.OK
            self.say(severity, where, attention_ended(each, problem, len(back)))
        return ordered(shown)

    def _found(self, planned: Planned) -> Iterator[Found]:
        """What is wrong by the figures of hosts that have some."""
        for state in self._states.values():
            if state.findings and state.row.reach in (Reach.LIVE, Reach.LATE):
                for finding in state.findings:
                    problem = planned.judged(state.problem(finding))
                    servers = state.standing.taken_out(finding.metric, finding.subject)
                    if servers is not None:
                        problem = planned.emptied(problem, servers)
                    yield Found(problem, finding, state.row.groups)

    def _rows(
        self,
        plain: Mapping[str, HostRow],
        problems: Iterable[Problem],
        behind: Mapping[str, str],
        planned: Mapping[str, Maintenance],
    ) -> dict[str, HostRow]:
        """Every row with its worst problem; a row that did not change is the same object."""
        worst: dict[str, Problem] = {}
        for problem in problems:
            if not is_host(problem):
                continue  # a group or a site may be called what a host is
            known = worst.get(problem.where)
            if known is None or RANK[problem.severity] < RANK[known.severity]:
                worst[problem.where] = problem
        shown = self.document.hosts
        rows: dict[str, HostRow] = {}
        for name, row in plain.items():
            own = worst.get(name)
            severity = own.severity if own else severity_of(row.reach, row.cause)
            why = own.what if own else ""
            if name in planned:
                severity = Severity.MAINTENANCE
                why = why or words.planned(planned[name], self._estate.timezone)
            full = replace(row, severity=severity, why=why, behind=behind.get(name, ""))
            old = shown.get(name)
            rows[name] = old if old is not None and old == full else full
        return rows

    def _sites(self, rows: Mapping[str, HostRow]) -> tuple[SiteRow, ...]:
        within: dict[str, list[HostRow]] = {key: [] for key in self._estate.sites}
        for row in rows.values():
            within.setdefault(row.site, []).append(row)
        return tuple(
            _site_row(key, site, self._estate.language, within[key])
            for key, site in self._estate.sites.items()
        )


def _blank(estate: Estate, watch: WatchRow, now: int) -> Document:
    return Document(0, now, estate.name, estate.timezone, estate.language, estate.every_ms, watch)


def _tenants(estate: Estate, groups: Sequence[str]) -> tuple[str, ...]:
    """Tenants of the services that need one of `groups`, in the estate's order."""
    needing = [
        service
        for service in estate.services.values()
        if any(need.group in groups for need in service.needs)
    ]
    if any(service.tenants is None for service in needing):
        return tuple(estate.tenants)
    served = {tenant for service in needing for tenant in service.tenants or ()}
    return tuple(tenant for tenant in estate.tenants if tenant in served)


def _label(label: Label, language: str) -> str:
    return label.get(language) or label.get("en") or next(iter(label.values()))


def _site_row(key: str, site: Site, language: str, rows: Sequence[HostRow]) -> SiteRow:
    live = [row for row in rows if row.reach is Reach.LIVE]
    judged = [row.severity for row in rows if row.severity is not Severity.MAINTENANCE]
    cells = [row.spark["cpu"] for row in live if "cpu" in row.spark]
    return SiteRow(
        key,
        _label(site.name, language),
        site.role,
        names=site.name,
        total=len(rows),
        up=len(live),
        severity=min(judged, key=RANK.__getitem__, default=Severity.OK),
        cpu=_mean([row.values.get("cpu") for row in live]),
        memory=_mean([row.values.get("mem") for row in live]),
        spark=tuple(_mean([each[cell] for each in cells]) for cell in range(CELLS)),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 1) if known else None
