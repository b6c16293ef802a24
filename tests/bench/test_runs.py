"""The benchmark of runs, at a toy size: it runs, and its figures are those of finished runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.sshd,
    pytest.mark.skipif(not shutil.which("sshd", path="/usr/sbin:/sbin"), reason="no sshd here"),
]

#: Peers that would have to be installed first.
ELSEWHERE = ("ansible raw", "ansible shell", "pyinfra")


def test_runs() -> None:
    without = [word for peer in ELSEWHERE for word in ("--without", peer)]
    done = subprocess.run(
        [sys.executable, "-m", "bench.runs", "--hosts", "2", "--runs", "1", *without, "--json"],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert set(said["skipped"]) == set(ELSEWHERE)
    for figure in ("twinwatch cpu", "twinwatch wall", "ssh mux cpu", "on the host, a step"):
        assert said["figures"][figure]["median"] > 0, figure
    assert (
        said["figures"]["twinwatch, go to verdict"]["max"]
        < said["figures"]["twinwatch wall"]["max"] + 1
    )
    assert said["goals"]["cpu of ansible raw"] == {"goal": "<= 0.1", "got": None, "met": False}
