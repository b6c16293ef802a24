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
ELSEWHERE = (
    "ansible raw", "ansible shell", "pyinfra", "fabric", "ansible rolling", "fabric rolling",
)  # fmt: skip


def test_runs() -> None:
    without = [word for peer in ELSEWHERE for word in ("--without", peer)]
    done = subprocess.run(
        [sys.executable, "-m", "bench.runs", "--hosts", "2", "--runs", "1", *without, "--json"],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert set(said["skipped"]) == set(ELSEWHERE)
    ours = ("twinwatch", "twinwatch rolling")
    for client in (*ours, "ssh mux"):
        assert said["figures"][f"{client} cpu"]["median"] > 0, client
    assert said["figures"]["on the host, a step"]["median"] > 0
    for each in ours:
        longest = said["figures"][f"{each}, go to verdict"]["max"]
        assert longest < said["figures"][f"{each} wall"]["max"] + 1
    assert said["goals"]["cpu of ansible raw"] == {"goal": "<= 0.1", "got": None, "met": False}
