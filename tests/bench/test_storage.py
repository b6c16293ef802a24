"""The storage benchmark runs, measures what it says, and its machines are no toys."""

import json
import math
import subprocess
import sys
import zlib
from itertools import islice
from pathlib import Path

import bench.storage
from bench.storage import machine, noise
from estate.metrics import INDEX, METRICS
from storage.columns import pack_values


def test_a_quick_run_prints_every_figure_ratio_and_goal() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.storage", "--quick", "--json"],
        capture_output=True, text=True, check=True, cwd=Path(bench.storage.__file__).parents[1],
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert {"ours: tick", "ours: size", "ours: 24 h chart", "ours: 30 d chart",
            "row a sample: tick", "row a sample: size", "row a host: size"} <= set(report["figures"])  # fmt: skip
    assert set(report["goals"]) == {
        "bytes a sample", "ms a tick", "ms for a 24 h chart", "ms for a 30 d chart",
    }  # fmt: skip
    figures = report["figures"]
    assert figures["ours: size"]["median"] < figures["row a host: size"]["median"]
    assert figures["ours: size"]["median"] < figures["ours: size if all were noise"]["median"]
    assert report["ratios"]["size: row a sample / ours"] > 10


def test_machines_are_in_order_finite_and_not_easily_compressed() -> None:
    for seed in range(4):
        ticks = list(islice(machine(seed), 360))
        assert all(len(values) == len(METRICS) for values in ticks)
        assert all(math.isfinite(value) for values in ticks for value in values)
        for metric in ("cpu", "mem", "disk", "inodes", "swap"):
            assert all(0 <= values[INDEX[metric]] <= 110 for values in ticks)
        net = pack_values([values[INDEX["net_in"]] for values in ticks])
        assert len(zlib.compress(net, 9)) > 0.8 * len(net)


def test_noise_can_not_be_compressed() -> None:
    column = pack_values([values[0] for values in islice(noise(1), 360)])
    assert len(zlib.compress(column, 9)) > 0.85 * len(column)
