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


THREAD = """
import sys, threading, time
def burn():
    while time.thread_time() < 0.3: pass
thread = threading.Thread(target=burn)
thread.start()
thread.join()
print(flush=True)
sys.stdin.read()
"""


def test_a_child_counts_while_it_lives_with_its_threads_that_ended() -> None:
    words = [sys.executable, "-c", THREAD]
    with family_cost() as cost:
        child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
    child.communicate()
    assert 0.28 < cost.cpu < 2


def test_a_child_counts_with_its_own_children_that_ended() -> None:
    words = [sys.executable, "-c", f"{PARENT}\nprint(flush=True)\nsys.stdin.read()"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert process_seconds(child.pid) > 0.28


ORPHAN = f"""
import subprocess, sys, time
from pathlib import Path
from bench.cost import adopt_orphans, family_cost
adopt_orphans()
with family_cost() as cost:
    said = subprocess.run(
        ["sh", "-c", '"$0" -c "$1" >&2 & echo $!', sys.executable, {BURN!r}],
        stdout=subprocess.PIPE,
    ).stdout
    while ") Z " not in Path(f"/proc/{{int(said)}}/stat").read_text():
        time.sleep(0.01)
print(cost.cpu)
"""


def test_an_orphan_is_adopted_and_counts_when_it_ended_too() -> None:
    """In a process of its own, for what adopts once adopts for good."""
    done = subprocess.run(
        [sys.executable, "-c", ORPHAN], capture_output=True, text=True, timeout=60, check=True
    )
    assert 0.28 < float(done.stdout) < 2


def test_a_server_is_left_out_with_its_children() -> None:
    words = ["sh", "-c", "sleep 60 & echo $!; read -r line; kill $!"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        session = int(server.stdout.readline())
        assert session in family(os.getpid(), ())
        assert session not in family(os.getpid(), (server.pid,))


def test_a_process_that_is_gone_costs_nothing() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert process_seconds(process.pid) == pytest.approx(0.0)
