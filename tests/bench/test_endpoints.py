"""The sshd that benchmarks and tests run against."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.endpoints import Endpoints
from bench.report import UnableError

pytestmark = pytest.mark.sshd


def ssh(endpoints: Endpoints, host: str, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["ssh", "-F", endpoints.ssh_config, host, command],
        check=False, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def stay(endpoints: Endpoints) -> subprocess.Popen[bytes]:
    """A session that goes on until its server ends it, and whose command ends with it."""
    said = endpoints.home / "said"
    words = ["ssh", "-F", endpoints.ssh_config, endpoints.hosts[0]]
    with said.open("wb") as output:
        client = subprocess.Popen(
            [*words, "while echo here; do sleep 0.2; done"],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    while not said.stat().st_size:
        assert client.poll() is None
        time.sleep(0.02)
    return client


def test_each_address_is_a_host_and_nothing_is_left() -> None:
    try:
        with Endpoints(300) as endpoints:
            first = ssh(endpoints, endpoints.hosts[0], "echo $HOME $SSH_CONNECTION")
            last = ssh(endpoints, endpoints.hosts[-1], "echo $SSH_CONNECTION")
            directory, pid = endpoints.directory, endpoints.pid
    except UnableError as reason:
        pytest.skip(str(reason))
    assert first.stdout.split()[0] == str(directory / "home"), first.stderr
    assert first.stdout.split()[3] == endpoints.hosts[0]
    assert last.stdout.split()[2] == endpoints.hosts[-1] == "127.1.1.50"
    assert not directory.exists()
    assert not Path(f"/proc/{pid}").exists()


def test_sessions_end_with_their_server() -> None:
    try:
        with Endpoints(1) as endpoints:
            client = stay(endpoints)
    except UnableError as reason:
        pytest.skip(str(reason))
    assert client.wait(timeout=60) == 255


def test_its_key_is_the_only_way_in() -> None:
    try:
        with Endpoints(1) as endpoints:
            endpoints.key.unlink()
            answer = ssh(endpoints, endpoints.hosts[0], "true")
    except UnableError as reason:
        pytest.skip(str(reason))
    assert answer.returncode == 255
    assert "Permission denied (publickey)" in answer.stderr


def test_a_server_that_refuses_its_settings_says_so_and_leaves_nothing() -> None:
    endpoints = Endpoints(1, settings={"NoSuchSetting": "1"})
    with pytest.raises(UnableError, match=r"NoSuchSetting|no sshd"), endpoints:
        pass
    assert not endpoints.directory.exists()


def test_killed_without_a_chance_it_still_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import time\nfrom bench.endpoints import Endpoints\n"
        "from tests.bench.test_endpoints import stay\n"
        "with Endpoints(1) as e:\n  print(stay(e).pid, e.pid, flush=True)\n  time.sleep(600)"
    )
    words = [sys.executable, "-c", code]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        started = process.stdout.readline().split()
        process.kill()
    if not started:
        pytest.skip("no sshd here")

    def left() -> list[Path]:
        processes = [Path("/proc", pid) for pid in started]  # a session's client, and the server
        return [each for each in (*processes, *tmp_path.iterdir()) if each.exists()]

    deadline = time.monotonic() + 60
    while left() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left() == []
