"""What a handover costs: `python -m bench.snapshot [--json]`.

80 hosts, 218 services, 30 tenants and a month of events, rendered in every form and language by a
process that does nothing else: processor time, for it follows the machine's load least. Beside
them, in the same run, what json.dumps alone takes for the same document.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from functools import partial

from bench.played_snapshot import FULL, played_snapshot
from bench.report import Report, run
from estate.wire import to_json
from snapshots.reading import read_snapshot, snapshot_bytes
from snapshots.rendering import FORMS, render
from watch.languages import words_in

ROUNDS = 9


def measure(arguments: argparse.Namespace) -> Report:
    """Every form in both languages, again and again."""
    snapshot = played_snapshot(FULL)
    report = Report(
        f"{FULL.hosts} hosts, {FULL.services} services, {FULL.tenants} tenants, {FULL.events:,} "
        f"events of {FULL.days} days; {ROUNDS} rounds, processor time"
    )
    kept = snapshot_bytes(snapshot)
    plain = to_json(snapshot)
    report.figure("json.dumps alone", _times(lambda: json.dumps(plain)), "ms")
    report.figure("read from its file", _times(lambda: read_snapshot(kept)), "ms")
    slowest = 0.0
    for form in FORMS:
        for language in ("en", "zh-Hant"):
            words = words_in(language)
            spent = _times(partial(render, snapshot, form, words))
            report.figure(f"{form}, {language}", spent, "ms")
            slowest = max(slowest, *spent)
    html = max(len(render(snapshot, "html", words_in(each))) for each in ("en", "zh-Hant"))
    report.figure("the HTML file", [html / 1024], "KiB")
    report.figure("the JSON file", [len(kept) / 1024], "KiB")
    report.ratio("html / json.dumps alone", "html, en", "json.dumps alone")
    report.at_most("the slowest rendering of all, ms", 1_000, slowest)
    report.at_most("HTML, MB", 1, html / 1e6)
    return report


def _times(what: Callable[[], object]) -> list[float]:
    """Milliseconds of processor time of each round; the first, with its imports, among them."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        what()
        found.append(1000 * (time.process_time() - began))
    return found


def main() -> None:
    """See the module's first lines."""
    run(measure, argparse.ArgumentParser(prog="python -m bench.snapshot", description=__doc__))


if __name__ == "__main__":
    main()
