"""`python -m bench [NAME ...]`: run the benchmarks and write their tables into docs/performance.md.

Each has its place there between `<!-- bench NAME -->` and `<!-- end -->`; what stands around them
is written by people and stays. A benchmark that could not run leaves its reason in its place.
Exits 1 if any could not run.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench.report import Report

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"

#: Every benchmark: its module and arguments. At 1,000 hosts ansible would take minutes a sweep.
BENCHMARKS: Mapping[str, tuple[str, ...]] = {
    "sweep-80": ("sweep", "--hosts", "80"),
    "sweep-320": ("sweep", "--hosts", "320", "--sweeps", "10"),
    "sweep-1000": ("sweep", "--hosts", "1000", "--sweeps", "10", "--without", "ansible raw"),
    "cold": ("cold", "--hosts", "80"),
    "host": ("host",),
    "pipeline": ("pipeline",),
    "storage": ("storage",),
    "console": ("console",),
    "paint": ("paint",),
    "runs": ("runs", "--hosts", "80"),
    "ledger": ("ledger",),
    "snapshot": ("snapshot",),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    failed = 0
    for name in names:
        print(f"# {name}", flush=True)
        text, ran = measured(BENCHMARKS[name])
        print(text, end="\n\n", flush=True)
        failed += not ran
        page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Performance\n"
        PAGE.write_text(placed(page, name, text), encoding="utf-8")
    return 1 if failed else 0


def measured(words: tuple[str, ...]) -> tuple[str, bool]:
    """What benchmark `words` says of itself, as Markdown, and whether it could run."""
    module, *arguments = words
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{module}", *arguments, "--json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    command = f"`python -m bench.{' '.join(words)}`"
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        return f"{command} could not run: {said[-1] if said else done.returncode}", False
    report = Report.from_json(json.loads(done.stdout))
    facts = report.machine
    memory = float(str(facts["memory_bytes"])) / 2**30
    on = (
        f"{datetime.now(UTC):%Y-%m-%d}, {facts['cores']} cores of {facts['processor']},"
        f" {memory:.0f} GiB, {facts['system']}, Python {facts['python']},"
        f" load before {facts['load']}"
    )
    return f"{command}, {on}.\n\n{report.table()}", True


def placed(page: str, name: str, text: str) -> str:
    """`page` with `text` in the place of benchmark `name`; at its end if it has none."""
    place = re.compile(rf"(<!-- bench {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not place.search(page):
        page = f"{page.rstrip()}\n\n## {name}\n\n<!-- bench {name} -->\n<!-- end -->\n"
    return place.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", page)


if __name__ == "__main__":
    sys.exit(main())
