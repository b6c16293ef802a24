"""The host benchmark counts what its sampler spends, and refuses work that means nothing."""

import argparse
import shutil
from pathlib import Path

import pytest

from bench import host
from bench.report import Report, UnableError


@pytest.mark.skipif(shutil.which("mawk") is None, reason="no mawk on this machine")
def test_counts_processor_time_and_bytes_of_all_ticks(tmp_path: Path) -> None:
    root = host._root(tmp_path / "root", "mawk")
    spent, size = host._session(("sh",), "mawk", root, 26)  # with two looks more
    idle, nothing = host._session(("sh",), "mawk", root, 0)
    assert nothing == 0
    assert size > 26 * 80
    assert spent > idle > 0


def test_what_it_takes_to_start_is_no_part_of_a_tick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = {0: (5.0, 0), 100: (7.0, 17_000)}
    monkeypatch.setattr(host, "_session", lambda shell, awk, root, ticks: sessions[ticks])
    assert host._tick_cost(("sh",), "mawk", tmp_path, 100) == (0.02, 170)


def test_a_sampler_that_ends_at_once_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnableError, match="ended in the middle"):
        host._session(("sh",), "", tmp_path, 1)  # a prefix without /proc


def test_refuses_a_run_without_a_look() -> None:
    with pytest.raises(UnableError, match="at least 12 ticks"):
        host.measure(argparse.Namespace(ticks=3, runs=1))


def test_goals_stand_beside_the_first_sampler_that_ran() -> None:
    report = Report("work")
    for name, value in (("twinwatch, gawk: cpu", 0.4), ("node_exporter scrape: cpu", 5.0)):
        report.figure(name, [value], "ms")
    report.figure("twinwatch, gawk: output", [170], "bytes")
    host._judge(report)
    assert report.ratios == {"cpu, twinwatch, gawk / node_exporter scrape": 0.08}
    assert {name: goal.met for name, goal in report.goals.items()} == {
        "cpu of a tick, ms": False,
        "bytes of a tick": True,
        "cpu beside a scrape of node_exporter": False,
    }
