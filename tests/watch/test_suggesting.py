"""A problem suggests the runbook that is for it, with what it says of the inputs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from estate.document import Problem, Severity
from estate.model import Need, Service
from estate.suggestions import SuggestedRunbook
from runbooks.reading.file import RunbookError, read_runbook
from tests.watch.test_board import ESTATE, live_board
from watch.error import WatchError
from watch.runbookfiles import Shelved, shelf, shipped
from watch.suggesting import suggested

TEXT = """\
runbook: {name}
title: A test
version: 1
{suggest}ask:
  from: {{type: site, say: From}}
  to: {{type: site, say: To}}
  victim: {{type: host, say: Which, default: a}}
hosts:
  these: {{group: mta}}
steps:
  - do: Look
    id: look
    hosts: these
    sh: uptime
    done_when: "true"
"""

LOST = Problem(
    "site/central", "central", "site lost", "", Severity.CRITICAL, 1, kind="reach",
    hosts=("gw", "a", "b"), site="central",
)  # fmt: skip
DISK = Problem("a/disk/var", "a", "full", "", Severity.WARNING, 1, kind="disk", hosts=("a",),
               site="central")  # fmt: skip
MAIL = Problem("mail/service", "mail", "down", "", Severity.CRITICAL, 1, kind="service")


def shelved(name: str, *suggest: str) -> Shelved:
    lines = "".join(["suggest:\n", *(f"  - {each}\n" for each in suggest)] if suggest else [])
    return Shelved(Path(f"/{name}.yaml"), read_runbook(TEXT.format(name=name, suggest=lines), name))


def asked(problem: Problem, *shelves: Shelved, below: tuple[Problem, ...] = (), estate=ESTATE):
    document = replace(live_board().document, problems=(problem, *below))
    return suggested(problem.id, document, estate, shelves, 10)


def test_a_site_that_is_lost_fills_in_both_sites() -> None:
    move = shelved("move", '{when: "id:site/* kind:reach", set: {from: $site, to: $other_site}}')
    clean = shelved("clean", '{when: "kind:disk group:mta", set: {victim: $host}}')
    assert asked(LOST, move, clean) == (
        SuggestedRunbook("move", "A test", {"from": "central", "to": "recovery"}),
    )
    assert asked(DISK, move, clean) == (SuggestedRunbook("clean", "A test", {"victim": "a"}),)
    assert asked(replace(DISK, hosts=("r",), where="r", id="r/mem", kind="mem"), move, clean) == ()


def test_what_is_not_known_of_a_problem_is_left_to_be_asked() -> None:
    one = shelved("one", '{when: "kind:reach", set: {victim: $host, from: central}}')
    (found,) = asked(LOST, one)
    assert found.given == {"from": "central"}


def test_the_most_particular_comes_first_and_each_once() -> None:
    wide = shelved("wide", '{when: "kind:disk"}', '{when: "severity:warning"}')
    narrow = shelved("narrow", '{when: "kind:disk site:central host:a"}')
    assert [each.runbook for each in asked(DISK, wide, narrow)] == ["narrow", "wide"]


def test_the_estate_names_the_runbook_of_a_service() -> None:
    service = Service(
        "mail", {"en": "Mail"}, needs=(Need("db", "any site", 1),), runbooks={"fails": "move"},
        runbook_inputs={"from": "central", "unknown": "x"},
    )  # fmt: skip
    estate = replace(ESTATE, services={"mail": service})
    move, other = shelved("move"), shelved("other", '{when: "service:mail"}')
    found = asked(MAIL, other, move, estate=estate)
    assert [(each.runbook, each.by) for each in found] == [("move", "estate"), ("other", "runbook")]
    assert found[0].given == {"from": "central"}
    below = asked(LOST, other, move, estate=estate, below=(replace(MAIL, parent=LOST.id),))
    assert [each.runbook for each in below] == ["move", "other"], "by way of what follows from it"


def test_no_such_problem() -> None:
    with pytest.raises(WatchError) as caught:
        suggested("x", live_board().document, ESTATE, (), 10)
    assert caught.value.status == 404


@pytest.mark.parametrize(
    ("suggest", "said"),
    [
        ('{when: "no:such"}', "filter, column 1: no field 'no'"),
        ('{when: "kind:disk", set: {nope: x}}', "no input 'nope'"),
        ('{when: "kind:disk", set: {victim: $hots}}', "'$hots' is not known of a problem"),
        ("{set: {victim: a}}", "'when' is missing in a suggestion"),
    ],
)
def test_what_a_runbook_gets_wrong_is_named(suggest: str, said: str) -> None:
    with pytest.raises(RunbookError) as caught:
        shelved("wrong", suggest)
    assert said in str(caught.value)


def test_what_ships_can_be_suggested() -> None:
    every = shelf((shipped(),))
    found = asked(LOST, *every)
    assert "site-evacuation" in [each.runbook for each in found]
    assert found[0].given["from"] == "central"
