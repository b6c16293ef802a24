"""The plan: frozen hosts, times, locks, and all reasons not to start at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from estate.file import read_estate
from runbooks.planning.budget import Left
from runbooks.planning.plan import Plan, Situation, plan
from runbooks.planning.questions import found, questions
from runbooks.progress.facts import Task
from runbooks.progress.requests import Looked, NoAnswer, Purpose
from runbooks.reading.file import read_runbook

GOOD = Path(__file__).parents[1] / "good"
ESTATE = read_estate(
    """
estate: x
timezone: Asia/Hong_Kong
sites: {a: {role: primary}, b: {role: recovery}}
hosts:
  "db[1:2]": {site: a, groups: [mail-db]}
  "dbr[1:1]": {site: b, groups: [mail-db, spare-db]}
  "web[1:3]": {site: b, groups: [web], rack: A1}
services:
  mail-roundtrip: {name: Mail, tier: 1, probes: [{tcp: "mail.example:25"}]}
""",
    "estate.yaml",
)
SATURDAY = datetime(2026, 11, 21, 23, tzinfo=ZoneInfo("Asia/Hong_Kong"))
SITUATION = Situation(
    int(SATURDAY.timestamp() * 1000),
    left={"mail": Left(1_320_000, 1_320_000)},
    files={"files/page.html": b"hello", "site.yml": b"[]"},
)
GIVEN = {"incident": "INC-7", "spare": "web3", "there": "b", "pin": "hush"}


def everything(**given: str) -> Plan:
    book = read_runbook((GOOD / "everything.yaml").read_text(), "everything.yaml")
    return plan(book, {**GIVEN, **given}, ESTATE, SITUATION)


def test_without_reasons_it_may_go() -> None:
    made = everything()
    assert made.reasons == ()
    assert made.hosts == {"old": ("db1", "db2"), "new": ("dbr1",), "web": ("web1", "web2", "web3")}
    assert made.locks == (
        "service/mail", "site/central", "host/db1", "host/db2", "host/dbr1",
        "host/web1", "host/web2", "host/web3",
    )  # fmt: skip
    assert made.traits["web1"] == {"site": "b", "rack": "A1"}


def test_what_will_be_left_out_is_said() -> None:
    left_out = {each.step.id: each.left_out for each in everything().steps if each.left_out}
    assert left_out == {"by-hand": "unless a jump leads here", "step-8": "except in a drill"}


def test_all_reasons_are_told_at_once() -> None:
    book = read_runbook((GOOD / "everything.yaml").read_text(), "everything.yaml")
    thursday = SITUATION.now - 2 * 86_400_000
    made = plan(
        replace(book, drill=""),
        {**GIVEN, "incident": "a b", "there": "a"},
        ESTATE,
        Situation(thursday, held={"service/mail": "r-1 of kfwong"}, files={"site.yml": b""}),
        drill=True,
    )
    assert [(each.rule, str(each), each.waivable) for each in made.reasons] == [
        ("drill", "everything has no drill: it would be done for real — add drill: and what is"
         " different in one to the runbook", False),
        ("input", "incident: 'a b' does not fit — write letters, digits and _ . / : # -", False),
        ("hosts", "new selects no host — no host of the estate has all of that: correct the runbook"
         " or the estate", False),
        ("file", "'files/page.html' is not beside the runbook — put it there", False),
        ("lock", "service/mail is held by r-1 of kfwong — wait for it, or abort that run", False),
        ("window", "the window is shut: it is Thursday 23:00 in Asia/Hong_Kong — it opens on"
         " Saturday at 22:00", True),
        ("budget", "nobody knows what is left of mail's month — wait until it is measured, or have"
         " it waived", True),
    ]  # fmt: skip
    assert len(made.waived().reasons) == 5


def test_a_rolling_that_leaves_nobody_is_refused() -> None:
    book = read_runbook(
        "runbook: x\ntitle: x\nversion: 1\nhosts: {web: {group: web}}\nsteps:\n"
        "  - rolling: all\n    hosts: web\n    keep_healthy: 3\n    each: [{check: a, sh: a}]\n",
        "x.yaml",
    )
    made = plan(book, {}, ESTATE, SITUATION)
    assert [str(each) for each in made.reasons] == [
        "step-1: keep_healthy leaves none of 3 hosts to be rolled — write 2 or less"
    ]


def test_a_promise_that_so_many_hosts_break_is_a_reason() -> None:
    book = read_runbook(
        "runbook: x\ntitle: x\nversion: 1\nclock: {target: 1m}\nhosts: {web: {group: web}}\nsteps:\n"
        "  - rolling: all\n    hosts: web\n    each: [{check: a, sh: a}]\n",
        "x.yaml",
    )
    (reason,) = plan(book, {}, ESTATE, SITUATION).reasons
    assert reason.waivable
    assert str(reason) == (
        "step-1 takes 90 s at worst, 60 s are promised — roll more hosts at once, or have it waived"
    )


def test_times() -> None:
    book = read_runbook((GOOD / "mail-failover.yaml").read_text(), "mail-failover.yaml")
    made = plan(book, {"incident": "INC-1"}, ESTATE, SITUATION)
    assert {
        each.step.id: (each.span.p50_ms, each.span.source, each.worst_ms) for each in made.steps
    } == {
        "step-1": (30_000, "timeout", 30_000),
        "step-2": (30_000, "timeout", 30_000),
        "declared": (0, "people", 180_000),
        "fenced": (80_000, "timeout", 80_000),
        "fence-by-hand": (0, "people", None),
        "promoted": (40_000, "takes", 140_000),
        "clients-verified": (235_000, "timeout", 235_000),
    }
    # the gate by hand is only there for a jump
    assert (made.span.p50_ms, made.span.source) == (355_000, "sum")
    assert made.ways.worst
    assert (str(made.ways.worst), made.ways.worst.ms) == (
        "fenced → promoted → clients-verified",
        455_000,
    )


def test_the_pin_holds_all_but_secrets() -> None:
    pinned = everything().pinned("r-1", epoch=3, reason="drill")
    assert pinned.secrets == ("pin",)
    assert "hush" not in repr(pinned)
    assert pinned.inputs["incident"] == "INC-7"
    assert (pinned.epoch, pinned.target_ms) == (3, 10_800_000)
    assert pinned.hosts["new"] == ("dbr1",)


def test_hosts_are_asked_what_holds_and_what_is_done() -> None:
    asked = questions(everything())
    assert [(str(each.task), each.purpose) for each in asked] == [
        ("ready on dbr1", Purpose.CHECK),
        *((f"opened on {host}", Purpose.BEFORE) for host in ("db1", "db2", "dbr1")),
        *((f"step-4 on {host}", Purpose.BEFORE) for host in ("web1", "web2", "web3")),
        *((f"step-5 on {host}", Purpose.BEFORE) for host in ("web1", "web2", "web3")),
    ]


def test_answers_become_reasons_and_what_is_done() -> None:
    made = everything()
    asked = questions(made)
    good = {each: Looked(True) for each in asked}
    assert found(made, good).reasons == ()
    assert set(found(made, good).done.values()) == {True}
    answers = {**good, asked[0]: Looked(False, "no response"), asked[1]: NoAnswer("no route")}
    said = found(made, answers)
    assert [(str(each), each.waivable) for each in said.reasons] == [
        ("The standby answers: not so on dbr1: no response — mend it, and plan again", True)
    ]
    assert said.done[Task("opened", "db1")] is None
    nobody = found(made, {})
    assert [str(each) for each in nobody.reasons] == [
        "The standby answers: nobody knows on dbr1: it was not asked — have it answer, and plan again"
    ]


def test_a_probe_that_nobody_can_take_is_a_reason() -> None:
    book = read_runbook((GOOD / "everything.yaml").read_text(), "everything.yaml")
    for services in ({}, {"mail-roundtrip": replace(ESTATE.services["mail-roundtrip"], probes=())}):
        made = plan(book, GIVEN, replace(ESTATE, services=services), SITUATION)
        assert [str(each) for each in made.reasons] == [
            "seen: the estate has no service mail-roundtrip with probes"
            " — name one in probe:, or give it probes in the estate"
        ]
