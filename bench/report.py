"""What every benchmark prints: one JSON object, or a table for people.

A benchmark is a module with a `main()` that calls `run(...)`. It measures us and our peers in the
same run, compares by ratios, and exits 0 whether or not its goals are met: a missed goal is a
result. It exits 1 only when it could not run, and 2 when it was asked for something senseless.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


class UnableError(Exception):
    """The benchmark, or one peer in it, can't run here; the text says why and what would help."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Repeated measurements of one thing: their median and their extremes, in `unit`."""

    median: float
    min: float
    max: float
    unit: str


@dataclass(frozen=True, slots=True)
class Goal:
    """`goal` in words ("<= 0.2"), what was measured, and whether that is good enough.

    `got` is None, and the goal not met, where the comparison could not be made.
    """

    goal: str
    got: float | None
    met: bool


def machine_facts() -> dict[str, object]:
    """The facts of this machine that figures depend on."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "python": platform.python_version(),
        "load": [round(each, 2) for each in os.getloadavg()],
    }


@dataclass
class Report:
    """One benchmark's results while it runs.

    `work` says what was done, so that the figures mean something; `skipped` names the peers that
    could not take part, and why.
    """

    work: str
    machine: dict[str, object] = field(default_factory=machine_facts)
    figures: dict[str, Figure] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    goals: dict[str, Goal] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def figure(self, name: str, values: Sequence[float], unit: str) -> None:
        """Keep the measurements `values` (at least one) under `name`."""
        self.figures[name] = Figure(
            rounded(statistics.median(values)), rounded(min(values)), rounded(max(values)), unit
        )

    def ratio(self, name: str, above: str, below: str) -> float | None:
        """Keep median(`above`) / median(`below`); None where either was not measured."""
        over, under = self.figures.get(above), self.figures.get(below)
        if over is None or under is None or under.median == 0:
            return None
        self.ratios[name] = rounded(over.median / under.median)
        return self.ratios[name]

    def at_most(self, name: str, limit: float, got: float | None) -> None:
        """A goal that `got` is `limit` or less."""
        self.goals[name] = Goal(f"<= {limit:g}", got, got is not None and got <= limit)

    def skip(self, peer: str, reason: str) -> None:
        """Say why `peer` is not among the figures."""
        self.skipped[peer] = reason

    def median(self, name: str) -> float | None:
        """The median of figure `name`; None where it was not measured."""
        found = self.figures.get(name)
        return None if found is None else found.median

    def json(self) -> dict[str, object]:
        """The report as plain values, in the order of the contract."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Report:
        """The report that `json` gave."""
        return cls(
            work=said["work"],
            machine=said["machine"],
            figures={name: Figure(**each) for name, each in said["figures"].items()},
            ratios=said["ratios"],
            goals={name: Goal(**each) for name, each in said["goals"].items()},
            skipped=said.get("skipped", {}),
        )

    def table(self) -> str:
        """The report for people, as Markdown that also reads well in a terminal."""
        rows = [f"{self.work}", ""]
        rows += _columns(
            ("figure", "median", "min", "max", "unit"),
            [
                (name, f"{each.median:g}", f"{each.min:g}", f"{each.max:g}", each.unit)
                for name, each in self.figures.items()
            ],
        )
        if self.ratios:
            rows += [
                "",
                *_columns(("ratio", "value"), [(n, f"{v:g}") for n, v in self.ratios.items()]),
            ]
        if self.goals:
            rows += [
                "",
                *_columns(
                    ("goal", "wanted", "got", ""),
                    [
                        (
                            name,
                            each.goal,
                            "not measured" if each.got is None else f"{each.got:g}",
                            "met" if each.met else "not met",
                        )
                        for name, each in self.goals.items()
                    ],
                ),
            ]
        rows += [f"\nSkipped {peer}: {reason}" for peer, reason in self.skipped.items()]
        return "\n".join(rows)


def run(measure: Callable[[argparse.Namespace], Report], parser: argparse.ArgumentParser) -> None:
    """The way every benchmark starts: read the arguments, measure, print, exit 0 or 1."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    # So that servers are stopped and directories removed when somebody ends us early.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        report = measure(arguments)
    except UnableError as reason:
        print(f"{parser.prog}: could not run: {reason}", file=sys.stderr)
        sys.exit(1)
    print(json.dumps(report.json(), ensure_ascii=False) if arguments.json else report.table())


def rounded(value: float) -> float:
    """Four significant figures: more would be a claim that no benchmark here can make."""
    return float(f"{value:.4g}")


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.machine()
    named = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return named[0] if named else platform.machine()


def _columns(titles: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in [titles, *rows]) for i in range(len(titles))]
    lines = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in [titles, *rows]
    ]
    lines.insert(1, " | ".join("-" * max(width, 3) for width in widths))
    return [f"| {line} |" for line in lines]
