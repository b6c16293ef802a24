"""From the command to the first paint, beside the least that a Textual app can be: in pairs.

Both are started one after the other, round by round, and a ratio is the median of the rounds' own,
so that what else the machine does falls on both alike. First paint is when half of the cells stand
that stand in the end; keys are taken when bracketed paste is switched on, behind which Textual
reads them. `twinwatch status --json` beside them is what a script waits for.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.console import MINIMAL, OURS, compile_ours, first_paint, played_watch
from bench.cost import process_seconds
from bench.glass import Glass
from bench.report import Report, UnableError, rounded, run

TAKES_KEYS = b"\x1b[?2004h"
TWINWATCH = str(Path(sys.executable).with_name("twinwatch"))
COMMANDS = {
    OURS: [TWINWATCH],
    MINIMAL: [sys.executable, "-m", "bench.drivers.textual_minimal"],
}
STATUS = "twinwatch status --json"
#: Of a `Start`, in words.
PARTS = {"paint": "first paint", "keys": "keys taken", "cpu": "cpu until keys are taken"}


@dataclass(frozen=True, slots=True)
class Start:
    """How one start went, milliseconds; `cpu` is the processor time until keys are taken."""

    paint: float
    keys: float
    cpu: float


def measure(arguments: argparse.Namespace) -> Report:
    """Start both, `rounds` times, each first in every other round."""
    report = Report(
        f"{arguments.rounds} starts of each at 120 x 40, {arguments.hosts} hosts, in turn; "
        "ratios are medians of the rounds' own"
    )
    compile_ours()
    starts: dict[str, list[Start]] = {name: [] for name in COMMANDS}
    statuses = []
    with played_watch(arguments.hosts) as watched, tempfile.TemporaryDirectory() as home:
        environ = {**watched, "XDG_CONFIG_HOME": home}
        for name in COMMANDS:
            start(name, environ)  # what is read from disk is read now
        for number in range(arguments.rounds):
            for name in list(COMMANDS)[:: 1 if number % 2 else -1]:
                starts[name].append(start(name, environ))
            statuses.append(status_ms(environ))
    for what, words in PARTS.items():
        for name, each in starts.items():
            report.figure(f"{name}: {words}", [getattr(one, what) for one in each], "ms")
    report.figure(STATUS, statuses, "ms")
    for what, words in PARTS.items():
        pairs = zip(starts[OURS], starts[MINIMAL], strict=True)
        ratios: list[float] = [getattr(ours, what) / getattr(least, what) for ours, least in pairs]
        report.ratios[_beside(words)] = rounded(statistics.median(ratios))
    goal = _beside(PARTS["paint"])
    report.at_most(goal, 1.5, report.ratios[goal])
    report.at_most(f"{STATUS}, ms", 150, report.median(STATUS))
    return report


def _beside(words: str) -> str:
    return f"{words} / minimal Textual app"


def start(name: str, environ: Mapping[str, str]) -> Start:
    """One start, watched until nothing more is painted."""
    glass = Glass(COMMANDS[name], environ=environ)
    try:
        if not glass.read(20.0, lambda: TAKES_KEYS in glass.chunks[-1][1]):
            raise UnableError(f"{name} took no keys in 20 s")
        keys, cpu = glass.chunks[-1][0], process_seconds(glass.pid)
        glass.read(0.5)
        return Start(first_paint(list(glass.chunks)) * 1_000, keys * 1_000, cpu * 1_000)
    finally:
        glass.close()


def status_ms(environ: Mapping[str, str]) -> float:
    """From the command to its end."""
    at = time.perf_counter()
    subprocess.run(
        [TWINWATCH, "status", "--json"],
        env={**os.environ, **environ}, stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    return (time.perf_counter() - at) * 1_000


def main() -> None:
    """See the module's first lines."""
    parser = argparse.ArgumentParser(prog="python -m bench.paint", description=__doc__)
    parser.add_argument("--hosts", type=int, default=80)
    parser.add_argument("--rounds", type=int, default=20)
    run(measure, parser)


if __name__ == "__main__":
    main()
