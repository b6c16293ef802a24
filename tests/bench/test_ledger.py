"""The ledger benchmark runs, and measures what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import bench.ledger


def test_a_quick_run_prints_every_figure_ratio_and_goal() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.ledger", "--quick", "--json"],
        capture_output=True, text=True, check=True, cwd=Path(bench.ledger.__file__).parents[1],
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert set(report["figures"]) == {
        "a round taken in, processor", "picture of all services", "a round on the disk",
        "a month from the file", "the file", "a row a round: a month",
        "a row a round: the file, one service", "a round of two vantages, processor",
        "a service's verdicts of three days made again",
        "the longest piece of that, for which the loop waits",
    }  # fmt: skip
    assert set(report["goals"]) == {
        "picture of all services, ms", "a round taken in, ms", "a round of two vantages, ms",
        "three days made again, ms a service", "the event loop held by a backfill, ms",
    }  # fmt: skip
    assert report["ratios"]["a month, a row a round / ours"] > 1
