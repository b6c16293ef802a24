"""The demo's hosts as a process: its ready line, its end, and that nothing is left."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("ssh") is None, reason="no ssh client here")


def start(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "collectors.demo", *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.fixture
def playing(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    directory = tmp_path / "demo"
    with start("--dir", str(directory), "--hosts", "3") as process:
        yield process, directory
        process.kill()


def on_demo_hosts(directory: Path) -> list[int]:
    """Processes that run on the demo's hosts."""
    mark, found = f"TWINWATCH_ROOT={directory}/".encode(), []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def gone(directory: Path, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while on_demo_hosts(directory) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not on_demo_hosts(directory)


def visit(directory: Path, command: str) -> subprocess.Popen[bytes]:
    client = subprocess.Popen(
        ["ssh", "-F", directory / "ssh_config", "mta-c01", f"echo here; {command}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert client.stdout is not None
    assert client.stdout.readline() == b"here\n"
    return client


def test_the_ready_line_says_where_everything_is(
    playing: tuple[subprocess.Popen[bytes], Path],
) -> None:
    process, directory = playing
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert ready == {
        "estate": str(directory / "estate.yaml"),
        "ssh_config": str(directory / "ssh_config"),
        "pid": process.pid,
        "hosts": 3,
    }
    assert directory.stat().st_mode & 0o777 == 0o700
    assert (directory / "id_ed25519").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("ending", ["end of input", signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_when_asked_and_takes_along_even_what_hid(
    playing: tuple[subprocess.Popen[bytes], Path], ending: str | signal.Signals
) -> None:
    process, directory = playing
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    client = visit(directory, "setsid sleep 600 <&- >&- 2>&- & sleep 600")
    assert len(on_demo_hosts(directory)) >= 2
    if isinstance(ending, signal.Signals):
        process.send_signal(ending)
    else:
        process.stdin.close()
    assert process.wait(timeout=30) == 0
    assert gone(directory)
    assert client.wait(timeout=30) == 255


def test_killed_outright_its_commands_see_the_end_of_their_input(
    playing: tuple[subprocess.Popen[bytes], Path],
) -> None:
    process, directory = playing
    assert process.stdout is not None
    process.stdout.readline()
    visit(directory, "cat")
    assert on_demo_hosts(directory)
    os.kill(process.pid, signal.SIGKILL)
    assert gone(directory)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--hosts", "1"), "argument --hosts: '1' is not a number from 2 to 1000"),
        (("--hosts", "many"), "argument --hosts: 'many' is not a number from 2 to 1000"),
        (("--scenario", "panic"), "argument --scenario: invalid choice: 'panic'"),
    ],
)
def test_senseless_wishes_are_refused(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    process = start("--dir", str(tmp_path / "demo"), *words)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 2
    assert said in stderr.decode()
    assert not (tmp_path / "demo").exists()


def test_a_directory_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    process = start("--dir", str(tmp_path))
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 2
    assert stderr.decode() == f"demo: {tmp_path} is not empty: name a new directory\n"
    assert [each.name for each in tmp_path.iterdir()] == ["mine"]
