"""What a tick costs the host that is watched: `python -m bench.host [--ticks N] [--json]`.

The sampler runs under every awk and shell there is here, as a console would pace it: one line,
one answer, df every twelfth. What it takes to start is measured apart and left out of the tick.
Beside it, in the same run, what others do for the same readings: a scrape of node_exporter, a
Python that asks psutil, and the module behind `ansible -m setup`. Processor time is that of all
processes involved on the host; SSH, which carries most of them alike, is not in it.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from select import select
from urllib.request import urlopen

from bench import peers
from bench.cost import family, process_seconds
from bench.report import Report, UnableError, run
from collectors.programs import program
from collectors.sampler import QUIT, TICK, arguments

LOOK_EVERY = 12  # ticks; as sampler.awk and sampler.sh have it
START_SECONDS = 20
ANSWER_SECONDS = 20
#: Processor seconds and bytes of one asking.
Work = Callable[[], tuple[float, float]]

#: name, shell, awk ("" for none)
SAMPLERS = (
    ("twinwatch, mawk", ("sh",), "mawk"),
    ("twinwatch, gawk", ("sh",), "gawk"),
    ("twinwatch, busybox awk", ("sh",), "busybox"),
    ("twinwatch, dash alone", ("dash",), ""),
    ("twinwatch, busybox ash alone", ("busybox", "ash"), ""),
    ("twinwatch, bash alone", ("bash",), ""),
)

PSUTIL = """
import json, psutil
print(json.dumps([
    psutil.cpu_times()._asdict(), psutil.getloadavg(), psutil.virtual_memory()._asdict(),
    psutil.swap_memory()._asdict(), psutil.boot_time(), len(psutil.pids()),
    {name: each._asdict() for name, each in psutil.net_io_counters(pernic=True).items()},
    {name: each._asdict() for name, each in psutil.disk_io_counters(perdisk=True).items()},
    {each.mountpoint: psutil.disk_usage(each.mountpoint)._asdict()
     for each in psutil.disk_partitions()},
]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.host", description=__doc__)
    parser.add_argument("--ticks", type=int, default=240, help="ticks a run (240)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (5)")
    run(measure, parser)


def measure(arguments: argparse.Namespace) -> Report:
    """All samplers and all peers, run by run in turn, so that a busy moment strikes them alike."""
    ticks, runs = arguments.ticks, arguments.runs
    if ticks < LOOK_EVERY or runs < 1:
        raise UnableError(f"a run has at least {LOOK_EVERY} ticks, and there is at least one run")
    times = max(3, ticks // 24)
    report = Report(f"{runs} runs of {ticks} ticks of one host; peers asked {times} times a run")
    with tempfile.TemporaryDirectory(prefix="twinwatch-bench-") as scratch:
        exporter = Exporter()
        works = _samplers(report, Path(scratch), ticks)
        works |= _peers(report, Path(scratch), times, exporter)
        milliseconds: dict[str, list[float]] = {name: [] for name in works}
        sizes: dict[str, list[float]] = {name: [] for name in works}
        try:
            for _ in range(runs):
                for name, work in works.items():
                    seconds, size = work()
                    milliseconds[name].append(1000 * seconds)
                    sizes[name].append(size)
        finally:
            exporter.stop()
    for name in works:
        report.figure(f"{name}: cpu", milliseconds[name], "ms")
        report.figure(f"{name}: output", sizes[name], "bytes")
    _judge(report)
    return report


def _judge(report: Report) -> None:
    ours = next((name for name, _, _ in SAMPLERS if report.median(f"{name}: cpu") is not None), "")
    for peer in ("node_exporter scrape", "psutil", "ansible setup"):
        report.ratio(f"cpu, {ours} / {peer}", f"{ours}: cpu", f"{peer}: cpu")
        report.ratio(f"output, {ours} / {peer}", f"{ours}: output", f"{peer}: output")
    report.at_most("cpu of a tick, ms", 0.3, report.median(f"{ours}: cpu"))
    report.at_most("bytes of a tick", 400, report.median(f"{ours}: output"))
    scrape = report.ratios.get(f"cpu, {ours} / node_exporter scrape")
    report.at_most("cpu beside a scrape of node_exporter", 1 / 20, scrape)


# --- ours -----------------------------------------------------------------------------------


def _samplers(report: Report, scratch: Path, ticks: int) -> dict[str, Work]:
    works: dict[str, Work] = {}
    for name, shell, awk in SAMPLERS:
        missing = [each for each in (shell[0], awk) if each and shutil.which(each) is None]
        if missing:
            report.skip(name, f"no {missing[0]} here")
            continue
        root = _root(scratch / name.replace(" ", "-"), awk)
        works[name] = partial(_tick_cost, shell, awk, root, ticks)
    return works


def _root(root: Path, awk: str) -> Path:
    """A prefix whose /proc is this machine's, and whose only awk is `awk`."""
    (root / "bin").mkdir(parents=True)
    (root / "proc").symlink_to("/proc")
    if awk and awk != "mawk":
        (root / "bin" / "mawk").write_text("#!/bin/sh\n")  # an awk that is none, so passed over
        (root / "bin" / "mawk").chmod(0o755)
    if awk:
        (root / "bin" / "awk").symlink_to(str(shutil.which(awk)))
    return root


def _tick_cost(shell: tuple[str, ...], awk: str, root: Path, ticks: int) -> tuple[float, float]:
    """Processor seconds and bytes of one tick, looks at file systems included."""
    idle, _ = _session(shell, awk, root, 0)
    spent, size = _session(shell, awk, root, ticks)
    return (spent - idle) / ticks, size / ticks


def _session(shell: tuple[str, ...], awk: str, root: Path, ticks: int) -> tuple[float, int]:
    """Processor seconds of a whole session, and the bytes of its answers to `ticks`."""
    before = _ended_seconds()
    session = Session([*shell, "-c", program("sampler.sh"), "bench", *arguments(bool(awk))], root)
    session.read({"", "twinwatch", "f"})  # with the look that begins the session
    size = 0
    for tick in range(ticks):
        looks = tick > 0 and tick % LOOK_EVERY == 0
        if looks:
            session.wait_for_look(resident=1 if awk else 0)  # else the next one is passed over
        session.write(TICK)
        size += session.read({"t", "f"} if looks else {"t"})
    session.end()
    return _ended_seconds() - before, size


class Session:
    """One sampler, and its lines as they come."""

    def __init__(self, command: list[str], root: Path) -> None:
        environment = {**os.environ, "TWINWATCH_ROOT": str(root)}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env=environment
        )
        self._rest = b""

    def write(self, line: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line)

    def read(self, kinds: set[str]) -> int:
        """Reads until there was a line of each of `kinds`; the bytes of all lines read."""
        assert self._process.stdout is not None
        size = 0
        while kinds:
            line, end, rest = self._rest.partition(b"\n")
            if end:
                self._rest = rest
                size += len(line) + 1
                kinds = kinds - {line.decode().partition("|")[0]}
                continue
            if not select([self._process.stdout], [], [], ANSWER_SECONDS)[0]:
                self._process.kill()
                raise UnableError(f"no answer of kind {kinds} in {ANSWER_SECONDS} s")
            more = self._process.stdout.read(65_536)
            if not more:
                raise UnableError("the sampler ended in the middle")
            self._rest += more
        return size

    def wait_for_look(self, resident: int) -> None:
        """Waits until no more than `resident` processes live below the sampler."""
        until = time.monotonic() + ANSWER_SECONDS
        while sum(_alive(pid) for pid in family(self._process.pid, ())) > resident:
            if time.monotonic() > until:
                raise UnableError(f"df has not ended for {ANSWER_SECONDS} s")
            time.sleep(0.002)

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.write(QUIT)
        self._process.stdin.close()
        self._process.stdout.read()
        self._process.stdout.close()
        self._process.wait()


def _alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _ended_seconds() -> float:
    """Processor seconds of our children that ended, and of theirs."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


# --- peers ----------------------------------------------------------------------------------


def _peers(report: Report, scratch: Path, times: int, exporter: Exporter) -> dict[str, Work]:
    works: dict[str, Work] = {}
    try:
        exporter.start()
        works["node_exporter scrape"] = partial(exporter.cost, times)
    except UnableError as reason:
        report.skip("node_exporter scrape", str(reason))
    try:
        works["psutil"] = partial(_command_cost, [str(peers.python("psutil")), "-c", PSUTIL], times)
    except UnableError as reason:
        report.skip("psutil", str(reason))
    try:
        (scratch / "setup.json").write_text('{"ANSIBLE_MODULE_ARGS": {}}')
        python = str(peers.python("ansible-core"))
        setup = [python, "-m", "ansible.modules.setup", str(scratch / "setup.json")]
        works["ansible setup"] = partial(_command_cost, setup, times)
    except UnableError as reason:
        report.skip("ansible setup", str(reason))
    return works


def _command_cost(command: list[str], times: int) -> tuple[float, float]:
    """Processor seconds and bytes of one run of `command`."""
    before, size = _ended_seconds(), 0
    for _ in range(times):
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise UnableError(f"{command[0]}: {said[-1] if said else f'status {done.returncode}'}")
        size += len(done.stdout)
    return (_ended_seconds() - before) / times, size / times


class Exporter:
    """A node_exporter of our own on a free port of loopback."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._url = ""

    def start(self) -> None:
        """Start it and wait for its first answer. UnableError where there is none."""
        path = peers.tool("prometheus-node-exporter", "prometheus-node-exporter")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self._url = f"http://127.0.0.1:{port}/metrics"
        self._process = subprocess.Popen(
            [str(path), f"--web.listen-address=127.0.0.1:{port}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                self._scrape()
            except OSError:
                time.sleep(0.1)
            else:
                return
        self.stop()
        raise UnableError(f"node_exporter does not answer on port {port}")

    def stop(self) -> None:
        """End it; it is fine if it never started."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def cost(self, times: int) -> tuple[float, float]:
        """Processor seconds and bytes of one scrape."""
        assert self._process is not None
        before = process_seconds(self._process.pid)
        size = sum(self._scrape() for _ in range(times))
        return (process_seconds(self._process.pid) - before) / times, size / times

    def _scrape(self) -> int:
        with urlopen(self._url, timeout=5) as answer:
            return len(answer.read())


if __name__ == "__main__":
    main()
