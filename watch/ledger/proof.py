"""What hosts prove of a service while its vantage can't see it: facts may say down, never up."""

from __future__ import annotations

from collections.abc import Mapping

from estate.document import HostRow
from estate.model import Estate, Need, Service
from estate.samples import Reach


def proof_of_loss(service: Service, estate: Estate, rows: Mapping[str, HostRow]) -> str:
    """Why the service can't work: a group that it needs lacks its k hosts; "" if that is not known.

    A host is proven lost when it does not answer while others of its site do, and nothing else
    explains it. What can't be told from a blind vantage proves nothing. Neither does a group that
    never had its k: hosts that are planned count in the estate, and are not there yet.
    """
    lost = _proven_lost(rows)
    for need in service.needs:
        theirs = [_members(need, site, rows) for site in _sites(need, estate)]
        # Of several sites any may carry it: all of them have to be short, and one for its loss.
        left = [len(members - lost) for members in theirs]
        if max(map(len, theirs), default=0) >= need.k > max(left):
            return f"{need.group}: {max(left)} of the {need.k} hosts that it needs"
    return ""


def _proven_lost(rows: Mapping[str, HostRow]) -> frozenset[str]:
    alive = {row.site for row in rows.values() if row.reach is Reach.LIVE}
    return frozenset(
        name
        for name, row in rows.items()
        if row.reach is Reach.UNREACHABLE and not row.behind and row.site in alive
    )


def _sites(need: Need, estate: Estate) -> tuple[frozenset[str], ...]:
    if need.at == "any site":
        return (frozenset(estate.sites),)
    if need.at == "active site":  # which one that is nobody declares
        return tuple(frozenset((key,)) for key in estate.sites)
    return (frozenset((need.at,)),)


def _members(need: Need, sites: frozenset[str], rows: Mapping[str, HostRow]) -> frozenset[str]:
    """The group's hosts there that are asked."""
    return frozenset(
        name for name, row in rows.items() if need.group in row.groups and row.site in sites
    )
