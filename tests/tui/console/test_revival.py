"""A console whose watch dies under it: a real one on a real terminal, over a real watch."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.glass import Glass

TWINWATCH = str(Path(sys.executable).with_name("twinwatch"))
ESTATE = """\
estate: Test
every: 1s
sites: {central: {role: primary}}
hosts:
  "h[1:2]": {groups: [mta], address: "127.0.0.[1:2]", port: 1}
"""


class Desk:
    """A person's home with an estate in it, and their commands."""

    def __init__(self, home: Path) -> None:
        home.chmod(0o700)
        (home / "estate.yaml").write_text(ESTATE)
        (home / "estate.yaml").chmod(0o600)
        self.home = home
        self.environ = {
            "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "LC_ALL": "C.UTF-8",
            "PATH": os.environ["PATH"],
        }  # fmt: skip

    def run(self, *arguments: str) -> Any:
        said = subprocess.run(
            [TWINWATCH, "--estate", str(self.home / "estate.yaml"), *arguments, "--json"],
            capture_output=True, text=True, timeout=60, env=self.environ, check=False,
        )  # fmt: skip
        return json.loads(said.stdout)

    def watch(self) -> int:
        """The number of the watch's process; 0 if there is none."""
        return int(self.run("status").get("pid", 0))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.run("watch", "--stop")


@pytest.fixture
def console(desk: Desk) -> Iterator[Glass]:
    command = [TWINWATCH, "--estate", str(desk.home / "estate.yaml")]
    glass = Glass(command, 120, 40, desk.environ)
    yield glass
    glass.close()


def shows(glass: Glass, *texts: str, seconds: float = 60.0) -> None:
    def there() -> bool:
        return all(any(text in row for row in glass.display) for text in texts)

    assert glass.read(seconds, there) or there(), "\n".join(glass.display)


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_watch_that_is_killed_is_started_again_by_its_console(desk: Desk, console: Glass) -> None:
    shows(console, "LIVE", "h1")
    killed = desk.watch()
    os.kill(killed, signal.SIGKILL)
    shows(console, "not watching")  # the new watch tells of the gap, and the console shows it
    shows(console, "LIVE")
    assert desk.watch() not in (0, killed)


def test_a_watch_that_is_stopped_stays_so_until_a_key_is_pressed(
    desk: Desk, console: Glass
) -> None:
    shows(console, "LIVE", "h1")
    stopped = desk.watch()
    desk.run("watch", "--stop")
    shows(console, "R starts it again · it was stopped")
    assert desk.watch() == 0
    console.press("R")
    shows(console, "LIVE")
    until(lambda: desk.watch() not in (0, stopped))
