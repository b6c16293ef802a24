"""The estate of the lab as values: who stands where, with which address, and what runs there.

    ops ── core ──┬── (cable) ── pri: bridge ── pri-db1 pri-lb1 pri-mx1 pri-mq1 pri-web1 pri-web2 pri-odd pri-bb
                  └── (cable) ── rec: bridge ── rec-db1 rec-lb1 rec-mx1 rec-mq1 rec-web1 rec-infra

`ops` is where the console stands: both sites are a cable away, as from a bastion outside them.
`core` is a router that one can log in to: its routes say which site has the service addresses.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from types import MappingProxyType

#: The network of the operations people, and the prefix that all addresses share.
OPS_ADDRESS = "10.71.0.10"
NETWORK = "10.71.0.0/16"

#: Service addresses: a /32 on `lo` of both balancers; the core's route says which one has it.
DB_SERVICE = "10.71.9.9"
WEB_SERVICE = "10.71.9.80"


@dataclass(frozen=True, slots=True)
class Site:
    """A data centre: a bridge behind a cable. `number` is the third byte of its addresses."""

    key: str
    number: int
    name: str
    role: str

    @property
    def network(self) -> str:
        return f"10.71.{self.number}.0/24"

    @property
    def gateway(self) -> str:
        return f"10.71.{self.number}.1"


@dataclass(frozen=True, slots=True)
class Place:
    """One host: its site, its last byte of address, and its roles (files of `roles/`).

    `image` is "base", "exim" (Postfix taken out) or "small" (busybox and dropbear, no systemd).
    """

    name: str
    site: Site
    number: int
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    image: str = "base"

    @property
    def address(self) -> str:
        return f"10.71.{self.site.number}.{self.number}"


PRIMARY = Site("pri", 1, "Primary data centre", "primary")
RECOVERY = Site("rec", 2, "Recovery data centre", "recovery")
#: Where the console stands; no cable leads there.
OPERATIONS = Site("ops", 0, "Operations", "other")
SITES = MappingProxyType({site.key: site for site in (PRIMARY, RECOVERY)})


def places(scale: int | None = None) -> dict[str, Place]:
    """Every host by name. `scale` (default: $LAB_SCALE) adds so many plain hosts a site."""
    extra = int(os.environ.get("LAB_SCALE", "0")) if scale is None else scale
    found = list(_PLACES)
    for site in SITES.values():
        for number in range(1, extra + 1):
            found.append(Place(f"{site.key}-x{number}", site, 100 + number, (), ("plain",)))
    return {place.name: place for place in found}


_PLACES = (
    # The router between the sites: a host in the network that carries everything.
    Place("core", OPERATIONS, 1, (), ("router",)),
    Place("pri-db1", PRIMARY, 11, ("postgres",), ("db",)),
    Place("pri-lb1", PRIMARY, 12, ("haproxy",), ("lb",)),
    Place("pri-mx1", PRIMARY, 13, ("postfix",), ("mx",)),
    Place("pri-mq1", PRIMARY, 14, ("rabbitmq",), ("mq",)),
    Place("pri-web1", PRIMARY, 15, ("web",), ("web",)),
    Place("pri-web2", PRIMARY, 16, ("web",), ("web",)),
    Place("pri-odd", PRIMARY, 17, ("odd",), ("odd",)),
    Place("pri-bb", PRIMARY, 18, (), ("odd",), image="small"),
    Place("rec-db1", RECOVERY, 11, ("standby",), ("db",)),
    Place("rec-lb1", RECOVERY, 12, ("haproxy",), ("lb",)),
    Place("rec-mx1", RECOVERY, 13, ("exim",), ("mx",), image="exim"),
    Place("rec-mq1", RECOVERY, 14, ("redis",), ("mq",)),
    Place("rec-web1", RECOVERY, 15, ("web",), ("web",)),
    Place("rec-infra", RECOVERY, 17, ("repository", "names", "authority"), ("infra",)),
)
