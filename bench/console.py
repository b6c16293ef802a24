"""The console on a terminal of 120 × 40 beside its peers: 80 hosts, a cadence of 2 s.

First paint is when half of the cells stand that stand in the end. A key's echo is the first byte
after the key; on the slow link it is the moment when the cursor row has visibly moved. Processor
time and memory are those of the program and all its children, but not of the watch.
"""

from __future__ import annotations

import argparse
import compileall
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyte

from bench import peers
from bench.glass import Glass
from bench.played_watch import environ_of, place_in
from bench.report import Report, UnableError, run

SLOW_LINK = 4_000  # bytes a second
OURS = "twinwatch"
LOW = "twinwatch low bandwidth"
MINIMAL = "Textual, minimal"
STOCK = "Textual, stock DataTable"


@dataclass(frozen=True, slots=True)
class Program:
    """Something to look at: how it starts, a key that moves in it, and how it leaves."""

    name: str
    command: Sequence[str]
    key: str = "j"
    leave: str = "q"
    environ: dict[str, str] = field(default_factory=dict)


@dataclass
class Seen:
    """What one run of one program showed."""

    first_paint_ms: float
    idle_cpu_percent: float
    idle_bytes_per_second: float
    resident_mb: float
    echo_ms: float | None


def measure(arguments: argparse.Namespace) -> Report:
    """Every program in turn, `rounds` times, round by round."""
    report = Report(
        f"console at 120 x 40, {arguments.hosts} hosts, 2 s, {arguments.idle:g} s idle, "
        f"slow link {SLOW_LINK} B/s; medians of {arguments.rounds} rounds"
    )
    compile_ours()
    with played_watch(arguments.hosts) as environ, tempfile.TemporaryDirectory() as configuration:
        programs = [*_ours(environ, Path(configuration)), *_peers(report)]
        seen: dict[str, list[Seen]] = {program.name: [] for program in programs}
        for _ in range(arguments.rounds):
            for program in programs:
                seen[program.name].append(look(program, arguments.idle))
        for name, runs in seen.items():
            _keep(report, name, runs)
        for program in programs:
            if program.name in (OURS, LOW, STOCK):
                _keep_slow(report, program)
    _judge(report)
    return report


def compile_ours() -> None:
    """Make our bytecode, as an installer does: in a checkout it may be old, or forbidden by
    PYTHONDONTWRITEBYTECODE, and every start would be measured with the compiler.
    """
    root = Path(__file__).resolve().parent.parent
    for package in ("estate", "watch", "tui", "bench"):
        compileall.compile_dir(root / package, quiet=1)


@contextmanager
def played_watch(hosts: int) -> Iterator[dict[str, str]]:
    """A watch whose hosts are played, in a process of its own; gives the environment it is in."""
    with tempfile.TemporaryDirectory(prefix="twinwatch-bench-") as directory:
        command = [sys.executable, "-m", "bench.played_watch", "--dir", directory]
        server = subprocess.Popen([*command, "--hosts", str(hosts)], stderr=subprocess.PIPE)
        try:
            _await(place_in(Path(directory)).socket, server)
            yield environ_of(Path(directory))
        finally:
            server.terminate()
            server.communicate()


def look(program: Program, idle: float) -> Seen:
    """One run: start, rest, press keys, leave."""
    glass = Glass(program.command, environ=program.environ)
    try:
        glass.read(4.0)
        cpu, size, at = glass.cpu_seconds(), glass.byte_count, time.monotonic()
        glass.read(idle)
        seconds = time.monotonic() - at
        used, written = glass.cpu_seconds() - cpu, glass.byte_count - size
        painted = list(glass.chunks)
        resident = glass.resident_bytes()
        return Seen(
            first_paint(painted) * 1_000,
            100 * used / seconds,
            written / seconds,
            resident / 1e6,
            echo(glass, program.key),
        )
    finally:
        glass.close(program.leave)


def first_paint(chunks: list[tuple[float, bytes]]) -> float:
    """Seconds until half of the cells that stand in the end stood."""
    screen = pyte.Screen(120, 40)
    replay = Glass.replay(screen)
    counts = []
    for at, data in chunks:
        replay(data)
        counts.append((at, sum(char != " " for row in screen.display for char in row)))
    if not counts or counts[-1][1] < 50:
        raise UnableError("the program painted nothing on its terminal")
    return next(at for at, count in counts if 2 * count >= counts[-1][1])


def echo(glass: Glass, key: str, times: int = 15) -> float | None:
    """Median of the time from a key to the first byte, ms."""
    waits = []
    for _ in range(times):
        glass.read(0.25)
        size, at = glass.byte_count, time.monotonic()
        glass.press(key)
        if glass.read(2.0, lambda size=size: glass.byte_count > size):  # type: ignore[misc]
            waits.append((time.monotonic() - at) * 1_000)
    return sorted(waits)[len(waits) // 2] if waits else None


def slow_echoes(program: Program, times: int = 10) -> list[float]:
    """On the slow link: from a key to the moment when the cursor row has moved, ms."""
    glass = Glass(program.command, environ=program.environ, bytes_per_second=SLOW_LINK)
    try:
        glass.read(20.0)
        waits = []
        for _ in range(times):
            glass.read(1.3)
            before, at = cursor_row(glass), time.monotonic()
            glass.press(program.key)
            moved = glass.read(30.0, lambda before=before: cursor_row(glass) != before)  # type: ignore[misc]
            waits.append((time.monotonic() - at) * 1_000 if moved else 30_000.0)
        return waits
    finally:
        glass.close(program.leave)


def cursor_row(glass: Glass) -> int | None:
    """The row that is marked: by our bar, or by the background most rows do not have."""
    for y, row in enumerate(glass.display):
        if row.startswith(("▌", ">")):
            return y
    grounds = [glass.screen.buffer[y][2].bg for y in range(2, glass.screen.lines - 1)]
    rare = min(set(grounds), key=grounds.count)
    return grounds.index(rare) if grounds.count(rare) == 1 else None


def _ours(watched: Mapping[str, str], configuration: Path) -> list[Program]:
    """The command as it is typed, and the same on a spared link."""
    command = [str(Path(sys.executable).with_name("twinwatch"))]
    programs = []
    for name, low in ((OURS, "off"), (LOW, "on")):
        home = configuration / low
        (home / "twinwatch").mkdir(parents=True)
        (home / "twinwatch" / "settings.yaml").write_text(f"low_bandwidth: {low}\n")
        environ = {**watched, "XDG_CONFIG_HOME": str(home)}
        programs.append(Program(name, command, leave=":q\r", environ=environ))
    return programs


def _peers(report: Report) -> list[Program]:
    found = [
        Program(MINIMAL, [sys.executable, "-m", "bench.drivers.textual_minimal"]),
        Program(STOCK, [sys.executable, "-m", "bench.drivers.textual_table"]),
    ]
    down = "\x1b[B"
    candidates: list[tuple[str, Callable[[], Program]]] = [
        ("btop", lambda: Program("btop", [str(peers.tool("btop", "btop"))], down)),
        ("htop", lambda: Program("htop", [str(peers.tool("htop", "htop")), "-d", "20"], down)),
        ("Glances", lambda: Program("Glances", [*_glances(), "--time", "2"], "h")),
    ]
    for name, find in candidates:
        try:
            found.append(find())
        except UnableError as reason:
            report.skip(name, str(reason))
    return found


def _glances() -> list[str]:
    return [str(peers.command("glances", "glances"))]


def _keep(report: Report, name: str, runs: list[Seen]) -> None:
    report.figure(f"{name}: first paint", [each.first_paint_ms for each in runs], "ms")
    report.figure(f"{name}: idle cpu", [each.idle_cpu_percent for each in runs], "%")
    report.figure(f"{name}: idle output", [each.idle_bytes_per_second for each in runs], "B/s")
    report.figure(f"{name}: memory", [each.resident_mb for each in runs], "MB")
    echoes = [each.echo_ms for each in runs if each.echo_ms is not None]
    if echoes:
        report.figure(f"{name}: key echo", echoes, "ms")


def _keep_slow(report: Report, program: Program) -> None:
    # A stock table takes 30 s a key there, which three keys show as well as ten.
    waits = slow_echoes(program, 3 if program.name == STOCK else 10)
    report.figure(f"{program.name}: key echo at {SLOW_LINK} B/s", waits, "ms")


def _judge(report: Report) -> None:
    paint = report.ratio(
        "first paint / minimal Textual app", f"{OURS}: first paint", f"{MINIMAL}: first paint"
    )
    report.ratio("idle output / stock Textual", f"{OURS}: idle output", f"{STOCK}: idle output")
    for peer in ("btop", "Glances"):
        for what in ("idle output", "idle cpu", "first paint"):
            report.ratio(f"{what} / {peer}", f"{OURS}: {what}", f"{peer}: {what}")
    report.at_most("first paint / minimal Textual app", 1.5, paint)
    report.at_most("idle cpu, %", 1.0, report.median(f"{OURS}: idle cpu"))
    report.at_most("idle output, B/s", 1_000, report.median(f"{OURS}: idle output"))
    report.at_most("idle output, low, B/s", 300, report.median(f"{LOW}: idle output"))
    report.at_most("key echo p50, ms", 10, report.median(f"{OURS}: key echo"))
    report.at_most("memory, MB", 80, report.median(f"{OURS}: memory"))
    for name in (OURS, LOW):
        slow = report.figures.get(f"{name}: key echo at {SLOW_LINK} B/s")
        goal = f"slowest key echo at {SLOW_LINK} B/s, {name}, ms"
        report.at_most(goal, 500, None if slow is None else slow.max)


def _await(socket: Path, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if server.poll() is not None:
            said = server.stderr.read().decode() if server.stderr else ""
            raise UnableError(f"the played watch ended: {said.strip().splitlines()[-1:]}")
        if socket.exists():
            time.sleep(3.0)  # two cadences: the board is whole
            return
        time.sleep(0.05)
    raise UnableError("the played watch did not open its socket in 10 s")


def main() -> None:
    """See the module's first lines."""
    parser = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    parser.add_argument("--hosts", type=int, default=80)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds of rest to measure")
    parser.add_argument("--rounds", type=int, default=3)
    run(measure, parser)


if __name__ == "__main__":
    main()
