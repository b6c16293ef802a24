"""The verb budget: a line a service, and what all its tenants lost together."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI

from estate.availability import AllTenantsRow, BudgetRow, ServiceRow, TenantRow
from estate.document import Document
from estate.language import ENGLISH
from tests.tui.commands.conftest import Kept, StandingStill, board
from tui.commands.budget import failovers_cell
from tui.paint.budgetwords import failovers, worst_forecast
from watch.api import application
from watch.clock import now_ms
from watch.ledger.routes import HasLedger, add_ledger
from watch.past import asof
from watch.past.asof import PATHS
from watch.past.keeping import Past

if TYPE_CHECKING:
    from tests.tui.commands.conftest import Run

MONTH = BudgetRow(
    "2026-11", 0, 2_592_000_000, "99.95%", 1_296_000, None, 702_000, 840_000, 61_000, 0, "3693/3694",
    "1280/1282", "open", 594_000, -246_000, {"1h": 2.5}, at_month_pace_ms=900_000,
    at_day_pace_ms=1_470_000, failovers_left=0, net_best="1",
)  # fmt: skip


@pytest.fixture
def still(request: pytest.FixtureRequest) -> Document:
    """A service with a budget, one without; and tenants, unless the test has none."""
    services = (ServiceRow("email", "E-mail", budget=MONTH), ServiceRow("voice", "Voice mail"))
    together = (AllTenantsRow("2026-11", 0, 2, 900_000, 0, "1439/1440", "1439/1440", "1", 9),)
    bureau = TenantRow(
        "sb", "Security Bureau", {}, 900_000, 0, "1439/1440", "1439/1440", ("email",), ()
    )
    document = replace(board(now_ms()), services=services)
    if not getattr(request, "param", True):
        return document
    return replace(document, tenants=(bureau,), all_tenants=together)


def test_a_line_a_service_and_one_for_any_tenant(run: Run, watch_socket: Path) -> None:
    heading, email, together = run("--socket", watch_socket, "budget").stdout.splitlines()
    assert heading.split()[:5] == ["SERVICE", "MONTH", "VERDICT", "DOWN", "UNKNOWN"]
    assert email.split()[:6] == ["email", "2026-11", "still", "open", "11:42", "14:00"]
    assert email.split()[6:8] == ["1:01", "21:36"] and "100.000" in email
    assert together.split() == [
        *("(any", "tenant)", "2026-11", "–", "15:00", "0:00", "–", "–", "–", "99.930", "99.930"),
        *("–", "–", "–", "–"),
    ]


HOUR_MS, DAY_MS = 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("foreseen", "said"),
    [
        # Down now: that it "met" at the month's pace would be the most flattering of three.
        ({"used_up_at": "later", "at_month_pace_ms": 64_000, "at_day_pace_ms": 64_000}, "gone in"),
        ({"at_month_pace_ms": 64_000, "at_day_pace_ms": 1_356_000}, "breached, 1:00 over"),
        ({"at_month_pace_ms": 1_236_000, "at_day_pace_ms": None}, "met, 1:00 to spare"),
        ({"at_month_pace_ms": None, "at_day_pace_ms": None}, "–"),
    ],
)
def test_of_three_forecasts_it_says_the_worst(foreseen: dict[str, object], said: str) -> None:
    now = now_ms()
    times = {key: now + DAY_MS if each == "later" else each for key, each in foreseen.items()}
    assert worst_forecast(replace(MONTH, **times), now, ENGLISH).startswith(said)


@pytest.mark.parametrize(
    ("told", "cell", "words"),
    [
        ({"failovers_left": 2, "failovers_left_worst": 0}, "2 … 0", "2 at best, 0 at worst"),
        ({"failovers_left": 2, "failovers_left_worst": 2}, "2", "2"),
        # A watch of before told the best case alone, which is all of it where nothing was unseen.
        ({"failovers_left": 2}, "2 … ?", "2 at best, ? at worst"),
        ({"failovers_left": 2, "unknown_ms": 0}, "2", "2"),
        ({"failovers_left": None}, "–", "–"),
    ],
)
def test_failovers_are_left_at_best_and_at_worst(
    told: dict[str, int | None], cell: str, words: str
) -> None:
    said = replace(MONTH, **told)
    assert (failovers_cell(said), failovers(said, ENGLISH)) == (cell, words)


def test_the_worst_forecast_is_the_last_of_a_line(run: Run, watch_socket: Path) -> None:
    heading, email, _ = run("--socket", watch_socket, "budget").stdout.splitlines()
    assert heading.split()[-2:] == ["AT", "WORST"]
    assert email.endswith("breached, 2:54 over")


def test_for_programs_it_is_the_last_of_the_list(run: Run, watch_socket: Path) -> None:
    email, together = json.loads(run("--socket", watch_socket, "budget", "--json").stdout)
    assert (email["key"], email["down_ms"]) == ("email", 702_000)
    assert (together["key"], together["down_ms"]) == ("(any tenant)", 900_000)
    assert together["best"] == "1439/1440"


@pytest.fixture
def _not_restarted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch is of the time before all tenants were asked of together."""

    def older(app: FastAPI, services: HasLedger) -> None:
        add_ledger(app, services)
        routes = app.router.routes
        routes[:] = [each for each in routes if getattr(each, "path", "") != "/v1/tenants/all"]

    monkeypatch.setattr(application, "add_ledger", older)


@pytest.mark.usefixtures("_not_restarted")
def test_a_watch_that_was_not_restarted_says_what_it_knows(run: Run, watch_socket: Path) -> None:
    done = run("--socket", watch_socket, "budget")
    assert (done.returncode, done.stderr) == (0, "")
    assert "email" in done.stdout and "tenant" not in done.stdout
    (email,) = json.loads(run("--socket", watch_socket, "budget", "--json").stdout)
    assert email["key"] == "email"
    done = run("--socket", watch_socket, "tenants")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Security Bureau" in done.stdout and "(any)" not in done.stdout


@pytest.mark.usefixtures("_not_restarted")
@pytest.mark.parametrize("verb", ["budget", "tenants"])
def test_nor_has_it_a_past_of_that(run: Run, watch_socket: Path, past: Document, verb: str) -> None:
    paths = PATHS - {"/v1/tenants/all"}
    with pytest.MonkeyPatch.context() as older:
        older.setattr(asof, "PATHS", paths)
        done = run("--socket", watch_socket, "--at", past.at, verb)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def past(still: Document, monkeypatch: pytest.MonkeyPatch) -> Document:
    """The board of an hour ago, when the limit was to be gone half an hour later."""
    at = still.at - HOUR_MS
    (email, voice) = still.services
    used_up = replace(MONTH, used_up_at=at + HOUR_MS // 2)
    then = replace(still, at=at, services=(replace(email, budget=used_up), voice))
    monkeypatch.setattr(StandingStill, "past", Past(Kept(then), lambda: still), raising=False)  # type: ignore[arg-type]
    return then


def test_a_forecast_of_the_past_is_of_its_own_clock(
    run: Run, watch_socket: Path, past: Document
) -> None:
    _, _, email, _ = run("--socket", watch_socket, "--at", past.at, "budget").stdout.splitlines()
    assert email.endswith("gone in 30:00")


@pytest.mark.parametrize("still", [False], indirect=True)
def test_without_tenants_nothing_is_said_of_them(run: Run, watch_socket: Path) -> None:
    (email,) = json.loads(run("--socket", watch_socket, "budget", "--json").stdout)
    assert email["key"] == "email"
    assert "tenant" not in run("--socket", watch_socket, "budget").stdout
