"""A full disk refuses, or leaves a result; it never leaves a doubt about what ran."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runbooks.host.protocol import Fence, HostAgent
from runbooks.host.replies import Checked, Gone, Observed, Reason, Refused, State

AGENT = HostAgent()


@contextmanager
def small_disk(host, options: str) -> Iterator[Path]:
    """The host's home directory on a disk of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    home = host.root / ".twinwatch"
    home.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"{options},mode=700", "tmpfs", home],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode != 0:
        pytest.skip(f"no small disk here: {mounted.stderr.strip()}")
    try:
        yield home
    finally:
        subprocess.run(["umount", "-l", home], check=True)


def fill(home: Path) -> None:
    ballast = os.open(home / "ballast", os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(ballast, b"x" * 4096)
    os.close(ballast)


def test_full_at_put_is_refused_in_the_hosts_words(host, attempt) -> None:
    with small_disk(host, "size=64k") as home:
        fill(home)
        reply = host.call(AGENT.put(attempt, b"echo hi" * 1000))
        assert isinstance(reply, Refused)
        assert reply.reason is Reason.WRITE
        assert "the host can't write" in reply.what
        (home / "ballast").unlink()
        assert host.run(attempt, "echo hi").output == b"hi\n"


def test_full_at_the_claim_starts_nothing(host, attempt) -> None:
    with small_disk(host, "size=1m,nr_inodes=40") as home:
        payload = host.lay(attempt, "touch ran")
        made = 0
        while True:
            try:
                (home / f"inode{made}").touch()
            except OSError:
                break
            made += 1
        reply = host.go(attempt, payload)
        assert isinstance(reply, Refused)
        assert reply.reason is Reason.WRITE
        assert host.observe(AGENT.poll(attempt, 0)).state is State.PREPARED
        assert host.call(AGENT.void(attempt)).reason is Reason.WRITE  # and no false promise
        assert isinstance(host.call(AGENT.lock(Fence(1, "r-1", ("a",)), seconds=9)), Refused)
        (home / "inode0").unlink()
        reply = host.go(attempt, payload)
        # One inode more: claimed, and no room to say that it began.
        assert isinstance(reply, Observed)
        assert host.settled(attempt).state is State.STILLBORN
        assert not (host.root / "ran").exists()


def test_full_in_the_step_leaves_a_result_and_says_that_output_is_missing(host, attempt) -> None:
    with small_disk(host, "size=256k") as home:
        seen = host.run(attempt, f"yes | head -c 1000000; touch {host.root}/went-on; exit 5")
        assert (seen.state, seen.status, seen.incomplete) == (State.DONE, 5, True)
        assert 100_000 < seen.size < 256 * 1024
        assert seen.output == (b"y\n" * 500_000)[: seen.size]
        assert (host.root / "went-on").exists()
        assert host.call(AGENT.gc(attempt)) == Gone()
        assert [each.name for each in home.iterdir()] == ["steps"]


def test_full_before_it_begins_is_no_reason_not_to_run(host, attempt) -> None:
    with small_disk(host, "size=64k") as home:
        payload = host.lay(attempt, f"echo x >>{host.root}/count; exit 3")
        fill(home)
        host.go(attempt, payload)
        seen = host.settled(attempt)
        assert (seen.state, seen.status, seen.incomplete) == (State.DONE, 3, True)
        assert (host.root / "count").read_text() == "x\n"


def test_a_full_disk_can_be_asked_how_full_it_is(host) -> None:
    with small_disk(host, "size=64k") as home:
        fill(home)
        script = f"df -P {home} | tail -n 1 | grep -c 100%".encode()
        reply = host.call(AGENT.check(script, timeout_seconds=30, limit=100))
        assert reply == Checked(0, b"1\n", False)
