"""`python -m bench.runs --hosts 80 --json`: a step that does nothing, on all hosts, and rolling.

Ours is a run as the watch carries it: intent, start, output, result and verdict of each host on
record, on the disk, before the next; started at most once on the host, whatever is cut meanwhile.
Peers run the same command, and promise nothing of the kind. All servers are on this machine, so
wall time is mostly theirs, and shared; the client's processor time is what each tool adds. Two
floors say how much: two shells a host that do nothing, and the two calls of a step with nothing on
record. What is above the second is the engine's and its journal's.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import peers
from bench.contest import add_arguments, in_turn, work_on
from bench.cost import adopt_orphans, family_cost
from bench.drivers import Result, Work, drive
from bench.endpoints import Endpoints
from bench.multiplexed import (
    PLAYED,
    ansible_play,
    ansible_raw,
    ansible_shell,
    multiplexed,
    pyinfra_exec,
    xargs_ssh,
)
from bench.report import Report, run
from runbooks.host.attempt import Attempt
from runbooks.host.protocol import HostAgent, Request

ONCE = "true; echo @end"
#: So many hosts at once, where hosts are rolled.
BATCH = 10
FLOORS = {"floor, two shells": "shells", "floor, put and go": "agent"}
PEERS = ("ssh mux", "ansible raw", "ansible shell", "pyinfra", "fabric")
ROLLING_PEERS = ("ansible rolling", "fabric rolling")
STEPS_ON_THE_HOST = 10
_DRIVER_SECONDS = 600.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.runs", description=__doc__)
    add_arguments(parser)
    parser.add_argument("--runs", type=int, default=5, help="measured runs (default: 5)")
    run(measure, parser)


def measure(arguments: argparse.Namespace) -> Report:
    """A step on all hosts, with ours and every peer, one after the other; then on this host."""
    hosts = arguments.hosts
    report = Report(
        f"One step that does nothing, on {hosts} sshd sessions on loopback: on all at once, and"
        f" rolling, {BATCH} hosts at a time."
    )
    adopt_orphans()
    _on_the_host(report)  # first: whatever servers and masters leave to us would be counted
    with Endpoints(hosts) as endpoints:
        work = work_on(endpoints, ONCE, warm_up=1, sweeps=arguments.runs)
        rolling = replace(work, batch=min(BATCH, hosts))
        clients: dict[str, Callable[[], Result]] = {
            "twinwatch": lambda: _ours(report, "twinwatch", work),
            **{name: partial(_floor, work, what) for name, what in FLOORS.items()},
            "ssh mux": lambda: multiplexed(endpoints, xargs_ssh(endpoints, work), work),
            "ansible raw": lambda: multiplexed(endpoints, ansible_raw(endpoints, work), work),
            "ansible shell": lambda: multiplexed(endpoints, ansible_shell(endpoints, work), work),
            "pyinfra": lambda: multiplexed(endpoints, pyinfra_exec(endpoints, work), work),
            "fabric": lambda: _fabric(work),
            "twinwatch rolling": lambda: _ours(report, "twinwatch rolling", rolling),
            "ansible rolling": lambda: multiplexed(
                endpoints, ansible_play(endpoints, rolling), rolling, answer=PLAYED
            ),
            "fabric rolling": lambda: _fabric(rolling),
        }
        for name, result in in_turn(report, clients, arguments.without):
            report.figure(f"{name} cpu", result.cpu, "s")
            report.figure(f"{name} wall", result.wall, "s")
    _compare(report, hosts)
    return report


def _ours(report: Report, name: str, work: Work) -> Result:
    # Not on a tmpfs: what is on record is on a disk.
    build = peers.ROOT / "build"
    build.mkdir(exist_ok=True)  # a fresh clone has none
    with TemporaryDirectory(prefix="bench-runs-", dir=build) as scratch:
        ours = Path(sys.executable)
        result = drive(ours, "twinwatch_runs", work, scratch, seconds=_DRIVER_SECONDS)
        verdicts = json.loads((Path(scratch) / "verdicts").read_text())
    report.figure(f"{name}, go to verdict", verdicts, "s")
    return result


def _floor(work: Work, what: str) -> Result:
    ours = Path(sys.executable)
    return drive(ours, "twinwatch_calls", work, what, seconds=_DRIVER_SECONDS)


def _fabric(work: Work) -> Result:
    return drive(peers.python("fabric"), "fabric_groups", work, seconds=_DRIVER_SECONDS)


def _on_the_host(report: Report) -> None:
    """What the agent costs a host a step, beside a shell that is started for each call and ends."""
    with TemporaryDirectory(prefix="bench-host-") as home:
        agent, payload = HostAgent(), b"true"
        sha256 = hashlib.sha256(payload).hexdigest()
        steps, bare = [], []
        for number in range(STEPS_ON_THE_HOST):
            attempt = Attempt("r-bench", "nothing", "here", number)
            calls = (
                agent.put(attempt, payload),
                agent.go(attempt, sha256, timeout_seconds=60, actor="bench"),
                agent.poll(attempt, 0),
                agent.gc(attempt),
            )
            with family_cost() as cost:
                for call in calls:
                    _call(call, home)
            steps.append(1000 * cost.cpu)
            with family_cost() as cost:
                for _ in calls:
                    subprocess.run(["sh", "-c", ":"], check=True)
            bare.append(1000 * cost.cpu)
            sent = sum(len(each.command) + len(each.stdin) for each in calls)
    report.figure("on the host, a step", steps, "ms of cpu")
    report.figure("on the host, four shells that do nothing", bare, "ms of cpu")
    report.figure("sent to the host, a step", [sent], "bytes")


def _call(request: Request, home: str) -> None:
    subprocess.run(
        ["sh", "-c", request.command],
        input=request.stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "HOME": home},
        check=True,
    )
    with suppress(ChildProcessError):  # what went on without us has ended, or will be counted next
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _compare(report: Report, hosts: int) -> None:
    for ours, those in (("twinwatch", (*FLOORS, *PEERS)), ("twinwatch rolling", ROLLING_PEERS)):
        for peer in those:
            report.ratio(f"cpu, {ours} / {peer}", f"{ours} cpu", f"{peer} cpu")
            report.ratio(f"wall, {ours} / {peer}", f"{ours} wall", f"{peer} wall")
    ratios = report.ratios
    report.at_most("cpu of ansible shell", 1 / 10, ratios.get("cpu, twinwatch / ansible shell"))
    report.at_most("cpu of ansible raw", 1 / 10, ratios.get("cpu, twinwatch / ansible raw"))
    rolled = ratios.get("cpu, twinwatch rolling / ansible rolling")
    report.at_most("cpu of ansible, rolling", 1 / 10, rolled)
    report.at_most(f"wall of {hosts} hosts, s", 1.0, report.median("twinwatch wall"))


if __name__ == "__main__":
    main()
