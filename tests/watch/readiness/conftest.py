"""A service that could move, with nothing against it; tests take away what they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from estate.availability import BudgetRow, ServiceRow
from estate.document import Document, HostRow, WatchRow
from estate.file import read_estate
from estate.model import Estate
from estate.plans import PlannedStepView, PlanView
from estate.readiness import Asking, Bearing, FindingRow
from estate.runs import RunRow
from estate.samples import Reach
from watch.readiness.subject import Subject, members_of

#: Fri 20 Nov 2026, 03:07:12 in Hong Kong.
NOW = 1_795_115_232_000
SHA = "ab" * 32
ESTATE = """
estate: Mail
timezone: Asia/Hong_Kong
sites:
  central:  {name: Central, role: primary}
  recovery: {name: Recovery, role: recovery}
hosts:
  "mta-c[1:3]": {site: central, groups: [mta]}
  "mta-r[1:3]": {site: recovery, groups: [mta]}
  mdb-c1: {site: central, groups: [mdb]}
  mdb-r1: {site: recovery, groups: [mdb]}
  lb-r1: {site: recovery, groups: [lb]}
services:
  email:
    name: {en: E-mail, zh-Hant: 電郵}
    objective: {available: 99.95%, recover_within: 10m}
    needs: [{group: mta, at: active site, k: 2}, {group: mdb, at: active site, k: 1}]
    runbooks: {fails: mail-failover}
"""


def step(name: str, say: str, hosts: Iterable[str], *, before: bool = False) -> PlannedStepView:
    return PlannedStepView(name, "check", say, tuple(hosts), before=before)


PLAN = PlanView(
    runbook="mail-failover",
    title="Move e-mail",
    version=7,
    sha256=SHA,
    asked_at=NOW - 3_600_000,
    reasons=(),
    steps=(
        step("answers", "The standby answers", ("mdb-r1",), before=True),
        step("relays", "The relays take mail", ("mta-r1", "mta-r2", "mta-r3"), before=True),
        step("fenced", "Stop the old primary", ("mdb-c1",)),
        step("moved", "Move the address", ("lb-r1",)),
    ),
    p50_ms=348_000,
    p90_ms=552_000,
    source="history",
    target_ms=600_000,
)
BUDGET = BudgetRow(
    month="2026-11",
    starts=0,
    ends=NOW * 2,
    objective="99.95%",
    limit_ms=1_296_000,
    flat_limit_ms=None,
    down_ms=0,
    unknown_ms=0,
    degraded_ms=0,
    maintenance_ms=0,
    best="1",
    worst="1",
    verdict="open",
    left_best_ms=1_296_000,
    left_worst_ms=1_296_000,
)
DONE = RunRow(
    id="r-20261115-0200-ab12",
    runbook="mail-failover",
    title="",
    state="succeeded",
    seq=9,
    started_at=NOW - 5 * 86_400_000,
    since=0,
    by="kfwong",
    drill=True,
    ended_at=NOW - 5 * 86_400_000 + 300_000,
    clock_started_at=NOW - 5 * 86_400_000 + 20_000,
    clock_stopped_at=NOW - 5 * 86_400_000 + 241_000,
)
ASKED = Asking(
    "email",
    "mail-failover",
    SHA,
    NOW - 3_600_000,
    (FindingRow("The standby answers", Bearing.PASSES, "", "mdb-r1", NOW - 3_600_000),),
)


def document(estate: Estate) -> Document:
    hosts = {
        host.name: HostRow(host.name, host.site, host.groups, Reach.LIVE, at=NOW - 2_000)
        for host in estate.hosts.values()
    }
    service = ServiceRow("email", "E-mail", state="up", at=NOW - 5_000, budget=BUDGET)
    return Document(
        seq=1,
        at=NOW - 1_000,
        estate=estate.name,
        timezone=estate.timezone,
        language="en",
        every_ms=5_000,
        watch=WatchRow(bastion={"disk": 22.0}),
        hosts=hosts,
        services=(service,),
    )


class Scene:
    """The subject, with parts of it or of the board replaced."""

    def __init__(self) -> None:
        self.estate = read_estate(ESTATE, "estate.yaml")

    def __call__(self, *, board: dict[str, Any] | None = None, **parts: Any) -> Subject:
        subject = Subject(
            self.estate.services["email"],
            self.estate,
            replace(document(self.estate), **(board or {})),
            NOW,
            "recovery",
            members_of(self.estate),
            "mail-failover",
            plan=PLAN,
            planned_at=NOW - 20_000,
            asking=ASKED,
            done=DONE,
        )
        return replace(subject, **parts)

    def hosts(self, **reaches: Reach) -> dict[str, HostRow]:
        """The hosts, some of them out of reach: names with `_` for `-`."""
        rows = dict(document(self.estate).hosts)
        for name, reach in reaches.items():
            key = name.replace("_", "-")
            rows[key] = replace(rows[key], reach=reach)
        return rows


@pytest.fixture
def scene() -> Scene:
    return Scene()


Found = Callable[[Iterable[FindingRow]], list[tuple[str, str, str]]]


@pytest.fixture
def told() -> Found:
    """Findings as (bearing, what was asked, what was found)."""
    return lambda findings: [(str(each.bearing), each.asked, each.said) for each in findings]
