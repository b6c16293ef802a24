"""Selectors → hosts of the estate, once, frozen from then on; and why they won't do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from estate.model import Estate, Host
from estate.shapes import suggestion
from runbooks.inputs import Inputs
from runbooks.reasons import Reason
from runbooks.runbook import Runbook, Selector

#: Of names in a reason.
_SHOWN = 5


def select(
    runbook: Runbook, estate: Estate, inputs: Inputs
) -> tuple[dict[str, tuple[str, ...]], tuple[Reason, ...]]:
    """The hosts of every selector, in the estate's order, and what stands against them.

    Hosts that are not collected, planned or retired, are never selected. A selector that names an
    input without a value selects nothing and says nothing: why is among the inputs' reasons.
    """
    chosen: dict[str, tuple[str, ...]] = {}
    reasons: list[Reason] = []
    for name in runbook.hosts:
        _choose(name, runbook, estate, inputs, chosen)
    for selector in runbook.hosts.values():
        if _filled(selector, inputs) is None:
            continue
        reasons += _unknown(selector, estate, inputs)
        reasons += _miscounted(selector, chosen[selector.name], estate, inputs)
    return chosen, tuple(reasons)


def _choose(
    name: str,
    runbook: Runbook,
    estate: Estate,
    inputs: Inputs,
    chosen: dict[str, tuple[str, ...]],
) -> tuple[str, ...]:
    """The hosts of one selector, after those that it leaves out; lint saw to it that this ends."""
    if name in chosen:
        return chosen[name]
    selector = runbook.hosts[name]
    left_out = {
        host for other in selector.but for host in _choose(other, runbook, estate, inputs, chosen)
    }
    filled = _filled(selector, inputs)
    chosen[name] = tuple(
        host.name
        for host in estate.hosts.values()
        if filled and host.collected and host.name not in left_out and _fits(filled, host, estate)
    )
    return chosen[name]


def _filled(selector: Selector, inputs: Inputs) -> Selector | None:
    """The selector with its inputs in it; None where one has no value."""
    named = (*selector.groups, selector.site, *selector.hosts, selector.rack)
    if any(text.startswith("$") and text[1:] not in inputs.values for text in named):
        return None
    return Selector(
        selector.name,
        tuple(map(inputs.filled, selector.groups)),
        inputs.filled(selector.site),
        tuple(map(inputs.filled, selector.hosts)),
        inputs.filled(selector.rack),
    )


def _fits(selector: Selector, host: Host, estate: Estate) -> bool:
    return (
        (not selector.groups or any(group in selector.groups for group in host.groups))
        and (not selector.site or host.site in sites_of(selector.site, estate))
        and (not selector.hosts or host.name in selector.hosts)
        and (not selector.rack or host.rack == selector.rack)
    )


def sites_of(text: str, estate: Estate) -> tuple[str, ...]:
    """The site of that key, else all of that role."""
    if text in estate.sites:
        return (text,)
    return tuple(site.key for site in estate.sites.values() if site.role == text)


def _unknown(selector: Selector, estate: Estate, inputs: Inputs) -> Iterator[Reason]:
    """What it names and the estate does not have."""
    filled = _filled(selector, inputs)
    assert filled
    for group in filled.groups:
        if group not in estate.groups():
            todo = suggestion(group, estate.groups(), "groups")
            yield _reason(f"{selector.name}: no group {group!r} in the estate", todo)
    if filled.site and not sites_of(filled.site, estate):
        todo = suggestion(filled.site, estate.sites, "sites")
        yield _reason(f"{selector.name}: no site {filled.site!r} in the estate", todo)
    for name in filled.hosts:
        host = estate.hosts.get(name)
        if host is None:
            todo = suggestion(name, estate.hosts, "hosts")
            yield _reason(f"{selector.name}: no host {name!r} in the estate", todo)
        elif not host.collected:
            todo = "correct its phase in the estate, or leave it out"
            yield _reason(f"{selector.name}: {name} is {host.phase}", todo)


def _miscounted(
    selector: Selector, hosts: tuple[str, ...], estate: Estate, inputs: Inputs
) -> Iterator[Reason]:
    if not hosts:
        if not any(_unknown(selector, estate, inputs)):
            todo = "no host of the estate has all of that: correct the runbook or the estate"
            yield _reason(f"{selector.name} selects no host", todo)
        return
    wanted = ""
    if selector.exactly is not None and len(hosts) != selector.exactly:
        wanted = f"{selector.exactly}"
    elif selector.at_least is not None and len(hosts) < selector.at_least:
        wanted = f"at least {selector.at_least}"
    elif selector.at_most is not None and len(hosts) > selector.at_most:
        wanted = f"at most {selector.at_most}"
    if wanted:
        shown = ", ".join(hosts[:_SHOWN]) + (" …" if len(hosts) > _SHOWN else "")
        what = f"{selector.name} selects {len(hosts)} hosts where {wanted} belong: {shown}"
        yield _reason(what, "correct the selector, or the groups in the estate")


def _reason(what: str, todo: str) -> Reason:
    return Reason("hosts", what, todo)


def traits(estate: Estate, hosts: Iterator[str]) -> dict[str, dict[str, str]]:
    """What each host has in common with others: its site, rack and pair.

    Both hosts of a pair have the same "pair", whichever of them names the other.
    """
    partner: dict[str, str] = {}
    for host in estate.hosts.values():
        if host.pair:
            name = "+".join(sorted((host.name, host.pair)))
            partner.setdefault(host.name, name)
            partner.setdefault(host.pair, name)
    made: dict[str, dict[str, str]] = {}
    for name in hosts:
        host = estate.hosts[name]
        parts: Mapping[str, str] = {
            "site": host.site, "rack": host.rack, "pair": partner.get(name, ""),
        }  # fmt: skip
        made[name] = {trait: value for trait, value in parts.items() if value}
    return made
