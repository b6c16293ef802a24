"""The bastion's own readings, compared with what the kernel says to others."""

import os
import shutil
from pathlib import Path

import pytest

from collectors import bastion
from collectors.bastion import Bastion, measure


def test_agrees_with_the_kernel(tmp_path: Path) -> None:
    known = {**Bastion(tmp_path).measure(), **Bastion(tmp_path).disk()}
    usage = shutil.disk_usage(tmp_path)
    assert known["disk"] == pytest.approx(100 * usage.used / (usage.used + usage.free), abs=1)
    assert known["load1"] == pytest.approx(os.getloadavg()[0], abs=0.5)
    assert known["fds"] == pytest.approx(len(list(Path("/proc/self/fd").iterdir())), abs=2)
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert known["rss_bytes"] == pytest.approx(resident, rel=0.05)
    assert 0 <= known["cpu"] <= 100
    assert 0 < known["mem"] < 100


def test_a_directory_that_is_not_there_is_not_measured(tmp_path: Path) -> None:
    assert Bastion(tmp_path / "none").disk() == {}
    assert "disk" not in measure()
    assert "disk" in measure(tmp_path)


def test_without_swap_there_is_no_share_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Swap:
        total, percent = 0, 0.0

    monkeypatch.setattr(bastion.psutil, "swap_memory", Swap)
    assert "swap" not in Bastion().measure()
    Swap.total, Swap.percent = 100, 25.0
    assert Bastion().measure()["swap"] == 25
