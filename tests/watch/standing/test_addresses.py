"""A service address: one host holds it, two do, none does, or nobody can know."""

from __future__ import annotations

from estate.document import Severity
from estate.proxies import AddressRow
from watch.standing.addresses import HOLD_MS, Addresses

ADDRESS = "10.0.9.9"


def row(host: str, held: bool | None, *, at: int, gap: str = "", site: str = "a") -> AddressRow:
    return AddressRow(
        host=host, site=site, at=at, every_ms=15_000, gap=gap, address=ADDRESS, held=held
    )


def after(addresses: Addresses, *held: bool | None, gap: str = "") -> list[str]:
    """What is wrong once it has lasted."""
    found = ()
    for at in (0, HOLD_MS):
        rows = [row(f"lb{n}", each, at=at, gap=gap) for n, each in enumerate(held, 1)]
        found = addresses.judge(rows, at)
    return [problem.what for problem in found]


def test_one_holder_is_well() -> None:
    assert after(Addresses(), True, False) == []


def test_two_at_once_and_none() -> None:
    assert after(Addresses(), True, True) == ["held by lb1, lb2 at once"]
    assert after(Addresses(), False, False) == ["held by none of lb1, lb2"]


def test_a_host_that_nobody_hears_may_hold_it() -> None:
    assert after(Addresses(), False, None) == []
    assert after(Addresses(), False, False, gap="no route") == []


def test_it_is_told_when_it_begins_and_when_it_ends_and_not_while_it_moves() -> None:
    addresses = Addresses()
    after(addresses, False, False)
    assert addresses.told == [(Severity.CRITICAL, ADDRESS, "held by none of lb1, lb2", "")]
    addresses.told.clear()
    for at in (HOLD_MS + 1, 2 * HOLD_MS, 2 * HOLD_MS + 1):
        found = addresses.judge([row("lb1", True, at=at)], at)
    assert not found
    ((severity, where, _, cleared),) = addresses.told
    assert (severity, where, cleared) == (Severity.OK, ADDRESS, f"address/a/{ADDRESS}")


def test_each_site_has_an_address_of_its_own() -> None:
    addresses = Addresses()
    for at in (0, HOLD_MS):
        rows = [row("lb1", True, at=at), row("lb2", True, at=at, site="b")]
        assert addresses.judge(rows, at) == ()
