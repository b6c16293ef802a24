"""Captured terminals: what a probe makes of one, and how it takes it in pieces."""

from __future__ import annotations

from pathlib import Path

from collectors.probes import PROBES
from collectors.runner import Answer
from estate.samples import Gap, Reading

CASES = Path(__file__).parent / "cases"


def read(probe: str, case: str, status: int = 0) -> tuple[Reading | Gap, ...]:
    """What `probe` makes of the terminal `PROBE-CASE.txt`."""
    output = (CASES / f"{probe}-{case}.txt").read_bytes()
    return PROBES[probe].parse(Answer(probe, status, output, False, 0, 0))


def every_prefix(probe: str, case: str) -> list[tuple[Reading | Gap, ...]]:
    """What it makes of each beginning of that terminal that is not the whole."""
    output = (CASES / f"{probe}-{case}.txt").read_bytes().rstrip()
    return [
        PROBES[probe].parse(Answer(probe, 0, output[:end], False, 0, 0))
        for end in range(len(output))
    ]
