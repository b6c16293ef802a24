"""`python -m bench.cold --hosts 80 --json`: from nothing to the first complete board.

The clock starts before the process does, so the interpreter, imports and every handshake count; it
stops when the last host has answered with a first sample (ours: when that stands on the board that
a client of the watch sees). No connection is open before, and nothing is cached.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import peers
from bench.contest import add_arguments, in_turn, work_on
from bench.cost import adopt_orphans, family_cost, process_seconds
from bench.drivers import Work, drive
from bench.endpoints import Endpoints
from bench.report import Report, UnableError, run
from bench.sweep import ONCE
from collectors import sampler
from estate.document import Document
from estate.wire import apply
from watch.client import stream
from watch.error import WatchError
from watch.process import place_in

_LIMIT_SECONDS = 120.0
#: How many ssh start at a time: more made it slower here, fewer leave processors idle.
_FORKS = 16


@dataclass(frozen=True, slots=True)
class Start:
    """One cold start: seconds until complete, processor seconds until then."""

    wall: float
    cpu: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.cold", description=__doc__)
    add_arguments(parser)
    parser.add_argument("--starts", type=int, default=5, help="cold starts of each (default: 5)")
    run(measure, parser)


def measure(arguments: argparse.Namespace) -> Report:
    """Start ours and every peer `starts` times against the same sshd."""
    report = Report(
        f"From the start of a process to one answer of each of {arguments.hosts} sshd endpoints"
        " on loopback, all connections new."
    )
    adopt_orphans()
    with Endpoints(arguments.hosts) as endpoints:
        work = work_on(endpoints, ONCE, sampler=sampler.command(), warm_up=0)
        starts: dict[str, Callable[[], Start]] = {
            "twinwatch": lambda: _watch(endpoints),
            "twinwatch, collection alone": lambda: _driver(
                Path(sys.executable), "twinwatch", work, endpoints.pid
            ),
            "asyncssh": lambda: _driver(
                peers.python("asyncssh"), "asyncssh_resident", work, endpoints.pid
            ),
            "ssh": lambda: _ssh(endpoints),
        }
        often = {name: _often(start, arguments.starts) for name, start in starts.items()}
        for name, done in in_turn(report, often, arguments.without):
            report.figure(f"{name} wall", [each.wall for each in done], "s")
            report.figure(f"{name} cpu", [each.cpu for each in done], "s")
    for peer in ("asyncssh", "ssh"):
        report.ratio(f"wall, twinwatch / {peer}", "twinwatch wall", f"{peer} wall")
        report.ratio(f"cpu, twinwatch / {peer}", "twinwatch cpu", f"{peer} cpu")
    if arguments.hosts == 80:
        report.at_most("first complete board, s", 1.5, report.median("twinwatch wall"))
    report.at_most("wall of ssh", 1 / 5, report.ratios.get("wall, twinwatch / ssh"))
    return report


def _often(start: Callable[[], Start], times: int) -> Callable[[], list[Start]]:
    return lambda: [start() for _ in range(times)]


def _watch(endpoints: Endpoints) -> Start:
    """A watch with no records from before, seen through its socket as a console sees it."""
    directory = endpoints.directory / f"watch-{time.monotonic_ns()}"
    directory.mkdir(mode=0o700)
    estate = directory / "estate.yaml"
    estate.write_text(_estate(endpoints))
    estate.chmod(0o600)
    place = place_in(directory)
    with (directory / "watch.out").open("wb") as said:
        begin = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "watch", *place.arguments(), "--estate", str(estate)],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    try:
        asyncio.run(asyncio.wait_for(_complete(place.socket, process), _LIMIT_SECONDS))
        return Start(time.perf_counter() - begin, process_seconds(process.pid))
    except TimeoutError:
        raise UnableError(f"no complete board after {_LIMIT_SECONDS:g} s") from None
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _complete(socket: Path, process: subprocess.Popen[bytes]) -> None:
    """Return when the board on `socket` has a sample of every host."""
    while True:
        try:
            board: Document | None = None
            async for picture in stream(socket):
                if isinstance(picture, Document):
                    board = picture
                elif board is not None:
                    board = apply(board, picture)
                if board is not None and all(row.at is not None for row in board.hosts.values()):
                    return
        except WatchError as error:  # not there yet, or never
            if process.poll() is not None:
                raise UnableError(f"the watch ended with status {process.returncode}") from error
            await asyncio.sleep(0.01)


def _estate(endpoints: Endpoints) -> str:
    hosts = "".join(f'  "{host}": {{site: here}}\n' for host in endpoints.hosts)
    return (
        "estate: bench\n"
        "timezone: UTC\n"
        "every: 2s\n"
        f"ssh: {{config: {endpoints.ssh_config}, known_hosts: [{endpoints.known_hosts}]}}\n"
        "sites: {here: {name: Here, role: primary}}\n"
        f"hosts:\n{hosts}"
    )


def _driver(interpreter: Path, name: str, work: Work, server: int) -> Start:
    begin = time.perf_counter()
    with family_cost(without=(server,)) as cost:
        drive(interpreter, name, work, seconds=_LIMIT_SECONDS)
    return Start(time.perf_counter() - begin, cost.cpu)


def _ssh(endpoints: Endpoints) -> Start:
    hosts = endpoints.directory / "hosts"
    hosts.write_text("".join(f"{host}\n" for host in endpoints.hosts))
    ssh = [str(peers.tool("ssh", "openssh-client")), "-n", "-F", str(endpoints.ssh_config)]
    with family_cost(without=(endpoints.pid,)) as cost:
        done = subprocess.run(
            ["xargs", "-a", str(hosts), "-P", str(_FORKS), "-I{}", *ssh, "{}", ONCE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LIMIT_SECONDS,
            check=False,
        )
    if (whole := done.stdout.count("@end")) < len(endpoints.hosts):
        said = done.stderr.strip().splitlines()
        raise UnableError(f"{whole} hosts answered: {said[-1] if said else 'no word'}")
    return Start(cost.wall, cost.cpu)


if __name__ == "__main__":
    main()
