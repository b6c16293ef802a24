"""`twinwatch ledger`: what anybody can compute again from a file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

NOVEMBER = """{"timezone": "Asia/Hong_Kong", "month": "2026-11", "objective": "99.95%",
 "flat_limit_s": 1320, "until": null, "maintenance_counts": true,
 "down": [["2026-11-10T03:00:00+08:00", "2026-11-10T03:22:00+08:00"]],
 "unknown": [], "maintenance": []}"""


def ledger(*words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from tui.commands.main import main; main()", "ledger", *words]
    return subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_month_is_computed_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "november.json").write_text(NOVEMBER)
    done = ledger("compute", str(tmp_path / "november.json"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "period_ms": 2592000000, "observed_ms": 2592000000, "ast_ms": 2592000000,
        "budget_ms": 1296000, "down_ms": 1320000, "unknown_ms": 0, "down_in_maintenance_ms": 0,
        "best": "21589/21600", "worst": "21589/21600", "remaining_best_ms": -24000,
        "remaining_worst_ms": -24000, "flat_remaining_ms": 0, "verdict": "breached",
    }  # fmt: skip


def test_rounds_are_replayed_from_standard_input() -> None:
    marks = zip("oooxxxxoooo", "oooxxxxoooo", strict=True)
    rounds = [[30 * number, *pair] for number, pair in enumerate(marks)]
    text = json.dumps({"cadence_s": 30, "vantages": ["a", "b"], "rounds": rounds})
    done = ledger("replay", "-", "--json", text=text)
    assert json.loads(done.stdout) == [
        {"at": 0, "state": "up", "confirmed_at": 0},
        {
            "at": 90, "state": "down", "confirmed_at": 120,
            "counted_s": 120, "at_least_s": 90, "at_most_s": 150,
        },
        {"at": 210, "state": "up", "confirmed_at": 240},
    ]  # fmt: skip


@pytest.mark.parametrize("words", [("compute", "-"), ("replay", "-")])
def test_a_bad_file_is_one_clear_error_and_status_2(words: tuple[str, ...]) -> None:
    done = ledger(*words, text="{")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("-:1: not JSON")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = ledger("compute", str(tmp_path / "none.json"))
    assert done.returncode == 2
    assert f"{tmp_path}/none.json" in done.stderr
