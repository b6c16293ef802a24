"""The first page on a real pseudo-terminal: what is loaded for it, and that it is given back."""

from __future__ import annotations

import os
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.glass import Glass

Attach = Callable[..., Glass]

ALTERNATE, BACK, CLEARED = b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[2J"

#: Shows a page, notes what was loaded for it, then does as told.
PAGE = """
import os, sys, time
from pathlib import Path
from tui.console.terminal.first_page import FirstPage
from tui.paint.cells import line
from tui.paint.theme import THEMES
with FirstPage(os.environ) as page:
    page.show([line("a first page")], THEMES["ansi"], 80, 24)
    {then}
"""


def written(glass: Glass) -> bytes:
    return b"".join(data for _, data in glass.chunks)


def status_of(glass: Glass) -> int:
    """The exit status, once it has ended."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        glass.read(0.05)
        pid, status = os.waitpid(glass.pid, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
    pytest.fail("it did not end")


def is_line_wise(glass: Glass) -> bool:
    """Whether its terminal echoes and edits lines, as a shell expects."""
    flags = termios.tcgetattr(glass.file)[3]
    return flags & (termios.ECHO | termios.ICANON) == termios.ECHO | termios.ICANON


@pytest.fixture
def show() -> Iterator[Callable[[str], Glass]]:
    """Start `PAGE` and wait for the page."""
    glasses: list[Glass] = []

    def start(then: str) -> Glass:
        environ = {"PYTHONPATH": os.pathsep.join(sys.path)}
        glass = Glass([sys.executable, "-c", PAGE.format(then=then)], 80, 24, environ)
        glasses.append(glass)
        assert glass.read(20.0, lambda: glass.display[0].startswith("a first page"))
        return glass

    yield start
    for glass in glasses:
        glass.close()


def test_the_terminal_is_ours_while_it_stands(show: Callable[[str], Glass]) -> None:
    glass = show("time.sleep(60)")
    assert not is_line_wise(glass)
    glass.press("typed too early\r")
    glass.read(0.2)
    assert not any("typed" in row for row in glass.display)


@pytest.mark.parametrize(
    ("then", "status"),
    [("raise OSError('a library is missing')", 1), ("pass", 0), ("sys.exit(3)", 3)],
)
def test_whoever_fails_to_start_gives_the_terminal_back(
    show: Callable[[str], Glass], then: str, status: int
) -> None:
    glass = show(then)
    assert status_of(glass) == status
    assert written(glass).count(ALTERNATE) == written(glass).count(BACK) == 1
    assert is_line_wise(glass)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_whoever_is_ended_gives_the_terminal_back(
    show: Callable[[str], Glass], number: signal.Signals
) -> None:
    glass = show("time.sleep(60)")
    os.kill(glass.pid, number)
    status_of(glass)
    assert written(glass).rindex(BACK) > written(glass).rindex(ALTERNATE)
    assert is_line_wise(glass)


def test_where_there_is_no_terminal_nothing_is_written(tmp_path: Path) -> None:
    glass = Glass(["/bin/sh", "-c", f'exec "$0" -c "$1" 2> {tmp_path}/errors', sys.executable,
                   PAGE.format(then="pass")], environ={"PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
    try:
        assert status_of(glass) == 0
    finally:
        glass.close()
    assert (written(glass), (tmp_path / "errors").read_bytes()) == (b"", b"")


#: The console, which notes what is loaded when its first page is written.
NOTED = """
import sys
from pathlib import Path
from tui.console.opening.terminal import run
from tui.console.terminal.first_page import FirstPage
from watch.client import Client
show = FirstPage.show
def noted(page, *shown):
    show(page, *shown)
    Path(sys.argv[2]).write_text(" ".join(sorted({name.split(".")[0] for name in sys.modules})))
FirstPage.show = noted
sys.exit(run(lambda: Client(sys.argv[1])))
"""


def test_nothing_that_takes_long_to_load_is_loaded_for_it(fake_watch: Any, tmp_path: Path) -> None:
    noted = tmp_path / "loaded"
    environ = {"PYTHONPATH": os.pathsep.join(sys.path), "XDG_CONFIG_HOME": str(tmp_path)}
    glass = Glass([sys.executable, "-c", NOTED, str(fake_watch.path), str(noted)], environ=environ)
    try:
        assert glass.read(20.0, noted.exists)
        assert glass.read(20.0, lambda: noted.read_text() != "")
    finally:
        glass.close()
    costly = {"textual", "asyncio", "typer", "pydantic", "h11", "yaml", "paramiko", "logging"}
    assert costly & set(noted.read_text().split()) == set()


def test_textual_goes_on_from_it(attach: Attach) -> None:
    glass = attach(120, 40)
    assert glass.read(20.0, lambda: b"\x1b[?2004h" in written(glass)), "Textual never started"
    glass.read(0.5)
    assert any("LIVE" in row for row in glass.display)
    assert written(glass).count(ALTERNATE) == 1
    assert written(glass).count(CLEARED) == 1, "the page was sent twice"
    glass.press(":q\r")
    assert status_of(glass) == 0
    assert is_line_wise(glass)


def test_keys_typed_while_textual_is_loaded_are_done(attach: Attach) -> None:
    glass = attach(120, 40)
    assert glass.read(20.0, lambda: any("mta-c00" in row for row in glass.display))
    glass.press(":hosts\r")
    assert glass.read(20.0, lambda: any("home › hosts" in row for row in glass.display))


def test_a_page_that_somebody_wrote_over_is_drawn_anew(attach: Attach) -> None:
    glass = attach(120, 40)
    assert glass.read(20.0, lambda: any("mta-c00" in row for row in glass.display))
    os.kill(glass.pid, signal.SIGSTOP)
    stat = Path(f"/proc/{glass.pid}/stat")
    while stat.read_text().rpartition(")")[2].split()[0] != "T":
        glass.read(0.02)
    glass.screen.reset()
    glass.screen.draw("$ ls")
    os.kill(glass.pid, signal.SIGCONT)
    assert glass.read(20.0, lambda: not any("$ ls" in row for row in glass.display))
    assert glass.read(20.0, lambda: any("mta-c00" in row for row in glass.display))
