"""An attempt is laid down, started once, and removed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from runbooks.host.protocol import HostAgent
from runbooks.host.replies import Gone, Observed, Reason, Refused, State

from ..conftest import PATIENCE_SECONDS, going, made, wait_for

AGENT = HostAgent()


# ── what a payload finds ──


def test_it_runs_to_its_end_and_tells_its_status(host, attempt) -> None:
    seen = host.run(attempt, "echo hi; echo oops >&2; exit 7")
    assert (seen.state, seen.status, seen.output) == (State.DONE, 7, b"hi\noops\n")
    assert (seen.timed_out, seen.stopped, seen.incomplete, seen.drained) == (False,) * 3 + (True,)
    assert seen.boot == Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def test_a_payload_finds_the_world_as_a_login_leaves_it(host, attempt) -> None:
    before = os.umask(0o022)
    try:
        payload = host.lay(
            attempt, "umask; pwd; echo $#; cat; for i in 0 1 2 3; do readlink /proc/$$/fd/$i; done"
        )
        host.go(attempt, payload)
    finally:
        os.umask(before)
    out = str(host.directory(attempt) / "out")
    said = host.settled(attempt).output.decode().split()
    assert said[:-1] == ["0022", str(host.root), "0", "/dev/null", out, out]
    assert said[-1] == "/dev/null"  # where secrets would be


def test_what_is_left_on_the_host_is_private(host, attempt) -> None:
    host.run(attempt, "echo hi")
    for directory in (host.root / ".twinwatch", host.directory(attempt)):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    for name in ("payload", "out"):
        assert stat.S_IMODE((host.directory(attempt) / name).stat().st_mode) == 0o600


def test_where_others_can_enter_the_attempt_itself_is_closed(host, attempt) -> None:
    (host.root / ".twinwatch/steps").mkdir(mode=0o755, parents=True)
    host.lay(attempt, "")
    assert stat.S_IMODE(host.directory(attempt).stat().st_mode) == 0o700


def test_it_finds_no_more_open_than_that(host, attempt) -> None:
    script = "for i in 4 5 6 7 8 9; do readlink /proc/$$/fd/$i; done; echo none"
    seen = host.run(attempt, script, wait_seconds=1)
    assert seen.output == b"none\n"


def test_a_link_in_its_place_is_not_followed(host, attempt, tmp_path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (host.root / ".twinwatch").symlink_to(tmp_path / "elsewhere")
    reply = host.call(AGENT.put(attempt, b""))
    assert isinstance(reply, Refused)
    assert reply.reason is Reason.BASE


def test_one_line_in_the_hosts_own_log(host, attempt) -> None:
    host.replace_tool("logger", f'echo "$@" >>{host.root}/syslog')
    host.run(attempt, "echo hi")
    host.go(attempt, b"echo hi")
    line = wait_for((host.root / "syslog").read_text)
    assert line == (
        "-t twinwatch run r-20261120-1302-ab12, step promoted, by op1:"
        f" attempt {attempt.id} begins\n"
    )


# ── put ──


def test_put_again_is_the_same(host, attempt) -> None:
    host.lay(attempt, "echo hi")
    host.lay(attempt, "echo hi")
    host.run(attempt, "echo hi")
    assert host.observe(AGENT.put(attempt, b"echo hi")).state is State.DONE


def test_another_payload_under_the_same_name_is_refused(host, attempt) -> None:
    host.lay(attempt, "echo one")
    reply = host.call(AGENT.put(attempt, b"echo two"))
    assert reply == Refused(
        Reason.CONFLICT,
        "what lies there under this name is not what was planned",
        "stop: the runbook was changed, or the file on the host; find out which, and plan anew",
    )
    assert host.run(attempt, "echo one").output == b"one\n"


def test_a_payload_changed_on_the_host_is_not_started(host, attempt) -> None:
    payload = host.lay(attempt, "echo one")
    (host.directory(attempt) / "payload").write_bytes(b"echo two")
    reply = host.go(attempt, payload)
    assert isinstance(reply, Refused)
    assert reply.reason is Reason.CONFLICT
    assert host.observe(AGENT.poll(attempt, 0)).state is State.PREPARED


@pytest.mark.parametrize("kept", [0, 1, 5, 19])
def test_half_a_payload_is_none(host, attempt, kept) -> None:
    payload = b"touch ran; touch rest"
    reply = host.call(AGENT.put(attempt, payload), stdin=payload[:kept])
    assert isinstance(reply, Refused)
    assert (reply.reason, reply.todo) == (Reason.CUT, "send it again: nothing was started")
    assert host.observe(AGENT.poll(attempt, 0)).state is State.ABSENT
    assert host.lay(attempt, payload.decode()) == payload


def test_a_payload_finds_its_other_files_beside_itself(host, attempt) -> None:
    content = bytes(range(256)) * 300
    host.observe(AGENT.put(attempt, content, "file1"))
    assert host.observe(AGENT.poll(attempt, 0)).state is State.ABSENT
    seen = host.run(attempt, 'cat "${0%/*}/file1"')
    assert seen.output == content


@pytest.mark.parametrize("tool", ["setsid", "sha256sum"])
def test_a_missing_tool_is_named(tmp_path, attempt, tool) -> None:
    with made("dash", tmp_path) as host:
        for name in {"head", "tail", "dd", "readlink", "setsid", "sha256sum"} - {tool}:
            (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
        host.environment["PATH"] = str(tmp_path / "bin")
        request = AGENT.put(attempt, b"")
        # The machine's own tools would stand behind those of the host in the directory.
        hidden = request.command.replace("/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin", "/none")
        reply = host.call(replace(request, command=hidden))
    assert isinstance(reply, Refused)
    assert reply.what == f"the host has no {tool}"


def test_what_is_laid_down_is_flushed_before_it_is_said(host, attempt) -> None:
    there = host.directory(attempt)
    host.replace_tool(
        "sync", f'cat {there}/payload >>{host.root}/flushed; echo " $@" >>{host.root}/flushed'
    )
    host.lay(attempt, "echo hi")
    flushed = (host.root / "flushed").read_text()
    assert flushed == f"echo hi {there}/payload {there} {there.parent}\n"


# ── go: at most once ──


def test_its_claim_is_flushed_before_it_begins(host, attempt) -> None:
    """Else it could be started again after a power cut."""
    payload = host.lay(attempt, f"echo ran >>{host.root}/order")
    there = host.directory(attempt)
    host.replace_tool("sync", f'[ -e {there}/session.* ] && echo "$@" >>{host.root}/order')
    host.go(attempt, payload)
    assert host.settled(attempt).status == 0
    order = wait_for(lambda: (host.root / "order").read_text().splitlines()[:3])
    assert order[:2] == [str(there), "ran"]


def test_what_ends_soon_is_told_with_its_start(host, attempt) -> None:
    payload = host.lay(attempt, "echo hi; exit 3")
    seen = host.go(attempt, payload, wait_seconds=PATIENCE_SECONDS, limit=100)
    assert isinstance(seen, Observed)
    assert (seen.state, seen.status, seen.output, seen.drained) == (State.DONE, 3, b"hi\n", True)
    again = host.go(attempt, payload, wait_seconds=PATIENCE_SECONDS, limit=2)
    assert (again.state, again.output, again.drained) == (State.DONE, b"hi", False)


def test_what_takes_longer_is_not_waited_for(host, attempt) -> None:
    payload = host.lay(attempt, "echo hi; sleep 600")
    seen = host.go(attempt, payload, wait_seconds=1, limit=100, timeout_seconds=700)
    assert isinstance(seen, Observed)
    assert (seen.state, seen.output) == (State.RUNNING, b"hi\n")


def test_it_tells_for_how_long_it_has_been_at_work(host, attempt) -> None:
    """As ps would say, of a process that has lived for long."""
    host.lay(attempt, "")
    born = Path("/proc/1/stat").read_text().rpartition(")")[2].split()[19]
    boot = host.observe(AGENT.poll(attempt, 0)).boot
    (host.directory(attempt) / "claim").symlink_to(f"{boot}.1.{born}")
    lived = subprocess.run(["ps", "-o", "etimes=", "-p", "1"], capture_output=True, check=True)
    seen = host.observe(AGENT.poll(attempt, 0, wait_seconds=0))
    assert (seen.state, seen.ran_seconds is None) == (State.RUNNING, False)
    assert 0 <= seen.ran_seconds - int(lived.stdout) + 1 < PATIENCE_SECONDS


def test_a_busy_host_tells_that_it_has_just_begun(tmp_path, attempt) -> None:
    """The shell that was told to start it is older than what it started: no time below 0."""
    with made("dash", tmp_path) as host:
        payload = host.lay(attempt, "sleep 600")
        host.replace_tool("sha256sum", f'sleep 2; exec {shutil.which("sha256sum")} "$@"')
        seen = host.go(attempt, payload)
        assert isinstance(seen, Observed), seen
        assert (seen.state, seen.ran_seconds) == (State.RUNNING, 0)


def test_go_again_changes_nothing(host, attempt) -> None:
    payload = host.lay(attempt, f"echo x >>{host.root}/count")
    for _ in range(3):
        assert isinstance(host.go(attempt, payload), Observed)
    host.settled(attempt)
    assert isinstance(host.go(attempt, payload), Observed)
    assert (host.root / "count").read_text() == "x\n"


def test_of_thirty_at_once_one_starts_it(host, attempt) -> None:
    payload = host.lay(attempt, f"echo x >>{host.root}/count; sleep 1")
    requests = [going(attempt, payload) for _ in range(30)]
    calls = [host.start(each) for each in requests]
    with ThreadPoolExecutor(30) as pool:
        told = [each.stdin for each in requests]
        list(pool.map(lambda call, stdin: call.communicate(stdin, timeout=60), calls, told))
    assert host.settled(attempt).status == 0
    assert (host.root / "count").read_text() == "x\n"


def test_what_is_not_there_is_not_started(host, attempt) -> None:
    reply = host.go(attempt, b"echo hi")
    assert isinstance(reply, Observed)
    assert reply.state is State.ABSENT


def test_a_go_that_comes_late_finds_the_gate_shut(host, attempt) -> None:
    payload = host.lay(attempt, "touch ran")
    assert host.observe(AGENT.void(attempt)).state is State.VOID
    reply = host.go(attempt, payload)
    assert isinstance(reply, Observed)
    assert reply.state is State.VOID
    assert host.observe(AGENT.poll(attempt, 0, wait_seconds=1)).state is State.VOID
    assert not (host.root / "ran").exists()


def test_a_gate_can_be_shut_before_anything_is_there(host, attempt) -> None:
    assert host.observe(AGENT.void(attempt)).state is State.VOID
    assert host.observe(AGENT.void(attempt)).state is State.VOID
    assert host.observe(AGENT.put(attempt, b"touch ran")).state is State.VOID
    host.go(attempt, b"touch ran")
    assert not (host.root / "ran").exists()


def test_what_has_begun_is_not_void(host, attempt) -> None:
    host.run(attempt, "echo hi")
    assert host.observe(AGENT.void(attempt)).state is State.DONE


@pytest.mark.parametrize("not_after", [0, 1])
def test_an_order_can_go_stale(host, attempt, not_after) -> None:
    payload = host.lay(attempt, "echo hi")
    reply = host.go(attempt, payload, not_after=not_after)
    assert isinstance(reply, Refused)
    assert reply.reason is Reason.LATE
    assert host.observe(AGENT.poll(attempt, 0)).state is State.PREPARED
    up = host.observe(AGENT.poll(attempt, 0)).uptime_seconds
    assert isinstance(host.go(attempt, payload, not_after=up + 600), Observed)


def test_an_order_is_for_one_boot(host, attempt) -> None:
    payload = host.lay(attempt, "echo hi")
    boot = host.observe(AGENT.poll(attempt, 0)).boot
    reply = host.go(attempt, payload, boot="0f-an-earlier-one", not_after=10**9)
    assert isinstance(reply, Refused)
    assert reply.reason is Reason.LATE
    assert host.observe(AGENT.poll(attempt, 0)).state is State.PREPARED
    assert isinstance(host.go(attempt, payload, boot=boot), Observed)
    assert host.settled(attempt).status == 0


def test_an_order_that_systemd_held_up_goes_stale_too(tmp_path, attempt) -> None:
    with made("dash", tmp_path) as host:
        host.replace_tool("systemd-run", f'touch {host.root}/held; sleep 3; shift 3; exec "$@"')
        (host.root / "run/systemd/system").mkdir(parents=True)
        payload = host.lay(attempt, "touch ran")
        up = host.observe(AGENT.poll(attempt, 0)).uptime_seconds
        reply = host.go(attempt, payload, not_after=up + 1)
        assert isinstance(reply, Refused)
        assert reply.reason is Reason.LATE
        assert (host.root / "held").exists()
        assert host.observe(AGENT.poll(attempt, 0)).state is State.PREPARED
        assert not (host.root / "ran").exists()


def test_the_caller_may_go_away_at_once(host, attempt) -> None:
    payload = host.lay(attempt, "sleep 0.5; echo survived")
    call = host.send(going(attempt, payload))
    wait_for(lambda: list(host.directory(attempt).glob("session.*")))
    with contextlib.suppress(ProcessLookupError):
        os.killpg(call.pid, signal.SIGKILL)
    call.communicate()
    assert host.settled(attempt).output == b"survived\n"


# ── gc ──


def test_what_runs_is_not_removed(host, attempt) -> None:
    payload = host.lay(attempt, "sleep 600")
    host.go(attempt, payload)
    reply = host.call(AGENT.gc(attempt))
    assert isinstance(reply, Refused)
    assert (reply.reason, reply.todo) == (Reason.BUSY, "stop it first, or wait for its end")
    assert host.observe(AGENT.poll(attempt, 0, wait_seconds=0)).state is State.RUNNING


def test_what_is_over_is_removed_with_all_that_belongs_to_it(host, attempt) -> None:
    host.run(attempt, "echo hi")
    assert host.call(AGENT.gc(attempt)) == Gone()
    assert host.call(AGENT.gc(attempt)) == Gone()
    assert [each.name for each in (host.root / ".twinwatch").iterdir()] == ["steps"]
    assert host.observe(AGENT.poll(attempt, 0)).state is State.ABSENT


def test_what_died_on_the_way_leaves_nothing_for_ever(host, attempt) -> None:
    lock = host.root / ".twinwatch/locks/service.mail"
    lock.mkdir(parents=True)
    dead = subprocess.Popen(["true"])
    dead.wait()
    (host.root / f".twinwatch/gone.{dead.pid}").mkdir()
    (lock / f"new.{dead.pid}").touch()
    (lock / f"new.{os.getpid()}").touch()  # somebody is at it
    assert host.call(AGENT.gc(attempt)) == Gone()
    assert [each.name for each in (host.root / ".twinwatch").iterdir()] == ["locks"]
    assert [each.name for each in lock.iterdir()] == [f"new.{os.getpid()}"]


def test_a_go_while_it_is_removed_finds_the_gate_shut(host, attempt) -> None:
    payload = host.lay(attempt, f"touch {host.root}/ran")
    real = shutil.which("mv")
    wait = f"touch {host.root}/moving; while [ ! -e {host.root}/on ]; do sleep 0.05; done"
    host.replace_tool("mv", f'case $2 in *gone*) {wait} ;; esac; exec {real} "$@"')
    removing = host.send(AGENT.gc(attempt))
    wait_for((host.root / "moving").exists)
    seen = host.go(attempt, payload)
    assert isinstance(seen, Observed)
    assert seen.state is State.VOID
    (host.root / "on").touch()
    removing.communicate(timeout=PATIENCE_SECONDS)
    assert host.observe(AGENT.poll(attempt, 0)).state is State.ABSENT
    assert not (host.root / "ran").exists()


def test_a_go_after_gc_starts_nothing(host, attempt) -> None:
    payload = host.lay(attempt, "touch ran")
    assert host.call(AGENT.gc(attempt)) == Gone()
    host.go(attempt, payload)
    assert not (host.root / "ran").exists()
