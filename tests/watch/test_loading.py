"""A watch has all of itself soon after its start: an upgrade may replace its files meanwhile."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from estate.loading import modules_within

HOME = Path(__file__).parents[2]
PACKAGES = ("estate", "collectors", "runbooks", "storage", "snapshots", "watch")

#: Loads, loses its files, and is asked for what it had not needed until then.
UPGRADED = """
import asyncio, importlib, shutil, sys
import watch.main
from watch.loading import load_the_rest

asyncio.run(load_the_rest(0, 0))
for package in sys.argv[1:]:
    shutil.rmtree(package)
importlib.invalidate_caches()

from collectors.programs import program as sampled
from runbooks.host.protocol import Verb, program
from snapshots.reading import snapshot_bytes
from watch import openmetrics
from watch.runs import asked
from watch.doctor import machine

print(len(program(Verb.GO)), len(sampled("probes/redis.sh")))
"""


def test_what_was_loaded_outlives_its_files(tmp_path) -> None:
    for package in PACKAGES:
        shutil.copytree(HOME / package, tmp_path / package)
    (tmp_path / "upgraded.py").write_text(UPGRADED)
    done = subprocess.run(
        [sys.executable, "-P", "upgraded.py", *PACKAGES],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert not done.stderr
    go, probe = map(int, done.stdout.split())
    assert go and probe


def test_every_module_is_named_but_what_would_run() -> None:
    named = list(modules_within(*PACKAGES, but="collectors.demo"))
    assert "watch.openmetrics" in named
    assert "runbooks.reading.lint.code" in named
    assert not [name for name in named if name.endswith("__main__") or ".demo" in name]
    assert len(named) == len(set(named))
