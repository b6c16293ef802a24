"""The verb budget: a line a service, and what all its tenants lost together."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from estate.availability import AllTenantsRow, BudgetRow, ServiceRow
from estate.document import Document
from estate.language import ENGLISH
from tests.tui.commands.conftest import board
from tui.paint.budgetwords import worst_forecast
from watch.clock import now_ms

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
    tenants = together if getattr(request, "param", True) else ()
    return replace(board(now_ms()), services=services, all_tenants=tenants)


def test_a_line_a_service_and_one_for_any_tenant(run: Run, watch_socket: Path) -> None:
    heading, email, together = run("--socket", watch_socket, "budget").stdout.splitlines()
    assert heading.split()[:5] == ["SERVICE", "MONTH", "VERDICT", "DOWN", "UNKNOWN"]
    assert email.split()[:6] == ["email", "2026-11", "still", "open", "11:42", "14:00"]
    assert email.split()[6:8] == ["1:01", "21:36"] and "100.000" in email
    assert together.split() == [
        *("(any", "tenant)", "2026-11", "–", "15:00", "0:00", "–", "–", "–", "99.930", "99.930"),
        *("–", "–", "–", "–"),
    ]


DAY_MS = 86_400_000


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


def test_the_worst_forecast_is_the_last_of_a_line(run: Run, watch_socket: Path) -> None:
    heading, email, _ = run("--socket", watch_socket, "budget").stdout.splitlines()
    assert heading.split()[-2:] == ["AT", "WORST"]
    assert email.endswith("breached, 2:54 over")


def test_for_programs_it_is_the_last_of_the_list(run: Run, watch_socket: Path) -> None:
    email, together = json.loads(run("--socket", watch_socket, "budget", "--json").stdout)
    assert (email["key"], email["down_ms"]) == ("email", 702_000)
    assert (together["key"], together["down_ms"]) == ("(any tenant)", 900_000)
    assert together["best"] == "1439/1440"


@pytest.mark.parametrize("still", [False], indirect=True)
def test_without_tenants_nothing_is_said_of_them(run: Run, watch_socket: Path) -> None:
    (email,) = json.loads(run("--socket", watch_socket, "budget", "--json").stdout)
    assert email["key"] == "email"
    assert "tenant" not in run("--socket", watch_socket, "budget").stdout
