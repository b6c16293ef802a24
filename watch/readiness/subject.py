"""One service and the site that would take it over, with all that is known of both. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from estate.document import Document
from estate.model import Estate, Host, Service
from estate.plans import InputView, PlanView
from estate.readiness import Asking
from estate.runs import RunRow

#: What an input for a person's own note is given when nobody has had the incident yet.
NO_INCIDENT = "readiness"
#: Inputs of these names are the site that is left; any other site is the one that takes over.
_LEFT = frozenset({"from", "old", "lost", "source"})


#: Hosts that are collected, by group and site.
Members = Mapping[tuple[str, str], tuple[Host, ...]]


def members_of(estate: Estate) -> Members:
    """Made once an estate: services are looked at by the hundred, every few seconds."""
    found: dict[tuple[str, str], list[Host]] = {}
    for host in estate.hosts.values():
        for group in dict.fromkeys(host.groups) if host.collected else ():
            found.setdefault((group, host.site), []).append(host)
    return {place: tuple(hosts) for place, hosts in found.items()}


@dataclass(frozen=True, slots=True)
class Subject:
    """A `service` that `runbook` would move to the site `to`, as it is known at `now` (UTC ms).

    `plan` is the runbook's, made at `planned_at` without asking hosts; None where there is none,
    `unplanned` says why. `asking` is what hosts answered last, `done` the last run or drill of the
    runbook that ended well and was measured, `newer` the newest that ended since and was not both.
    `lags` are the last lags of standbys (seconds, UTC ms), by host.
    """

    service: Service
    estate: Estate
    document: Document
    now: int
    to: str
    members: Members
    runbook: str = ""
    plan: PlanView | None = None
    planned_at: int | None = None
    unplanned: str = ""
    asking: Asking | None = None
    done: RunRow | None = None
    newer: RunRow | None = None
    lags: Mapping[str, tuple[float, int]] = field(default_factory=dict)

    @property
    def limit_ms(self) -> int | None:
        """How long it may take: what is promised of the service, else the runbook's own target."""
        objective = self.service.objective
        if objective is not None and objective.recover_within_ms is not None:
            return objective.recover_within_ms
        return self.plan.target_ms if self.plan is not None else None

    def planned_hosts(self) -> tuple[Host, ...]:
        """The hosts that the runbook acts on, or asks."""
        if self.plan is None:
            return ()
        steps = (each for each in self.plan.steps if not each.left_out)
        names = dict.fromkeys(name for step in steps for name in step.hosts)
        return tuple(self.estate.hosts[name] for name in names if name in self.estate.hosts)

    def needed_hosts(self, group: str, site: str) -> tuple[Host, ...]:
        """Hosts of a group at a site that are collected."""
        return self.members.get((group, site), ())

    def involved(self) -> frozenset[str]:
        """Names of the hosts that the service runs on, at any site, and of the runbook's."""
        carriers = (
            host.name
            for need in self.service.needs
            for site in self.estate.sites
            for host in self.needed_hosts(need.group, site)
        )
        return frozenset((*carriers, *(host.name for host in self.planned_hosts())))


def moves(service: Service) -> bool:
    """Whether the service is meant to move at all: a runbook does it, or it is promised."""
    objective = service.objective
    promised = objective is not None and objective.recover_within_ms is not None
    return service.phase == "live" and (promised or "fails" in service.runbooks)


def taking_over(service: Service, estate: Estate) -> str:
    """The site that would take over: what the estate gives its runbook, else the recovery site."""
    said = service.runbook_inputs.get("to", "")
    if said in estate.sites:
        return said
    roles = {key: site.role for key, site in estate.sites.items()}
    recovery = next((key for key, role in roles.items() if role == "recovery"), "")
    return recovery or next((key for key, role in roles.items() if role != "primary"), "")


def given(inputs: Sequence[InputView], service: Service, estate: Estate, to: str) -> dict[str, str]:
    """What a runbook's inputs are given for a rehearsal: what the estate says, else the obvious.

    A site is where it would move, or where it is now; an incident has no number yet. What nobody
    can guess, a host or a secret, is left out, and the plan says that it is missing.
    """
    others = [key for key in estate.sites if key != to]
    obvious = {"id": NO_INCIDENT, "line": NO_INCIDENT, "text": NO_INCIDENT, "site": to}
    found: dict[str, str] = {}
    for each in inputs:
        if each.name in service.runbook_inputs:
            found[each.name] = service.runbook_inputs[each.name]
        elif each.default is None and each.type == "site" and each.name in _LEFT and others:
            found[each.name] = others[0]
        elif each.default is None and each.type in obvious and obvious[each.type]:
            found[each.name] = obvious[each.type]
    return found
