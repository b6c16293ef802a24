"""The benchmark of the first paint runs, and measures what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_one_round_of_a_small_estate() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.paint", "--rounds", "1", "--hosts", "4", "--json"],
        capture_output=True, text=True, timeout=100, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    medians = {name: figure["median"] for name, figure in report["figures"].items()}
    assert set(medians) == {
        *(f"{program}: {what}" for program in ("twinwatch", "Textual, minimal")
          for what in ("first paint", "keys taken", "cpu until keys are taken")),
        "twinwatch status --json",
    }  # fmt: skip
    # The page does not wait for Textual, which alone takes keys.
    assert 0 < medians["twinwatch: first paint"] < medians["twinwatch: keys taken"]
    assert set(report["ratios"]) >= {"first paint / minimal Textual app"}
