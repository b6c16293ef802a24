"""A payload is stopped as one: by a person, and by its host's own clock."""

from __future__ import annotations

import contextlib
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from runbooks.host.protocol import HostAgent, Signal
from runbooks.host.replies import State

from ..conftest import PATIENCE_SECONDS, SHELLS, alive, made, wait_for

AGENT = HostAgent()


def test_a_stop_ends_all_that_the_payload_started(host, attempt) -> None:
    script = "sleep 600 & timeout 600 sleep 601 & echo $$; wait; echo not reached"
    host.begin(attempt, script)
    host.observe(AGENT.stop(attempt, Signal.TERM))
    seen = host.settled(attempt)
    assert (seen.state, seen.status, seen.stopped) == (State.DONE, 128 + signal.SIGTERM, True)
    assert not members(host.session(attempt))


def test_who_ignores_a_stop_is_killed(host, attempt) -> None:
    host.begin(attempt, "trap '' TERM; echo ready; while :; do sleep 600; done")
    host.observe(AGENT.stop(attempt, Signal.TERM))
    assert host.observe(AGENT.poll(attempt, 0, wait_seconds=0)).state is State.RUNNING
    host.observe(AGENT.stop(attempt, Signal.KILL))
    seen = host.settled(attempt)
    assert (seen.status, seen.stopped) == (128 + signal.SIGKILL, True)


def test_a_stop_of_what_is_over_changes_nothing(host, attempt) -> None:
    host.run(attempt, "sleep 300 & echo $!")
    pid = int(host.observe(AGENT.poll(attempt, 0)).output)
    assert not host.observe(AGENT.stop(attempt, Signal.KILL)).stopped
    assert alive(pid)  # what a step leaves running, a daemon, is none of the stop's business


def test_a_stop_for_being_late_is_for_what_is_late_by_the_hosts_own_time(host, attempt) -> None:
    host.begin(attempt, "echo begun; sleep 600")
    reply = host.observe(AGENT.stop(attempt, Signal.KILL, after_seconds=PATIENCE_SECONDS))
    assert (reply.state, reply.stopped) == (State.RUNNING, False)
    age = host.observe(AGENT.poll(attempt, 0)).ran_seconds
    assert host.observe(AGENT.stop(attempt, Signal.KILL, after_seconds=age)).stopped
    assert host.settled(attempt).status == 128 + signal.SIGKILL


def test_a_stop_before_go_does_not_shut_the_gate(host, attempt) -> None:
    host.lay(attempt, "echo hi")
    assert not host.observe(AGENT.stop(attempt, Signal.TERM)).stopped
    assert host.run(attempt, "echo hi").output == b"hi\n"


def test_the_hosts_own_clock_stops_it(host, attempt) -> None:
    seen = host.run(attempt, "echo begun; sleep 600; echo not reached", timeout_seconds=1)
    assert (seen.state, seen.timed_out, seen.stopped) == (State.DONE, True, False)
    assert (seen.status, seen.output[:6]) == (128 + signal.SIGTERM, b"begun\n")


def test_a_status_of_124_is_the_scripts_own(host, attempt) -> None:
    seen = host.run(attempt, "exit 124", timeout_seconds=600)
    assert (seen.status, seen.timed_out) == (124, False)


@pytest.mark.parametrize("wait", [0, 1])
def test_no_clock_is_left_behind(host, attempt, wait: int) -> None:
    for number in range(1, 5):
        each = replace(attempt, number=number)
        assert host.run(each, "true", timeout_seconds=7919, wait_seconds=wait).status == 0
    wait_for(lambda: not processes_with("sleep", str(7919 - wait)))


def test_whoever_ignores_the_clock_is_killed_ten_seconds_later(tmp_path, attempt) -> None:
    stubborn = "trap '' TERM; echo begun; while :; do sleep 600; done"
    survivor = "sh -c 'trap \"\" TERM; echo begun; sleep 600' & wait"  # of its own shell
    with contextlib.ExitStack() as stack:
        hosts = []
        for shell in SHELLS:  # all at once: it is ten seconds for each
            (tmp_path / shell).mkdir()
            hosts.append(stack.enter_context(made(shell, tmp_path / shell)))
        for each in hosts:
            each.begin(attempt, stubborn, timeout_seconds=1)
            each.begin(replace(attempt, number=2), survivor, timeout_seconds=1)
        for each in hosts:
            seen = each.settled(attempt)
            assert (seen.status, seen.timed_out) == (128 + signal.SIGKILL, True)
            seen = each.settled(replace(attempt, number=2))
            assert (seen.status, seen.timed_out) == (128 + signal.SIGTERM, True)
            session = each.session(replace(attempt, number=2))
            wait_for(lambda session=session: not members(session))


def members(session: int) -> list[int]:
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (each / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] not in "ZX":
                found.append(int(each.name))
    return found


def processes_with(*words: str) -> list[str]:
    wanted = "\0".join(words).encode()
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if each.read_bytes().strip(b"\0") == wanted:
                found.append(each.parent.name)
    return found
