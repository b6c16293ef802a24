"""What hosts prove of a service: a loss, and only one that is there."""

from __future__ import annotations

from dataclasses import replace

from estate.document import HostRow
from estate.file import read_estate
from estate.samples import Reach
from watch.ledger.proof import proof_of_loss

ESTATE = """
estate: E
sites: {c: {name: C, role: primary}, r: {name: R, role: recovery}}
hosts:
  "mta-[1:2]": {site: c, groups: [mta]}
  gw: {site: c, groups: [gw]}
  "gr-[1:2]": {site: r, groups: [gw]}
services:
  mail: {needs: [{group: mta, at: active site, k: 2}], probes: [{tcp: "mx:25"}]}
"""
#: Both sites have mail servers, and either may be the active one.
BOTH = ESTATE.replace('gr-[1:2]": {site: r, groups: [gw]}', 'mta-r[1:2]": {site: r, groups: [mta]}')
GONE = Reach.UNREACHABLE


def hosts(text: str = ESTATE, **reach: Reach) -> dict[str, HostRow]:
    """A row a host that is asked, as the board has them; those that are planned have none."""
    return {
        name: HostRow(name, host.site, host.groups, reach.get(name.replace("-", "_"), Reach.LIVE))
        for name, host in read_estate(text, "estate.yaml").hosts.items()
        if host.collected
    }


def loss(rows: dict[str, HostRow], text: str = ESTATE) -> str:
    estate = read_estate(text, "estate.yaml")
    return proof_of_loss(estate.services["mail"], estate, rows)


def test_hosts_prove_a_loss_only_while_others_of_their_site_answer() -> None:
    assert loss(hosts()) == ""
    assert loss(hosts(mta_1=GONE)) == "mta: 1 of the 2 hosts that it needs"
    assert loss(hosts(mta_1=Reach.REFUSED)) == ""
    assert loss(hosts(mta_1=GONE, mta_2=GONE, gw=GONE)) == ""  # the vantage may be the blind one


def test_a_host_behind_a_lost_one_proves_nothing() -> None:
    rows = hosts(mta_1=GONE)
    assert loss({**rows, "mta-1": replace(rows["mta-1"], behind="gw")}) == ""


def test_a_group_that_never_had_its_hosts_lost_none() -> None:
    """A host that is planned counts for the estate file and is not asked: nothing is lost."""
    planned = ESTATE.replace('"mta-[1:2]": {site: c, groups: [mta]}', (
        "mta-1: {site: c, groups: [mta]}\n  mta-2: {site: c, groups: [mta], phase: planned}"
    ))  # fmt: skip
    assert loss(hosts(planned), planned) == ""
    assert loss(hosts(planned, mta_1=GONE), planned) == ""  # it did with one so far


def test_of_two_sites_both_have_to_be_short() -> None:
    assert loss(hosts(BOTH, mta_1=GONE, mta_2=GONE), BOTH) == ""
    all_short = hosts(BOTH, mta_1=GONE, mta_2=GONE, mta_r1=GONE)
    assert loss(all_short, BOTH) == "mta: 1 of the 2 hosts that it needs"
