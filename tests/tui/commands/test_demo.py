"""`twinwatch demo`: what it prints, and that nothing is left of it, however it ends."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.demo import roster
from collectors.demo.scenario import SCENARIOS
from estate.document import Document, HostRow, WatchRow
from estate.samples import Cause, Reach, Stage
from estate.wire import to_json
from tui.commands import demo
from tui.commands.stage import MARK

TWINWATCH = [sys.executable, "-c", "from tui.commands.main import main; main()"]


def start(here: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*TWINWATCH, "demo", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(here)},
    )  # fmt: skip


def marked(here: Path) -> dict[str, int]:
    """Processes of the demos under `here`, by what they are."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if (
                not entry.name.isdigit()
                or f"{MARK}={here}/".encode() not in (entry / "environ").read_bytes()
            ):
                continue
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        kind = next((w.decode() for w in words if w in (b"watch", b"collectors.demo")), "command")
        found[kind] = int(entry.name)
    return found


def until(true: object, seconds: float = 60.0) -> bool:
    """Whether the callable `true` becomes true in time."""
    assert callable(true)
    deadline = time.monotonic() + seconds
    while not (seen := bool(true())) and time.monotonic() < deadline:
        time.sleep(0.05)
    return seen


def read(terminal: int, seen: bytearray) -> bool:
    """Take what the console has written; always true, for the console would wait for us."""
    while select.select([terminal], [], [], 0)[0]:
        try:
            seen += os.read(terminal, 65_536)
        except OSError:  # Linux: the console has left
            break
    return True


def nothing_left(here: Path) -> bool:
    return until(lambda: not marked(here) and not list(here.iterdir()))


def under_way(here: Path) -> dict[str, int]:
    """The demo's processes once hosts are sampled and commands run on them."""
    assert until(lambda: {"watch", "collectors.demo", "command"} <= set(marked(here)))
    return marked(here)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "t"
    place.mkdir()
    yield place
    assert nothing_left(place), (marked(place), list(place.rglob("*"))[:5])


def test_headless_json(here: Path) -> None:
    process = start(here, "--hosts", "4", "--headless", "--for", "6", "--json")
    stdout, stderr = process.communicate(timeout=100)
    assert (process.returncode, stderr) == (0, "")
    printed = json.loads(stdout)
    assert printed["hosts"] == {
        "total": 4, "connecting": 0, "live": 4, "late": 0,
        "unreachable": 0, "refused": 0, "untrusted": 0, "frozen": 0,
    }  # fmt: skip
    assert set(printed["host"]) == {"gw-c02", "mta-c01", "mta-c02", "mdb-c01"}
    for name, host in printed["host"].items():
        assert host["state"] == "live", name
        assert 0 <= host["age_ms"] < 60_000
        assert 0 <= host["values"]["cpu"] <= 100
    assert printed["watch"]["cpu_seconds"] > 0
    assert printed["watch"]["rss_bytes"] > 10_000_000
    assert (printed["scenario"], printed["seconds"]) == ("calm", 6)


def test_without_a_terminal_it_prints_the_board_as_text(here: Path) -> None:
    process = start(here, "--hosts", "2", "--for", "4")
    stdout, stderr = process.communicate(timeout=100)
    assert (process.returncode, stderr) == (0, "")
    assert "central primary" in stdout
    assert "FLEET  2  mta" in stdout
    assert "Instant messaging" in stdout
    assert "\x1b" not in stdout


@pytest.mark.parametrize("suffix", [".txt", ".svg"])
def test_snapshot(here: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"board{suffix}"
    process = start(here, "--hosts", "2", "--for", "3", "--snapshot", str(path))
    assert process.communicate(timeout=100) == ("", "")
    assert "Instant messaging" in path.read_text()
    assert path.read_text().startswith("<svg") is (suffix == ".svg")


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)],
)
def test_the_command_ends_by_a_signal(here: Path, number: signal.Signals, status: int) -> None:
    process = start(here, "--hosts", "3", "--headless", "--for", "600")
    under_way(here)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == status
    assert nothing_left(here)


@pytest.mark.parametrize(
    ("victim", "said"),
    [
        ("collectors.demo", r"twinwatch: the demo ended early — .* — the hosts' process ended"),
        ("watch", r"twinwatch: (no watch is running|the watch (went away|did not start)) — "),
    ],
)
def test_hosts_or_watch_are_killed(here: Path, victim: str, said: str) -> None:
    process = start(here, "--hosts", "3", "--headless", "--for", "600")
    os.kill(under_way(here)[victim], signal.SIGKILL)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert re.match(said, stderr), stderr
    assert len(stderr.splitlines()) == 1
    assert nothing_left(here)


def test_the_terminal_goes_away_under_the_console(here: Path) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TMPDIR=str(here), TERM="xterm-256color")
        os.execv(TWINWATCH[0], [*TWINWATCH, "demo", "--hosts", "3"])
    seen = b""
    while b"FLEET" not in seen:
        seen += os.read(terminal, 65_536)
    under_way(here)
    os.close(terminal)
    assert until(lambda: os.waitpid(child, os.WNOHANG)[0] == child)
    assert nothing_left(here)


def test_the_console_starts_its_watch_again_and_keeps_settings_on_the_stage(
    here: Path, tmp_path: Path
) -> None:
    home = tmp_path / "config"
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TMPDIR=str(here), TERM="xterm-256color", XDG_CONFIG_HOME=str(home))
        os.execv(TWINWATCH[0], [*TWINWATCH, "demo", "--hosts", "3"])
    seen = bytearray()

    def shows(words: bytes, start: int = 0) -> bool:
        return until(lambda: read(terminal, seen) and words in bytes(seen[start:]))

    try:
        assert shows(b"FLEET")
        before = under_way(here)["watch"]
        os.kill(before, signal.SIGKILL)
        assert until(lambda: read(terminal, seen) and marked(here).get("watch", before) != before)
        assert shows(b"LIVE", len(seen))
        os.write(terminal, b":theme light\r")
        assert until(lambda: read(terminal, seen) and list(here.glob("*/settings.yaml")))
        assert not home.exists()
        os.write(terminal, b":q\r")
        assert until(lambda: read(terminal, seen) and os.waitpid(child, os.WNOHANG)[0] == child)
    finally:
        os.close(terminal)  # a console that is still there hangs up


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--hosts", "1"),
            "twinwatch: invalid value for '--hosts': Input should be greater than or equal to 2"
            " — twinwatch demo — see twinwatch demo --help\n",
        ),
        (
            ("--scenario", "panic"),
            "twinwatch: invalid value for '--scenario': 'panic' is not one of 'calm',"
            " 'primary-down', 'queue-storm' — twinwatch demo — see twinwatch demo --help\n",
        ),
        (
            ("--snapshot", "/nowhere/board.svg"),
            "twinwatch: the snapshot is refused — /nowhere/board.svg — no file can be made there"
            " — name a file in a directory that exists\n",
        ),
        (
            ("--snapshot", "board.png"),
            "twinwatch: the snapshot is refused — board.png — it is neither .txt nor .svg"
            " — try board.svg\n",
        ),
    ],
)
def test_senseless_wishes_are_refused(here: Path, words: tuple[str, ...], said: str) -> None:
    process = start(here, *words)
    assert process.communicate(timeout=60) == ("", said)
    assert process.returncode == 2


def test_the_command_offers_what_the_hosts_can_play() -> None:
    assert [str(each) for each in demo.Scenario] == list(SCENARIOS)
    assert (demo.FEWEST_HOSTS, demo.MOST_HOSTS) == (roster.FEWEST, roster.MOST)


def test_summary_counts_reach_and_tells_unknown_from_zero() -> None:
    lost = Cause(Stage.CONNECT, "connection refused", "Start sshd.")
    board = Document(
        seq=1, at=1_000, estate="e", timezone="UTC", language="en", every_ms=2_000,
        watch=WatchRow(version="1", pid=7),
        hosts={
            "a": HostRow("a", "s", reach=Reach.LIVE, at=9_000, values={"cpu": 0.0}),
            "b": HostRow("b", "s", reach=Reach.UNREACHABLE, cause=lost),
        },
    )  # fmt: skip
    figures = demo.summary(to_json(board), now=10_000)
    assert figures["hosts"]["total"] == 2
    assert figures["hosts"]["live"] == figures["hosts"]["unreachable"] == 1
    assert figures["host"]["a"]["age_ms"] == 1_000
    assert figures["host"]["a"]["values"] == {"cpu": 0.0}
    assert figures["host"]["b"]["age_ms"] is None
    assert figures["host"]["b"]["cause"] == "connect: connection refused"
