"""Figures of fault tests, for docs/reliability.md: one row a fault, between two markers."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "reliability.md"
#: Only `make faults` writes the page; everyday tests are too few to be worth a figure.
WRITES = os.environ.get("TWINWATCH_RELIABILITY") == "1"


@dataclass
class Figures:
    """How often each fault was injected, and what came of it."""

    title: str
    seed: int
    rows: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, fault: str, outcome: str) -> None:
        row = self.rows.setdefault(fault, {})
        row[outcome] = row.get(outcome, 0) + 1

    def table(self) -> str:
        """As Markdown; every outcome has a column, so that a zero is seen."""
        outcomes = list(dict.fromkeys(outcome for row in self.rows.values() for outcome in row))
        lines = [
            f"| {' | '.join(('fault', 'injected', *outcomes))} |",
            f"|---|{'---|' * (len(outcomes) + 1)}",
        ]
        for fault, row in self.rows.items():
            cells = (fault, sum(row.values()), *(row.get(outcome, 0) for outcome in outcomes))
            lines.append(f"| {' | '.join(map(str, cells))} |")
        return "\n".join(lines)

    def publish(self) -> None:
        """Print the figures; write them into the page if that was asked for."""
        sys.stderr.write(f"\n{self.title} (seed {self.seed})\n{self.table()}\n")
        if WRITES:
            ssh = subprocess.run(
                ["ssh", "-V"], capture_output=True, text=True, check=False
            ).stderr.strip()
            where = f"Linux {platform.release()}, Python {platform.python_version()}, {ssh}, seed {self.seed}"
            _write(self.title, f"{self.table()}\n\nOn {where}.")


def _write(title: str, body: str) -> None:
    begin, end = f"<!-- figures: {title} -->", "<!-- end of figures -->"
    text = PAGE.read_text()
    before, found, after = text.partition(begin)
    assert found, f"docs/reliability.md has no place for {title!r}"
    PAGE.write_text(f"{before}{begin}\n{body}\n{end}{after.partition(end)[2]}")
