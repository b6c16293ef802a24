"""bench.pipeline runs, and what it prints keeps the contract of every benchmark."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

import pytest

from bench import pipeline
from bench.report import Report


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


def test_a_host_costs_what_its_share_of_a_sweep_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    def measured(report: Report, name: str, hosts: int, *_: object) -> None:
        report.figure(name, [hosts * 0.1 if hosts == 80 else hosts * 0.14], "ms/sweep")

    monkeypatch.setattr(pipeline, "_measured", measured)
    report = pipeline.measure(argparse.Namespace(sweeps=1))
    goal = report.goals["cost of a host among 1000 / among 80"]
    assert (goal.got, goal.met) == (1.4, False)
