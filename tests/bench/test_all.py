"""The page that all benchmarks write: their places change, people's words stay."""

import subprocess
import sys

from bench.__main__ import BENCHMARKS, placed
from bench.report import Report

PAGE = """# Performance

Words of people.

<!-- bench cold -->
old
<!-- end -->

What fell short, and why.

<!-- bench host -->
kept
<!-- end -->
"""


def test_a_place_is_filled_and_everything_else_stays() -> None:
    page = placed(PAGE, "cold", r"new \1 text")
    assert page == PAGE.replace("old\n", "\nnew \\1 text\n\n")
    assert placed(page, "cold", r"new \1 text") == page


def test_a_benchmark_without_a_place_gets_one_at_the_end() -> None:
    page = placed(PAGE, "sweep-80", "figures")
    assert page.startswith(PAGE.rstrip())
    assert page.endswith("## sweep-80\n\n<!-- bench sweep-80 -->\n\nfigures\n\n<!-- end -->\n")


def test_a_report_survives_its_way_through_json() -> None:
    report = Report("work")
    report.figure("ours", [1, 2, 3], "s")
    report.at_most("goal", 1, None)
    report.skip("peer", "not here")
    assert Report.from_json(report.json()) == report


def test_an_unknown_benchmark_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "nonesuch"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"no benchmark nonesuch; there are {', '.join(BENCHMARKS)}" in done.stderr
