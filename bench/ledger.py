"""What it costs to keep the ledger: `python -m bench.ledger [--quick] [--json]`.

Thirty services are asked every 10 s for five days, with some outages each. Measured are a round
taken in, the same round on the disk under synchronous=FULL, the picture of all services (statement,
burn, forecasts, days, tenants), and one month read back from the file. Then the same with a second
vantage: a round of each, and the verdicts of a service made again after the other was not heard for
as long as it may be. Beside them, in the same run, the layout that comes to mind first: a row for
each round, and a month computed in SQL.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.report import Report, run
from estate.ledger.book import Pages
from estate.ledger.months import Month
from estate.ledger.observed import Probed, ServiceRound
from estate.ledger.rounds import Seen
from estate.ledger.sightings import Sighting
from estate.model import Estate, Objective, Service, Tenant
from storage.records import Records
from watch.ledger.account import REOPENED_MS, Account
from watch.ledger.accounts import Accounts
from watch.ledger.months import month_from

CADENCE_MS = 10_000
ZONE = ZoneInfo("Asia/Hong_Kong")
MONTH = Month(2026, 11)
#: Every service is down this long, this often.
OUTAGE_ROUNDS, EVERY_ROUNDS = 12, 4_000
PICTURES, COMMITS, READS, AGAIN = 40, 100, 20, 5


@dataclass(frozen=True, slots=True)
class Scale:
    services: int
    rounds: int


FULL = Scale(services=30, rounds=43_200)  # 5 days
#: To see that it runs; its figures mean little.
QUICK = Scale(services=3, rounds=3_000)


def estate(services: int) -> Estate:
    objective = Objective(Fraction(9995, 10_000), 1_320_000, 600_000)
    names = [f"s{number:02}" for number in range(services)]
    return Estate(
        "Bench", str(ZONE), "en", 5_000, {}, {},
        services={
            name: Service(name, {"en": name}, 1, objective=objective, probes=({"tcp": "a:1"},))
            for name in names
        },
        tenants={f"t{number}": Tenant(f"t{number}", {"en": "T"}) for number in range(22)},
    )  # fmt: skip


def marks(rounds: int) -> Iterator[tuple[int, Seen]]:
    start = MONTH.bounds(ZONE)[0]
    for number in range(rounds):
        bad = number % EVERY_ROUNDS >= EVERY_ROUNDS - OUTAGE_ROUNDS
        yield start + number * CADENCE_MS, Seen.FAIL if bad else Seen.OK


def round_of(service: str, at: int, seen: Seen) -> ServiceRound:
    cause = "connection refused" if seen is Seen.FAIL else ""
    return ServiceRound(service, "here", at, at, seen, (Probed("tcp a:1", seen, 1.0, cause),))


def measure(arguments: argparse.Namespace) -> Report:
    scale = QUICK if arguments.quick else FULL
    report = Report(
        f"{scale.services} services, a round every {CADENCE_MS // 1000} s, "
        f"{scale.rounds:,} rounds each, {OUTAGE_ROUNDS * CADENCE_MS // 1000} s down in each "
        f"{EVERY_ROUNDS:,}"
    )
    with tempfile.TemporaryDirectory() as directory:
        _ours(report, scale, Path(directory))
        _two_vantages(report, scale)
        _a_row_a_round(report, scale, Path(directory))
    report.ratio("a month, a row a round / ours", "a row a round: a month", "a month from the file")
    report.at_most("picture of all services, ms", 50, report.median("picture of all services"))
    report.at_most("a round taken in, ms", 0.1, report.median("a round taken in, processor"))
    two = report.median("a round of two vantages, processor")
    report.at_most("a round of two vantages, ms", 0.2, two)
    again = report.median("a service's verdicts of three days made again")
    report.at_most("three days made again, ms a service", 1_000, again)
    held = report.median("the longest piece of that, for which the loop waits")
    report.at_most("the event loop held by a backfill, ms", 25, held)
    return report


def _ours(report: Report, scale: Scale, directory: Path) -> None:
    whole = estate(scale.services)
    start = MONTH.bounds(ZONE)[0]
    accounts = Accounts(whole, lambda _: CADENCE_MS, Pages(), start)
    began, at = time.process_time(), start
    for at, seen in marks(scale.rounds):
        for name in whole.services:
            accounts.take(round_of(name, at, seen), {})
    spent = time.process_time() - began
    report.figure(
        "a round taken in, processor", [1000 * spent / scale.rounds / scale.services], "ms"
    )
    present = at
    pictures = [timed(lambda: accounts.picture(present)) for _ in range(PICTURES)]
    report.figure("picture of all services", pictures, "ms")
    path = directory / "records.db"
    records = Records.open(path)
    records.append_ledger(accounts.waiting())
    accounts.kept(accounts.waiting())
    commits = []
    for number in range(1, COMMITS + 1):
        accounts.take(round_of("s00", at + number * CADENCE_MS, Seen.OK), {})
        batch = accounts.waiting()
        commits.append(timed(partial(records.append_ledger, batch)))
        accounts.kept(batch)
    report.figure("a round on the disk", commits, "ms")
    end = MONTH.bounds(ZONE)[1]
    objective = whole.services["s00"].objective

    def month() -> None:
        pages = records.ledger(start, end).of("s00")
        month_from(MONTH, ZONE, objective, pages, now=end, patience_ms=3 * CADENCE_MS)

    report.figure("a month from the file", [timed(month) for _ in range(READS)], "ms")
    records.close()
    size = path.stat().st_size / 1024
    report.figure("the file", [size], "KiB")


def _two_vantages(report: Report, scale: Scale) -> None:
    account = Account("s00", CADENCE_MS, Pages(), ("here", "there"))
    known = list(marks(min(scale.rounds, REOPENED_MS // CADENCE_MS)))
    began = time.process_time()
    for number, (at, seen) in enumerate(known, 1):
        account.take(round_of("s00", at, seen), "", number)
        account.hear("there", [told(at, at, seen, number)])
    spent = time.process_time() - began
    report.figure("a round of two vantages, processor", [1000 * spent / len(known)], "ms")
    again, longest = [], []
    for _ in range(AGAIN):
        account = Account("s00", CADENCE_MS, Pages(), ("here", "there"))
        for number, (at, seen) in enumerate(known, 1):
            account.take(round_of("s00", at, seen), "", number)
        pieces = [timed(partial(account.hear, "there", _runs(known)))]
        while account.behind:
            pieces.append(timed(account.go_on))
        again.append(sum(pieces))
        longest.append(max(pieces))
    report.figure("a service's verdicts of three days made again", again, "ms")
    report.figure("the longest piece of that, for which the loop waits", longest, "ms")


def told(at: int, until: int, seen: Seen, number: int) -> Sighting:
    cause = "connection refused" if seen is Seen.FAIL else ""
    return Sighting("s00", "there", at, until, CADENCE_MS, seen, number, 1.0, cause)


def _runs(known: list[tuple[int, Seen]]) -> list[Sighting]:
    """What the other vantage tells of these rounds at once: runs of equal ones."""
    runs: list[Sighting] = []
    for number, (at, seen) in enumerate(known, 1):
        one = told(at, at, seen, number)
        if runs and runs[-1].goes_on(one):
            runs[-1] = runs[-1].with_round(one)
        else:
            runs.append(one)
    return runs


def _a_row_a_round(report: Report, scale: Scale, directory: Path) -> None:
    """One service only: thirty of them would take thirty times as much."""
    path = directory / "rows.db"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE rounds (service TEXT, at INTEGER, ok INTEGER)")
    rows = [("s00", at, seen is Seen.OK) for at, seen in marks(scale.rounds)]
    database.executemany("INSERT INTO rounds VALUES (?, ?, ?)", rows)
    database.execute("CREATE INDEX by_time ON rounds (service, at)")
    database.commit()

    def month() -> None:
        database.execute(
            "SELECT sum(following - at) FROM (SELECT at, ok, lead(at) OVER (ORDER BY at) AS"
            " following FROM rounds WHERE service = 's00') WHERE NOT ok"
        ).fetchone()

    report.figure("a row a round: a month", [timed(month) for _ in range(READS)], "ms")
    database.close()
    report.figure("a row a round: the file, one service", [path.stat().st_size / 1024], "KiB")


def timed(what: Callable[[], object]) -> float:
    """Milliseconds that it took."""
    began = time.perf_counter()
    what()
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    """See the module's first lines."""
    parser = argparse.ArgumentParser(prog="python -m bench.ledger", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few minutes of rounds")
    run(measure, parser)


if __name__ == "__main__":
    main()
