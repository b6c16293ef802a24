"""The demo's hosts as the plain ssh client meets them."""

import gc
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from collectors.demo.platform import Platform
from collectors.demo.roster import roster
from collectors.demo.scenario import Act, ChangeHostKey, RefuseKeys, Vanish

pytestmark = pytest.mark.skipif(shutil.which("ssh") is None, reason="no ssh client here")

SCRIPT = (
    Act(10, "gw-c02", Vanish()),
    Act(20, "dir-r01", ChangeHostKey()),
    Act(30, "ops-r01", RefuseKeys()),
)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    playing = Platform(tmp_path / "demo", roster(12), SCRIPT)
    yield playing
    playing.close()


def ssh(
    platform: Platform, *words: str, data: bytes = b"", options: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[bytes]:
    command = ["ssh", "-F", str(platform.ssh_config), "-o", "BatchMode=yes", *options, *words]
    return subprocess.run(command, input=data, capture_output=True, timeout=60, check=False)


def test_commands_run_for_real_with_the_hosts_own_root(platform: Platform) -> None:
    done = ssh(
        platform, "mta-c01", "cat $TWINWATCH_ROOT/proc/sys/kernel/hostname; echo no >&2; exit 7"
    )
    assert (done.stdout, done.stderr, done.returncode) == (b"mta-c01\n", b"no\n", 7)


def test_megabytes_pass_both_ways_unharmed(platform: Platform) -> None:
    sent = os.urandom(3_000_000)
    assert ssh(platform, "mbx-c01", "cat", data=sent).stdout == sent


def test_a_session_that_waits_while_another_is_opened_is_kept(platform: Platform) -> None:
    with paramiko.Transport(("127.0.0.1", platform.servers["mta-c01"].port)) as transport:
        key = paramiko.Ed25519Key(filename=str(platform.directory / "id_ed25519"))
        transport.connect(username="demo", pkey=key)
        sessions = [transport.open_session(timeout=20) for _ in range(8)]
        gc.collect()
        for number, session in enumerate(sessions):
            session.settimeout(20)
            session.exec_command(f"echo {number}")
            assert session.makefile().read() == b"%d\n" % number


def test_a_host_behind_the_gateway_is_reached_through_it(platform: Platform) -> None:
    done = ssh(platform, "-v", "mdb-c01", "cat $TWINWATCH_ROOT/proc/sys/kernel/hostname")
    assert done.stdout == b"mdb-c01\n"
    assert b"gw-c02" in done.stderr


def test_nobody_else_forwards_and_the_gateway_only_to_its_own(platform: Platform) -> None:
    for jump, target in (("lb-c01", "mdb-c01"), ("gw-c02", "mta-r01")):
        port = platform.servers[target].port
        done = ssh(platform, jump, options=("-W", f"127.0.0.1:{port}"))
        assert done.returncode == 255
        assert b"administratively prohibited" in done.stderr


def test_no_other_key_and_no_password_gets_in(platform: Platform, tmp_path: Path) -> None:
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "k"], check=True
    )
    key = platform.directory / "id_ed25519"
    key.write_bytes((tmp_path / "k").read_bytes())
    done = ssh(platform, "mta-c01", "true")
    assert done.returncode == 255
    assert b"Permission denied (publickey)" in done.stderr


def test_a_client_that_hangs_up_takes_its_command_along(platform: Platform) -> None:
    command = ["ssh", "-F", str(platform.ssh_config), "mta-c01", "echo $$; sleep 600"]
    client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert client.stdout is not None
    pid = int(client.stdout.readline())
    client.kill()
    client.wait()
    deadline = time.monotonic() + 30
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
    client.stdout.close()
    assert client.stdin is not None
    client.stdin.close()


def test_what_befalls_hosts_begins_with_the_first_visit(platform: Platform) -> None:
    platform.advance(100.0, 10.0)  # nobody was there: nothing happens
    assert ssh(platform, "mdb-c01", "true").returncode == 0
    platform.advance(11.0, 10.0)
    with pytest.raises(TimeoutError):  # not even the kernel answers
        socket.create_connection(("127.0.0.1", platform.servers["gw-c02"].port), timeout=2)
    lost = ssh(platform, "mdb-c01", "true", options=("-o", "ConnectTimeout=2"))
    assert lost.returncode == 255
    assert b"timed out" in lost.stderr, "lost hosts do not refuse, they are silent"
    assert ssh(platform, "dir-r01", "true").returncode == 0
    platform.advance(10.0, 10.0)
    assert b"REMOTE HOST IDENTIFICATION HAS CHANGED" in ssh(platform, "dir-r01", "true").stderr
    assert ssh(platform, "ops-r01", "true").returncode == 0
    platform.advance(10.0, 10.0)
    assert b"Permission denied (publickey)" in ssh(platform, "ops-r01", "true").stderr
    assert ssh(platform, "mta-c01", "true").returncode == 0, "the others never noticed"


def test_open_connections_end_when_their_host_vanishes(platform: Platform) -> None:
    command = ["ssh", "-F", str(platform.ssh_config), "mdb-c01", "echo here; cat"]
    client = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert client.stdout is not None
    assert client.stdin is not None
    assert client.stdout.readline() == b"here\n"
    platform.advance(11.0, 10.0)
    assert client.wait(timeout=30) == 255
    client.stdin.close()
    client.stdout.close()
