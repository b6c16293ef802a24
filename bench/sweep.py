"""`python -m bench.sweep --hosts 80 --json`: what one warm sweep of an estate costs its client.

Every host is a real sshd session on loopback. Peers read the same facts (load, uptime, processor,
memory, file systems, network, disks, processes) in the way each is usually driven; only the
client's processor time counts, its helper processes included. asyncssh and the plain TCP floor
work as we do, with our sampler and our decoding; the others get raw text and need not decode it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bench import peers
from bench.contest import add_arguments, in_turn, work_on
from bench.cost import adopt_orphans
from bench.drivers import Result, Work, drive
from bench.endpoints import Endpoints
from bench.multiplexed import ansible_raw, clush, multiplexed, xargs_ssh
from bench.report import Report, run
from collectors import sampler

#: What the peers run: the sources that our sampler reads too.
ONCE = (
    "cat /proc/loadavg /proc/uptime; head -n 1 /proc/stat; cat /proc/meminfo; "
    "df -P -k -l 2>/dev/null; cat /proc/net/dev /proc/diskstats; "
    "set -- /proc/[0-9]*; echo $#; echo @end"
)
PEERS = (
    "plain tcp",
    "plain tcp, not decoded",
    "asyncssh",
    "parallel-ssh",
    "ssh mux",
    "clush mux",
    "ansible raw",
)
_DRIVER_SECONDS = 600.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.sweep", description=__doc__)
    add_arguments(parser)
    parser.add_argument("--sweeps", type=int, default=20, help="measured sweeps (default: 20)")
    parser.add_argument("--idle", type=float, default=10.0, help="seconds of idling (default: 10)")
    run(measure, parser)


def measure(arguments: argparse.Namespace) -> Report:
    """Sweep with ours and every peer, one after the other, against the same sshd."""
    hosts = arguments.hosts
    report = Report(
        f"One warm sweep of {hosts} sshd sessions on loopback: load, uptime, processor, memory, "
        "file systems, network, disks, processes."
    )
    adopt_orphans()
    with Endpoints(hosts) as endpoints:
        work = work_on(
            endpoints,
            ONCE,
            sampler=sampler.command(),
            sweeps=arguments.sweeps,
            idle_seconds=arguments.idle,
        )
        clients: dict[str, Callable[[], Result]] = {
            "twinwatch": lambda: _driver(Path(sys.executable), "twinwatch", work),
            "plain tcp": lambda: _driver(Path(sys.executable), "plain_tcp", work),
            "plain tcp, not decoded": lambda: _driver(
                Path(sys.executable), "plain_tcp", work, "--bytes"
            ),
            "asyncssh": lambda: _driver(peers.python("asyncssh"), "asyncssh_resident", work),
            "parallel-ssh": lambda: _driver(peers.python("parallel-ssh"), "parallel_ssh", work),
            "ssh mux": lambda: multiplexed(endpoints, xargs_ssh(endpoints, work), work),
            "clush mux": lambda: multiplexed(endpoints, clush(endpoints, work), work),
            "ansible raw": lambda: multiplexed(endpoints, ansible_raw(endpoints, work), work),
        }
        for name, result in in_turn(report, clients, arguments.without):
            _record(report, name, result)
    _compare(report)
    return report


def _driver(interpreter: Path, name: str, work: Work, *options: str) -> Result:
    return drive(interpreter, name, work, *options, seconds=_DRIVER_SECONDS)


def _record(report: Report, name: str, result: Result) -> None:
    report.figure(f"{name} cpu", result.cpu, "s")
    report.figure(f"{name} wall", result.wall, "s")
    if result.connect_wall:
        report.figure(f"{name} connect wall", [result.connect_wall], "s")
        report.figure(f"{name} connect cpu", [result.connect_cpu], "s")
    if result.idle is not None:
        report.figure(f"{name} idle", [100 * result.idle], "% of a core")


def _compare(report: Report) -> None:
    for peer in PEERS:
        report.ratio(f"cpu, twinwatch / {peer}", "twinwatch cpu", f"{peer} cpu")
        report.ratio(f"wall, twinwatch / {peer}", "twinwatch wall", f"{peer} wall")
    ratios = report.ratios
    report.at_most("cpu of parallel-ssh", 1 / 5, ratios.get("cpu, twinwatch / parallel-ssh"))
    report.at_most("cpu of ssh mux", 1 / 40, ratios.get("cpu, twinwatch / ssh mux"))
    report.at_most("wall of ssh mux", 1 / 25, ratios.get("wall, twinwatch / ssh mux"))
    report.at_most("cpu of plain tcp (further goal)", 2, ratios.get("cpu, twinwatch / plain tcp"))
    report.at_most("idle, % of a core", 0.05, report.median("twinwatch idle"))


if __name__ == "__main__":
    main()
