"""bench.pipeline runs, and what it prints keeps the contract of every benchmark."""

from __future__ import annotations

import json
import subprocess
import sys


def test_a_short_run_measures_every_stage() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "bench.pipeline", "--sweeps", "2", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    report = json.loads(said.stdout)
    assert set(report["goals"]) == {
        "80 hosts, ms of CPU a sweep",
        "cost of a host among 1000 / among 80",
    }
    figures = report["figures"]
    for stage in ("decode", "board", "storage", "stream"):
        assert figures[f"ours, 80 hosts: {stage}"]["median"] > 0
    assert report["ratios"]["ours / row a sample, storage alone"] > 0
