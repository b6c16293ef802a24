"""The benchmarks against sshd, at toy sizes: they run, and say what they could not do."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.sshd,
    pytest.mark.skipif(not shutil.which("sshd", path="/usr/sbin:/sbin"), reason="no sshd here"),
]

#: Peers that would have to be installed first.
ELSEWHERE = ("parallel-ssh", "asyncssh", "clush mux", "ansible raw")


def bench(*words: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", *words, "--json"],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_sweep() -> None:
    without = [word for peer in ELSEWHERE for word in ("--without", peer)]
    said = bench("bench.sweep", "--hosts", "3", "--sweeps", "2", "--idle", "0.5", *without)
    assert set(said["skipped"]) == set(ELSEWHERE)
    for client in ("twinwatch", "plain tcp", "plain tcp, not decoded", "ssh mux"):
        assert said["figures"][f"{client} cpu"]["median"] > 0, client
    assert said["ratios"]["cpu, twinwatch / ssh mux"] < 1
    assert said["goals"]["cpu of parallel-ssh"] == {"goal": "<= 0.2", "got": None, "met": False}


MULTIPLEXED = """
import json, os, subprocess, sys, time
from pathlib import Path
from types import SimpleNamespace
from bench.cost import adopt_orphans, family, process_seconds
from bench.multiplexed import multiplexed

def alive():
    living = []
    for pid in family(os.getpid(), (server.pid,)):
        if ") Z " not in Path(f"/proc/{pid}/stat").read_text():
            living.append(pid)
    return living

adopt_orphans()
with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as server:
    command = ["sh", "-c", "sleep 600 >/dev/null 2>&1 & echo @end; sleep 0.5"]
    try:
        result = multiplexed(server, command, SimpleNamespace(hosts=["a"], sweeps=2))
    finally:
        server.terminate()
    burnt, deadline = process_seconds(server.pid), time.monotonic() + 30
    while alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    print(json.dumps({"cpu": sum(result.cpu), "burnt": burnt, "left": alive()}))
"""


def test_a_command_s_masters_end_with_it_and_servers_cost_it_nothing() -> None:
    """In a process of its own, for what adopts once adopts for good."""
    done = subprocess.run(
        [sys.executable, "-c", MULTIPLEXED],
        capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert 0 < said["cpu"] < said["burnt"] / 2
    assert said["left"] == []


def test_cold() -> None:
    said = bench("bench.cold", "--hosts", "3", "--starts", "1", "--without", "asyncssh")
    assert said["skipped"] == {"asyncssh": "left out on request"}
    assert said["figures"]["twinwatch wall"]["median"] > 0
    assert said["figures"]["ssh cpu"]["median"] > 0


@pytest.mark.parametrize("hosts", ["0", "many", "5001"])
def test_senseless_sizes_are_refused(hosts: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.sweep", "--hosts", hosts],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"argument --hosts: '{hosts}' is not a number from 1 to 5000" in done.stderr


def test_ended_early_it_leaves_no_server(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "bench.sweep", "--hosts", "2", "--idle", "600"]
    with subprocess.Popen(words, env={**os.environ, "TMPDIR": str(tmp_path)}) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("*/ssh_config")) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.terminate()
        assert process.wait(timeout=60) == 143
    assert list(tmp_path.iterdir()) == []
