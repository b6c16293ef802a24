"""Proxies: backends and their servers, and service addresses as each host sees them."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

from estate.proxies import AddressRow, Backend, ProxyRow
from estate.samples import Reading
from watch.standing.told import Figures, Told, known, text, whole


def rows(told: Told) -> tuple[ProxyRow, ...]:
    """The one row of the proxy that was asked."""
    version = next((each.text for each in told.named("haproxy")), "")
    backends = tuple(_backend(each) for each in told.named("backend"))
    return (ProxyRow(**told.whose, version=version, backends=backends),)


def _backend(reading: Reading) -> Backend:
    status = text(reading, "status")
    return Backend(
        reading.subject,
        int(known(reading.value) or 0),
        whole(reading, "servers") or 0,
        whole(reading, "drained") or 0,
        whole(reading, "sessions"),
        whole(reading, "queued"),
        _names(reading, "down"),
        status.startswith("UP") if status else None,
        _names(reading, "out"),
    )


def _names(reading: Reading, key: str) -> tuple[str, ...]:
    return tuple(filter(None, text(reading, key).split(",")))


def figures(found: Sequence[ProxyRow], _now: int) -> Figures:
    """How much of each backend is down that should be up, in percent of its servers; all of it
    where nobody takes its work, though every server was taken out by intent."""
    down: dict[str, float] = {}
    for row in found:
        unknown = bool(row.gap) or row.at is None
        for each in row.backends:
            wanted = each.servers - each.drained
            share = 100.0 * len(each.down) / wanted if wanted > 0 else 0.0
            share = share if each.serving else 100.0
            down[f"/{each.name}"] = nan if unknown else share
    return {"backend_down": down}


def addresses(told: Told) -> tuple[AddressRow, ...]:
    """A row for each address that the estate names."""
    asked = told.host.asked.keepalived
    daemon = next(iter(told.named("keepalived")), None)
    seen = {each.subject: each for each in told.named("address")}
    found = []
    for address in asked.addresses if asked else ():
        reading = seen.get(address)
        found.append(
            AddressRow(
                **told.whose,
                address=address,
                held=None if reading is None else reading.text == "held",
                interface=text(reading, "interface") if reading else "",
                state=text(daemon, "state") if daemon else "",
                running=None if daemon is None else daemon.text == "running",
            )
        )
    return tuple(found)
