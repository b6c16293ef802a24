"""All accounts of an estate, and what of them waits to be put on record. Pure, but for memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from estate.availability import AllTenantsRow, ServiceRow, TenantRow
from estate.document import HostRow, Problem
from estate.fields import host_fields
from estate.filter import parse
from estate.ledger.book import Batch, Coverage, Declared, Entry, KeptRound, Pages
from estate.ledger.burn import WINDOWS_MS
from estate.ledger.months import Month, month_of
from estate.ledger.observed import ServiceRound
from estate.ledger.rounds import Seen
from estate.ledger.sightings import Sighting
from estate.model import Estate, Maintenance, Service
from watch.ledger.account import PIECE_ROUNDS, REOPENED_MS, Account
from watch.ledger.alarms import problems_of
from watch.ledger.months import ServiceMonth, month_from
from watch.ledger.proof import proof_of_loss
from watch.ledger.rows import service_row, tenant_rows

#: While the records can't be written, so many rounds wait in memory; transitions and coverage, the
#: proof, are never given up.
MOST_ROUNDS = 20_000


class Accounts:
    """Accounts of the services of `estate`, going on from `pages` of the record.

    `own` is the vantage that this watch is: its journal is the one that is counted here.
    """

    def __init__(
        self,
        estate: Estate,
        cadence_ms: Callable[[Service], int],
        pages: Pages,
        now: int,
        *,
        vantages: Callable[[Estate], tuple[str, ...]] = lambda _: (),
        own: str = "",
        piece_rounds: int = PIECE_ROUNDS,
    ) -> None:
        self._piece_rounds = piece_rounds
        self._cadence_ms = cadence_ms
        self._vantages = vantages
        self._accounts: dict[str, Account] = {}
        self._resting: dict[str, Account] = {}  # of services that the estate asks no more
        self._behind: dict[str, Account] = {}  # those that have more to read
        self._held: dict[
            str, list[Batch]
        ] = {}  # of a service, until all that was heard is believed
        self._maintenance: dict[tuple[str, int, int], Declared] = {
            (each.service, each.starts, each.ends): each for each in pages.maintenance
        }
        # What can't be numbered so was believed by an older watch: it would be heard, or counted
        # from, for ever.
        sane = tuple(each for each in pages.sightings if each.can_be_numbered(now))
        self._pages = replace(pages, sightings=sane).by_service()
        self._entries: list[Entry] = []
        self._coverage: dict[tuple[str, str, int], Coverage] = {}
        self._declared: list[Declared] = []
        self._rounds: list[KeptRound] = []
        self._sightings: dict[tuple[str, str, int], Sighting] = {}
        # A journal that begins anew counts on from the time, which is more than any ever counted.
        self._seq = max((now, *(each.seq for each in sane if each.vantage == own)))
        self._heard_until: dict[str, int] = {}
        # Of a vantage and a service: the cadence by which it is asked there, where it is not ours.
        self.askew: dict[tuple[str, str], int] = {}
        for each in sane:
            known = self._heard_until.get(each.vantage, 0)
            self._heard_until[each.vantage] = max(known, each.seq)
        # Of a service: the defect of ours by which what was seen of it could not be read.
        self.defects: dict[str, Exception] = {}
        self._month: Month | None = None
        self.follow(estate, now)

    # --- what comes in ----------------------------------------------------------------------------

    def follow(self, estate: Estate, now: int) -> None:
        """Go on with a changed estate; planned work is put down when it is first seen."""
        self._estate, self._zone = estate, ZoneInfo(estate.timezone)
        asked = {key: each for key, each in estate.services.items() if each.asked}
        # One that comes back goes on where it stopped, or its history would be told twice.
        for key in self._accounts.keys() - asked.keys():
            self._resting[key] = self._accounts.pop(key)
            self._behind.pop(key, None)
        vantages = self._vantages(estate)
        for key, service in asked.items():
            cadence_ms = self._cadence_ms(service)
            known = self._accounts.get(key) or self._resting.pop(key, None)
            if known is None:
                known = Account(
                    key,
                    cadence_ms,
                    self._pages.get(key, Pages()),
                    vantages,
                    piece_rounds=self._piece_rounds,
                )
            self._put_down(key, known.follow(cadence_ms, vantages))
            self._accounts[key] = known
            self._look_at(key, known)
        self._release()
        for window in estate.maintenance:
            self._declare(window, now)

    def take(self, round_: ServiceRound, hosts: Mapping[str, HostRow]) -> tuple[Entry, ...]:
        """Take a round in; what it changed. A service that the estate no longer has changes
        nothing."""
        account = self._accounts.get(round_.service)
        if account is None:
            return ()
        service = self._estate.services[round_.service]
        alone = len(account.vantages) < 2
        asks = round_.blind if alone else round_.seen is not Seen.OK
        proof = proof_of_loss(service, self._estate, hosts) if asks else ""
        self._seq += 1
        batch = account.take(round_, proof, self._seq)
        self._look_at(round_.service, account)
        self._put_down(round_.service, batch)
        self._release()  # a round of our own may be the last that was to be read
        return batch.entries

    def hear(self, vantage: str, told: Iterable[Sighting], now: int) -> tuple[Entry, ...]:
        """Take in what another vantage saw, in the order of its journal; what it changed.

        What it says of services that the estate does not have, or of later than now, is let go. So
        is what it saw by another cadence: those rounds are no pairs of ours, see `askew`.
        After a cut there may be more to read than in a piece: then they are `behind`.
        """
        by_service: dict[str, list[Sighting]] = {}
        for each in told:
            self._heard_until[vantage] = max(each.seq, self.heard_until(vantage))
            by_service.setdefault(each.service, []).append(each)
        for key, its in by_service.items():
            account = self._accounts.get(key)
            if account is not None and vantage in account.vantages:
                latest = now + account.patience_ms
                paired = [each for each in its if each.every_ms == account.cadence_ms]
                known = [each for each in paired if each.until <= latest]
                self._compare(vantage, key, its[-1].every_ms)
                batch = account.hear(vantage, known, most=0, floor=now - REOPENED_MS)
                if batch:
                    self._held.setdefault(key, []).append(batch)
                self._look_at(key, account)
        return self.go_on()

    @property
    def behind(self) -> bool:
        """Whether there is more to read before all that was heard is believed: see `go_on`."""
        return bool(self._behind)

    def go_on(self) -> tuple[Entry, ...]:
        """Read the rounds of one piece, service by service; what it changed.

        A service of which they can't be read holds up no other: see `defects`.
        """
        changed: list[Entry] = []
        left = self._piece_rounds
        while self._behind and left > 0:
            key, account = next(iter(self._behind.items()))
            before = account.rounds_read
            try:
                entries = account.go_on(left)
            except Exception as defect:
                self.defects[key] = defect
                del self._behind[key]  # whatever comes, it is not tried for ever
                entries = account.give_up()
            left -= max(1, account.rounds_read - before)
            changed += entries
            self._look_at(key, account)
            if entries:
                self._put_down(key, Batch(entries))
        self._release()
        return tuple(changed)

    def _compare(self, vantage: str, key: str, every_ms: int) -> None:
        if every_ms == self._accounts[key].cadence_ms:
            self.askew.pop((vantage, key), None)
        else:
            self.askew[(vantage, key)] = every_ms

    def _look_at(self, key: str, account: Account) -> None:
        if account.behind:
            self._behind[key] = account
        else:
            self._behind.pop(key, None)

    def heard_until(self, vantage: str) -> int:
        """The number of the last round that is known of a vantage's journal; 0 where none is."""
        return self._heard_until.get(vantage, 0)

    def _put_down(self, key: str, batch: Batch) -> None:
        """What of a service is to be put on record.

        A journal is heard from the last number that is on record, whatever service it was of. So
        all that was heard goes there at once, with the entries that it comes to: killed in between,
        the watch hears it again.
        """
        held = self._held.get(key)
        if held is not None:
            held.append(Batch(batch.entries))
            batch = replace(batch, entries=())
        self._entries += batch.entries
        self._rounds = [*self._rounds, *batch.rounds][-MOST_ROUNDS:]
        for row in batch.coverage:
            self._coverage[(row.service, row.vantage, row.start)] = row
        for run in batch.sightings:
            self._sightings[(run.service, run.vantage, run.at)] = run

    def _release(self) -> None:
        """What was held goes on record, once all services have read what was heard."""
        if self._behind:
            return
        held, self._held = self._held, {}
        for key, batches in held.items():
            for batch in batches:
                self._put_down(key, batch)

    def _declare(self, window: Maintenance, now: int) -> None:
        for key in _selected(window, self._estate):
            known = (key, window.starts, window.ends)
            if known not in self._maintenance:
                declared = Declared(
                    key, window.starts, window.ends, now, window.reason, window.owner
                )
                self._maintenance[known] = declared
                self._declared.append(declared)

    # --- what is to be kept -----------------------------------------------------------------------

    def waiting(self) -> Batch:
        """All that is not known to be on record."""
        return Batch(
            tuple(self._entries),
            tuple(self._coverage.values()),
            tuple(self._declared),
            tuple(self._rounds),
            tuple(self._sightings.values()),
        )

    def kept(self, batch: Batch) -> None:
        """`batch`, which was `waiting` once, is on the disk."""
        del self._entries[: len(batch.entries)]
        del self._declared[: len(batch.maintenance)]
        gone = set(batch.rounds)
        self._rounds = [each for each in self._rounds if each not in gone]
        for row in batch.coverage:
            place = (row.service, row.vantage, row.start)
            if self._coverage.get(place) == row:  # it was not made longer meanwhile
                del self._coverage[place]
        for run in batch.sightings:
            place = (run.service, run.vantage, run.at)
            if self._sightings.get(place) == run:
                del self._sightings[place]

    # --- the picture ------------------------------------------------------------------------------

    def picture(
        self, now: int
    ) -> tuple[
        tuple[ServiceRow, ...],
        tuple[TenantRow, ...],
        tuple[Problem, ...],
        tuple[AllTenantsRow, ...],
    ]:
        """Services in the estate's order, tenants with the worst off first, what is wrong, and all
        tenants together."""
        month = month_of(now, self._zone)
        self._forget(month, now)
        rows: list[ServiceRow] = []
        problems: list[Problem] = []
        months: dict[str, ServiceMonth] = {}
        for key, service in self._estate.services.items():
            if service.phase not in ("live", "migrating"):
                continue
            account = self._accounts.get(key)
            its = self._month_of(service, account, month, now)
            row = service_row(
                service, account, its, language=self._estate.language, now=now, zone=self._zone
            )
            rows.append(row)
            if account is not None:
                months[key] = its
                problems += problems_of(row, service, its, now)
        tenants, together = tenant_rows(self._estate, months, month, now)
        return tuple(rows), tenants, tuple(problems), together

    def _month_of(
        self, service: Service, account: Account | None, month: Month, now: int
    ) -> ServiceMonth:
        return month_from(
            month,
            self._zone,
            service.objective,
            Pages(
                tuple(account.entries) if account else (),
                tuple(account.coverage) if account else (),
                tuple(e for e in self._maintenance.values() if e.service == service.key),
            ),
            now=now,
            patience_ms=account.patience_ms if account else 0,
        )

    def _forget(self, month: Month, now: int) -> None:
        """Let go, when a month begins, of what neither it nor a burn rate looks back on."""
        if month != self._month:
            self._month = month
            floor = horizon(month, self._zone, now)
            for account in self._accounts.values():
                account.forget(floor)


def horizon(month: Month, zone: ZoneInfo, now: int) -> int:
    """How far back the present month and its burn rates look."""
    return min(month.bounds(zone)[0], now - max(WINDOWS_MS))


def _selected(window: Maintenance, estate: Estate) -> Iterable[str]:
    """The services that planned work concerns: those whose needed hosts are all selected.

    A window selects hosts; a service is under it when nothing that it needs is left outside.
    """
    selects = parse(window.where)
    chosen = {
        name
        for name, host in estate.hosts.items()
        if selects.matches(host_fields(HostRow(name, host.site, host.groups, rack=host.rack), 0))
    }
    for key, service in estate.services.items():
        groups = {need.group for need in service.needs}
        needed = {name for name, host in estate.hosts.items() if groups & set(host.groups)}
        if needed and needed <= chosen:
            yield key
