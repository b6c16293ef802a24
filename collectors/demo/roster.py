"""Which hosts the demo's platform has: e-mail and instant messaging in two data centres.

Twelve hosts show every group once; eighty are the platform in full (42 central, 38 recovery);
beyond that the groups that scale out grow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

#: Hosts of each group at (central, recovery), in the order in which the board shows the groups.
FULL: dict[str, tuple[int, int]] = {
    "mta": (16, 16),
    "mbx": (8, 8),
    "mdb": (2, 2),
    "im": (6, 4),
    "lb": (2, 2),
    "dir": (2, 2),
    "mq": (2, 1),
    "gw": (2, 2),
    "ops": (2, 1),
}
SITES = ("central", "recovery")

#: The smallest platform that still tells the whole story. gw-c02 comes first: without the gateway
#: there is nothing to lose. From sixteen hosts on every service has somewhere to move to.
FIRST = (
    "gw-c02", "mta-c01", "mta-c02", "mdb-c01", "mta-r01", "dir-r01", "ops-r01",
    "mbx-c01", "mbx-r01", "im-c01", "lb-c01", "mq-r01",
    "mdb-r01", "lb-r01", "im-r01", "dir-c01",
)  # fmt: skip

#: The jump host of central's rack B.
GATEWAY = "gw-c02"
FEWEST, MOST = 2, 1000


@dataclass(frozen=True, slots=True)
class Member:
    """One host of the platform. `behind` names its jump host, "" for none."""

    name: str
    site: str
    group: str
    rack: str
    behind: str


def roster(total: int) -> tuple[Member, ...]:
    """The platform with `total` hosts (`FEWEST` to `MOST`), in the board's order."""
    if not FEWEST <= total <= MOST:
        raise ValueError(f"{total} hosts: the demo plays {FEWEST} to {MOST}")
    chosen = [name for name, _ in zip(_by_urgency(), range(total), strict=False)]
    sizes = Counter(_place(name)[:2] for name in chosen)
    return tuple(
        _member(name, sizes[_place(name)[:2]]) for name in sorted(chosen, key=_board_order)
    )


def select(members: Sequence[Member], which: str) -> tuple[Member, ...]:
    """The members that `which` names: a host ("gw-c02"), a group ("mta"), a group at a site
    ("mta@recovery") or everything at a site ("@recovery"). None is an empty tuple."""
    group, at, site = which.partition("@")
    if at:
        return tuple(m for m in members if m.site == site and group in ("", m.group))
    return tuple(m for m in members if which in (m.name, m.group))


def _by_urgency() -> Iterator[str]:
    """Every host there could be, the one that tells most first; never ends."""
    yield from FIRST
    full = [
        (number / size, f"{group}-{site[0]}{number:02d}")
        for group, sizes in FULL.items()
        for site, size in zip(SITES, sizes, strict=True)
        for number in range(1, size + 1)
    ]
    yield from (name for _, name in sorted(full) if name not in FIRST)
    for step in count(1):
        for group in ("mta", "mbx", "im"):
            for site, size in zip(SITES, FULL[group], strict=True):
                yield f"{group}-{site[0]}{size + step:02d}"


def _place(name: str) -> tuple[str, str, int]:
    group, _, rest = name.partition("-")
    return group, "central" if rest[0] == "c" else "recovery", int(rest[1:])


def _board_order(name: str) -> tuple[int, int, int]:
    group, site, number = _place(name)
    return list(FULL).index(group), SITES.index(site), number


def _member(name: str, size: int) -> Member:
    group, site, number = _place(name)
    behind = GATEWAY if site == "central" and _in_rack_b(group, number, size) else ""
    rack = "B1" if behind or name == GATEWAY else f"A{1 + number % 3}"
    return Member(name, site, group, rack if site == "central" else f"R{1 + number % 4}", behind)


def _in_rack_b(group: str, number: int, size: int) -> bool:
    """Central's rack B: the primary database, half of the mailboxes, a quarter of the mail hubs."""
    match group:
        case "mdb":
            return number == 1
        case "mbx":
            return size > 1 and number > size / 2
        case "mta":
            return size > 1 and number > size * 3 / 4
    return False
