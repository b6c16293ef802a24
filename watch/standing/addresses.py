"""Service addresses over all hosts that may hold them: exactly one should."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from estate.document import Problem, Severity
from estate.proxies import AddressRow
from estate.told import told
from watch.latch import Latch

#: An address that moves is held by none, or by two, for a moment.
HOLD_MS = 30_000


class Addresses:
    """Judges service addresses. `told` are the events that nobody has taken yet."""

    def __init__(self) -> None:
        self._latches: dict[tuple[str, str], Latch] = {}
        self._standing: dict[str, Problem] = {}
        self.told: list[tuple[Severity, str, str, str]] = []

    def judge(self, rows: Iterable[AddressRow], now: int) -> tuple[Problem, ...]:
        """What is wrong with addresses at `now`. An address that some host's silence leaves open
        is held by nobody only as far as anybody knows, and so is no problem of its own."""
        seen: dict[tuple[str, str], list[AddressRow]] = {}
        for row in rows:
            # A site has its own balancers, and two sites may have one address each of the same.
            seen.setdefault((row.address, row.site), []).append(row)
        latches: dict[tuple[str, str], Latch] = {}
        found: dict[str, Problem] = {}
        for key, each in seen.items():
            wrong = _wrong(each, now)
            fact = None if wrong is None else bool(wrong)
            latches[key] = self._latches.get(key, Latch()).seen(fact, now, HOLD_MS)
            since = latches[key].since
            if latches[key].on and since is not None:
                what = wrong or told("held by one host, not for long yet")
                problem = _problem(each, what, since)
                found[problem.id] = problem
        self._latches = latches
        self.told += self._turns(found)
        self._standing = found
        return tuple(found.values())

    def _turns(self, found: dict[str, Problem]) -> Iterator[tuple[Severity, str, str, str]]:
        for problem in found.values():
            if problem.id not in self._standing:
                yield problem.severity, problem.where, problem.what, ""
        for problem in self._standing.values():
            if problem.id not in found:
                what = told("cleared: {what}", what=problem.what)
                yield Severity.OK, problem.where, what, problem.id


def _wrong(rows: Sequence[AddressRow], now: int) -> str | None:
    """What is wrong; "" for nothing, None where nobody can know."""
    holders = [row.host for row in rows if row.known(now) and row.held]
    if len(holders) > 1:
        return told("held by {hosts} at once", hosts=", ".join(holders))
    if holders:
        return ""
    if not all(row.known(now) and row.held is not None for row in rows):
        return None
    return told("held by none of {hosts}", hosts=", ".join(row.host for row in rows))


def _problem(rows: Sequence[AddressRow], what: str, since: int) -> Problem:
    first = rows[0]
    return Problem(
        f"address/{first.site}/{first.address}",
        first.address,
        what,
        told("its service is off, or answers from two places"),
        Severity.CRITICAL,
        since,
        kind="address",
        site=first.site,
        glyph="down",
    )
