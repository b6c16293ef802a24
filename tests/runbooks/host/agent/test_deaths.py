"""Whatever of an attempt is killed, its state is told as it is, and it never starts again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from runbooks.host.protocol import HostAgent, Signal
from runbooks.host.replies import Reason, Refused, State

from ..conftest import alive, going, wait_for

AGENT = HostAgent()


def test_the_wrapper_killed_and_the_payload_alive_is_an_orphan(host, attempt) -> None:
    host.begin(attempt, "echo working; sleep 600")
    os.kill(host.recorder(attempt), signal.SIGKILL)
    seen = host.settled(attempt)
    assert (seen.state, seen.output) == (State.ORPHAN, b"working\n")
    refused = host.call(AGENT.gc(attempt))
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.what) == (Reason.BUSY, "it still runs there (orphan)")
    host.observe(AGENT.stop(attempt, Signal.TERM))
    seen = host.settled(attempt, State.ORPHAN)
    assert (seen.state, seen.stopped, seen.status) == (State.LOST, True, None)


def test_an_orphan_is_still_stopped_by_its_clock(host, attempt) -> None:
    host.begin(attempt, "echo working; sleep 600", timeout_seconds=2)
    os.kill(host.recorder(attempt), signal.SIGKILL)
    seen = host.settled(attempt, State.ORPHAN, State.RUNNING)
    assert (seen.state, seen.timed_out) == (State.LOST, True)


def test_both_killed_is_lost_and_not_started_again(host, attempt) -> None:
    payload = host.begin(attempt, f"echo x >>{host.root}/count; echo working; exec sleep 600")
    recorder, session = host.recorder(attempt), host.session(attempt)
    os.kill(recorder, signal.SIGKILL)
    os.kill(session, signal.SIGKILL)
    wait_for(lambda: not alive(session))
    assert host.settled(attempt).state is State.LOST
    host.go(attempt, payload)
    assert host.settled(attempt).state is State.LOST
    assert (host.root / "count").read_text() == "x\n"


@pytest.mark.parametrize("begun", [True, False])
def test_who_was_killed_and_is_still_a_zombie_does_not_live(host, attempt, begun: bool) -> None:
    """Nobody asks how it ended, as the first process of a container may not: /proc has it yet."""
    host.lay(attempt, "")
    dead = subprocess.Popen(["true"], start_new_session=True)
    stat = Path(f"/proc/{dead.pid}/stat")
    try:
        wait_for(lambda: stat.read_text().rpartition(")")[2].split()[0] == "Z")
        born = stat.read_text().rpartition(")")[2].split()[19]
        boot = host.observe(AGENT.poll(attempt, 0)).boot
        (host.directory(attempt) / "claim").symlink_to(f"{boot}.{dead.pid}.{born}")
        if begun:
            (host.directory(attempt) / f"session.{dead.pid}.{born}").touch()
        seen = host.observe(AGENT.poll(attempt, 0, wait_seconds=0))
        assert seen.state is (State.LOST if begun else State.STILLBORN)
    finally:
        dead.wait()


def test_a_reboot_within_the_step_is_lost(host, attempt) -> None:
    host.begin(attempt, "echo working; sleep 600")
    rename_boot(host.directory(attempt) / "claim")  # as it looks from the next boot
    assert host.settled(attempt).state is State.LOST
    host.observe(AGENT.stop(attempt, Signal.KILL))
    assert alive(host.session(attempt))  # that number is somebody else's now


def test_a_number_that_somebody_else_has_now_is_not_ours(host, attempt) -> None:
    host.begin(attempt, "echo working; exec sleep 600")
    os.kill(host.recorder(attempt), signal.SIGKILL)
    assert host.settled(attempt).state is State.ORPHAN
    pid = host.session(attempt)
    [session] = host.directory(attempt).glob("session.*")
    session.rename(session.with_name(f"session.{pid}.1"))  # born at another time
    assert host.settled(attempt).state is State.LOST
    host.observe(AGENT.stop(attempt, Signal.KILL))
    assert alive(pid)


def test_claimed_and_killed_before_it_began_is_stillborn(host, attempt) -> None:
    payload = host.lay(attempt, "touch ran")
    pause_in(host, "ln")
    call = host.send(going(attempt, payload))
    wait_for((host.root / "paused").exists)
    os.kill(host.recorder(attempt), signal.SIGKILL)
    assert host.settled(attempt).state is State.STILLBORN
    (host.root / "resume").touch()
    call.communicate(timeout=40)
    assert host.settled(attempt).state is State.STILLBORN
    assert not (host.root / "ran").exists()


def test_what_is_about_to_begin_does_not_where_nobody_is_left_to_record_its_end(
    host, attempt
) -> None:
    payload = host.lay(attempt, "touch ran")
    pause_in(host, "sync")
    call = host.send(going(attempt, payload))
    wait_for((host.root / "paused").exists)
    os.kill(host.recorder(attempt), signal.SIGKILL)
    assert host.settled(attempt).state is State.ORPHAN
    (host.root / "resume").touch()
    call.communicate(timeout=40)
    assert host.settled(attempt, State.ORPHAN).state is State.STILLBORN
    assert not (host.root / "ran").exists()


@pytest.mark.parametrize("claimed_or_about_to_begin", ["ln", "sync"])
def test_a_stop_just_before_it_begins_keeps_it_from_beginning(
    host, attempt, claimed_or_about_to_begin: str
) -> None:
    payload = host.lay(attempt, "touch ran")
    pause_in(host, claimed_or_about_to_begin)
    call = host.send(going(attempt, payload))
    wait_for((host.root / "paused").exists)
    assert host.observe(AGENT.stop(attempt, Signal.TERM)).stopped
    (host.root / "resume").touch()
    call.communicate(timeout=40)
    seen = host.settled(attempt)
    assert (seen.state, seen.status, seen.stopped) == (State.DONE, 143, True)
    assert not (host.root / "ran").exists()


def test_a_recorder_that_is_told_to_end_records_first(host, attempt) -> None:
    host.begin(attempt, "echo begun; sleep 0.7; exit 9")
    for _ in range(3):
        os.kill(host.recorder(attempt), signal.SIGTERM)
    assert host.settled(attempt).status == 9


def test_the_directory_deleted_is_absent_and_not_started_again(host, attempt) -> None:
    payload = host.begin(attempt, f"echo x >>{host.root}/count; echo working; sleep 600")
    for each in host.directory(attempt).iterdir():
        each.unlink()
    host.directory(attempt).rmdir()
    assert host.observe(AGENT.poll(attempt, 0)).state is State.ABSENT
    host.go(attempt, payload)
    assert (host.root / "count").read_text() == "x\n"


def rename_boot(claim: Path) -> None:
    boot, rest = str(claim.readlink()).split(".", 1)
    claim.unlink()
    claim.symlink_to(f"{boot[::-1]}.{rest}")


def pause_in(host, tool: str) -> None:
    """The host's `tool` does its work, and then waits."""
    real = shutil.which(tool)
    host.replace_tool(
        tool,
        f"""{real} "$@"
status=$?
touch {host.root}/paused
while [ ! -e {host.root}/resume ]; do sleep 0.1; done
exit $status""",
    )
