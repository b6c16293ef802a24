"""The console inside a real tmux at 80 × 24, whose link to the person carries 4 KB/s."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.glass import Glass
from estate.document import Change

pytestmark = [
    pytest.mark.tmux,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

SLOW_LINK = 4_000  # bytes a second
HALF_A_SECOND = SLOW_LINK // 2  # of that link, in bytes: a test's machine has no say in it


@pytest.fixture
def tmux(fake_watch: Any, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Run a command of a tmux server of our own."""
    (tmp_path / "tmux.conf").write_text("set -g status off\nset -g escape-time 0\n")
    base = ["tmux", "-u", "-S", str(tmp_path / "tmux"), "-f", str(tmp_path / "tmux.conf")]

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [*base, *arguments], capture_output=True, text=True, timeout=20, check=False
        )
        return done.stdout

    code = "import sys; from tui.console.opening.terminal import run; from watch.client import Client; "
    code += f"sys.exit(run(lambda: Client({str(fake_watch.path)!r})))"
    home = f"XDG_CONFIG_HOME={tmp_path / 'config'}"
    run(
        "new-session",
        "-d",
        "-x",
        "80",
        "-y",
        "24",
        "-e",
        home,
        "-e",
        "LC_ALL=C.UTF-8",
        sys.executable,
        "-c",
        code,
    )
    yield run
    run("kill-server")


def in_pane(tmux: Callable[..., str], text: str, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if text in tmux("capture-pane", "-p"):
            return
        time.sleep(0.1)
    pytest.fail(f"{text!r} is not in the pane:\n{tmux('capture-pane', '-p')}")


def marked(glass: Glass) -> list[int]:
    return [y for y, row in enumerate(glass.display) if row.startswith("▌")]


def test_keys_echo_within_half_a_second_of_the_link(
    tmux: Callable[..., str], fake_watch: Any, tmp_path: Path
) -> None:
    in_pane(tmux, "LIVE")
    tmux("send-keys", ":hosts", "Enter")
    in_pane(tmux, "home › hosts")
    command = ["tmux", "-u", "-S", str(tmp_path / "tmux"), "attach"]
    glass = Glass(command, 80, 24, bytes_per_second=SLOW_LINK)
    try:
        assert glass.read(40.0, lambda: bool(marked(glass)))
        glass.read(3.0)
        document = fake_watch.document
        for step in range(1, 6):
            at = document.at + 2_000 * step
            rows = tuple(
                replace(row, at=at, values={**row.values, "cpu": 10.0 + 7 * step})
                for row in document.hosts.values()
            )
            fake_watch.say(Change(document.seq + step, at, rows))
            before, size = marked(glass), glass.byte_count
            glass.press("j")
            moved = glass.read(20.0, lambda before=before: marked(glass) not in ([], before))
            assert moved, "\n".join(glass.display)
            assert glass.byte_count - size <= HALF_A_SECOND
            glass.read(1.0)
    finally:
        glass.close()


def test_detaching_and_attaching_shows_the_same_board(
    tmux: Callable[..., str], tmp_path: Path
) -> None:
    in_pane(tmux, "LIVE")
    for _ in range(2):
        glass = Glass(["tmux", "-u", "-S", str(tmp_path / "tmux"), "attach"], 80, 24)
        assert glass.read(20.0, lambda glass=glass: any("mta-c00" in r for r in glass.display))
        tmux("detach-client")
        glass.close()


def test_a_killed_console_leaves_the_watch_alone(tmux: Callable[..., str], fake_watch: Any) -> None:
    in_pane(tmux, "LIVE")
    tmux("kill-server")
    fake_watch.asked.clear()
    from watch.client import Client

    assert Client(fake_watch.path).get("/v1/board")["estate"] == "messaging"
