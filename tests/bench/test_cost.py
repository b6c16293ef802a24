"""Counting processor time: all of a family's, none of a server's."""

import os
import subprocess
import sys

import pytest

from bench.cost import family, family_cost, process_seconds

BURN = "import time\nwhile time.process_time() < 0.3: pass\n"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}])"


def test_children_and_grandchildren_that_ended_count() -> None:
    with family_cost() as cost:
        subprocess.run([sys.executable, "-c", PARENT], check=True)
    assert 0.28 < cost.cpu < 2
    assert cost.wall >= 0.28


def test_a_child_that_still_lives_counts_and_a_server_does_not() -> None:
    words = [sys.executable, "-c", f"{BURN}\nprint(flush=True)\nimport sys; sys.stdin.read()"]
    with (
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as ours,
        subprocess.Popen(["sleep", "60"]) as server,
    ):
        assert ours.stdout is not None
        with family_cost(without=(ours.pid, server.pid)) as without:
            ours.stdout.readline()
        assert without.cpu < 0.25
        assert process_seconds(ours.pid) > 0.28
        assert {ours.pid, server.pid} <= set(family(os.getpid(), ()))
        assert server.pid not in family(os.getpid(), (server.pid,))
        server.kill()


def test_a_process_that_is_gone_costs_nothing() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert process_seconds(process.pid) == pytest.approx(0.0)
