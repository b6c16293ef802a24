"""A run on the demo's hosts, begun and decided by keys in a real tmux, through a killed console."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.commands.stage import Stage, stage

pytestmark = [
    pytest.mark.tmux,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

#: gw-c02, two relays at the primary, a database, and a relay at recovery.
HOSTS = 5


class Terminal:
    """A tmux of our own, and the console in it."""

    def __init__(self, directory: Path, socket: Path) -> None:
        self.directory, self.socket = directory, socket

    def run(self, *words: str) -> str:
        command = ["tmux", "-u", "-S", str(self.directory / "tmux"), "-f", os.devnull, *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        return done.stdout

    def open(self) -> None:
        code = "import sys; from tui.console.opening.terminal import run; from watch.client import Client; "
        code += f"sys.exit(run(lambda: Client({str(self.socket)!r})))"
        size = ("-x", "120", "-y", "40")
        environ = ("-e", "LC_ALL=C.UTF-8", "-e", f"XDG_CONFIG_HOME={self.directory / 'config'}")
        self.run("new-session", "-d", *size, *environ, sys.executable, "-c", code)
        self.sees("LIVE")

    def kill(self) -> None:
        """SIGKILL the console; its terminal goes with it."""
        os.kill(int(self.run("list-panes", "-F", "#{pane_pid}")), signal.SIGKILL)
        deadline = time.monotonic() + 30
        while self.run("list-sessions") and time.monotonic() < deadline:
            time.sleep(0.1)

    def types(self, *keys: str) -> None:
        for key in keys:
            self.run("send-keys", *(("-l", key) if len(key) > 1 and key.islower() else (key,)))

    def sees(self, text: str, seconds: float = 90.0) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if text in (pane := self.run("capture-pane", "-p")):
                return pane
            time.sleep(0.2)
        pytest.fail(f"{text!r} is not in the pane:\n{self.run('capture-pane', '-p')}")


@pytest.fixture(scope="module")
def playing() -> Iterator[Stage]:
    with stage(HOSTS, "calm", os.environ) as found:
        yield found


@pytest.fixture
def terminal(playing: Stage, tmp_path: Path) -> Iterator[Terminal]:
    found = Terminal(tmp_path, playing.client.socket)
    found.open()
    yield found
    found.run("kill-server")


def test_a_run_goes_on_without_its_console(terminal: Terminal, playing: Stage) -> None:
    terminal.sees(f"All {HOSTS} hosts are live")
    terminal.types(":", "runbook demo-mail-failover", "Enter")
    plan = terminal.sees("None: it may go.")
    assert "can't be taken back" in plan
    assert "not done yet" in plan

    terminal.types("Enter")
    terminal.sees("read-only: W arms writes for 10 minutes")
    terminal.types("W")
    terminal.sees("armed 9:")
    terminal.types("Enter")
    terminal.sees("This can't be taken back at recovery. Type its name.")
    terminal.types("Enter", "central", "Enter")
    terminal.sees("that is not its name: nothing was started")
    assert playing.client.get("/v1/runs") == []
    terminal.types("C-u", "recovery", "Enter")
    terminal.sees("1 approve")
    terminal.types("1")
    terminal.sees("may be left empty")
    terminal.types("Enter")
    terminal.sees("RECOVERY CLOCK")
    terminal.sees("took part 2 of 8")
    terminal.kill()

    terminal.open()
    home = terminal.sees("demo-mail-failover")
    assert "of 3:00" in home
    terminal.sees("d decides")
    terminal.types("d")
    terminal.sees("A message through the public name comes back: answers on mta-r01 is failed")
    terminal.types("1")
    terminal.sees("read-only: W arms writes for 10 minutes")
    terminal.types("W")
    terminal.sees("armed 9:")
    terminal.types("1")
    terminal.sees("another attempt, from the beginning")
    terminal.types("mended", "Enter")
    end = terminal.sees("✓ succeeded")
    assert "4 of 4 done" in end
    (row,) = playing.client.get("/v1/runs")
    assert row["state"] == "succeeded"
    view = playing.client.get(f"/v1/runs/{row['id']}")
    (taken,) = next(each for each in view["steps"] if each["id"] == "taken")["tasks"]
    printed = playing.client.get(f"/v1/runs/{row['id']}/output", {"name": taken["output"]})
    parts = [f"mta-r01: took part {number} of 8 of the queue" for number in range(1, 9)]
    assert printed.splitlines() == parts, "it was done once, and nothing of it is missing"
