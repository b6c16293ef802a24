"""The verbs readiness and tenants: what a person reads, and the status that a script gets."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from estate.availability import AllTenantsRow, TenantRow
from estate.document import Document
from estate.readiness import Bearing, FindingRow, ReadinessRow, Verdict
from tests.tui.commands.conftest import board
from watch.clock import now_ms

if TYPE_CHECKING:
    from tests.tui.commands.conftest import Run

READY = ReadinessRow("chat", "Chat", Verdict.READY, to="recovery", p50_ms=65_000, p90_ms=110_000)
UNKNOWN = ReadinessRow("voice", "Voice", Verdict.NOT_KNOWN, to="recovery")
EVERY: dict[str, tuple[ReadinessRow, ...]] = {
    "none": (),
    "ready": (READY,),
    "unknown": (READY, UNKNOWN),
    "not": (READY, UNKNOWN, replace(READY, key="email", name="E-mail", verdict=Verdict.NOT_READY)),
}


@pytest.fixture
def still(request: pytest.FixtureRequest) -> Document:
    """The board, with the readiness that the test asks for."""
    now = now_ms()
    found = (
        FindingRow(
            "A drill", Bearing.STOPS, "drill r-1 took 14:20", "runs", now - 86_400_000, "see why"
        ),
        FindingRow("A runbook", Bearing.PASSES, "evil [red]x[/red]", "plan", now - 5_000),
    )
    rows = tuple(
        replace(row, findings=found, limit_ms=600_000, done_at=now - 86_400_000, took_ms=860_000)
        if row.verdict is Verdict.NOT_READY
        else row
        for row in EVERY[getattr(request, "param", "not")]
    )
    tenants = (
        TenantRow("sb", "Security Bureau", {}, 702_000, 840_000, "3693/3694", "1280/1282",
                  ("email", "chat"), ("mta", "mbx")),
    )  # fmt: skip
    together = AllTenantsRow("2026-11", 0, 1, 702_000, 840_000, "3693/3694", "1280/1282", None, 0)
    return replace(board(now), readiness=rows, tenants=tenants, all_tenants=(together,))


@pytest.mark.parametrize(
    ("still", "status"), [("none", 3), ("ready", 0), ("unknown", 3), ("not", 1)], indirect=["still"]
)
def test_its_status_is_the_answer(
    run: Run, watch_socket: Path, still: Document, status: int
) -> None:
    said = run("--socket", watch_socket, "readiness", "--json")
    assert (said.returncode, said.stderr) == (status, "")
    verdicts = [row["verdict"] for row in json.loads(said.stdout)]
    assert verdicts == [str(row.verdict) for row in still.readiness]


def test_a_table_says_why_not(run: Run, watch_socket: Path) -> None:
    lines = run("--socket", watch_socket, "readiness").stdout.splitlines()
    assert lines[0].split()[:6] == ["SERVICE", "READY", "TO", "P50", "P90", "LIMIT"]
    assert lines[1].split() == ["chat", "ready", "recovery", "1:05", "1:50", "–", "–", "–"]
    assert lines[3].split()[:9] == [
        "email", "not", "ready", "recovery", "1:05", "1:50", "10:00", "1", "d",
    ]  # fmt: skip
    assert lines[3].endswith("14:20  A drill: drill r-1 took 14:20")


def test_one_service_has_all_its_findings_and_a_status_of_its_own(
    run: Run, watch_socket: Path
) -> None:
    said = run("--socket", watch_socket, "readiness", "email")
    assert said.returncode == 1
    assert "evil [red]x[/red]" in said.stdout
    assert run("--socket", watch_socket, "readiness", "chat").returncode == 0
    wrong = run("--socket", watch_socket, "readiness", "mail")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "twinwatch: no such service — mail — it is none of those that are meant to move — "
        "twinwatch readiness lists them\n",
    )


def test_tenants_in_a_table_and_as_json(run: Run, watch_socket: Path) -> None:
    lines = run("--socket", watch_socket, "tenants").stdout.splitlines()
    assert lines[1].split() == [
        *("sb", "Security", "Bureau", "11:42", "14:00", "99.972", "99.843"),
        *("email", "chat", "mta", "mbx"),
    ]
    assert lines[2].split() == [
        *("(any)", "while", "any", "of", "them", "is", "without"),
        *("11:42", "14:00", "99.972", "99.843"),
    ]
    (row,) = json.loads(run("--socket", watch_socket, "tenants", "--json").stdout)
    assert (row["best"], row["groups"]) == ("3693/3694", ["mta", "mbx"])
