"""`python -m bench.runs --hosts 80 --json`: a step that does nothing, on all hosts.

Ours is a run as the watch carries it: intent, start, output, result and verdict of each host on
record, on the disk, before the next; started at most once on the host, whatever is cut meanwhile.
Peers run the same command, and promise nothing of the kind. All servers are on this machine, so
wall time is mostly theirs, and shared; the client's processor time is what each tool adds.
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
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import peers
from bench.cost import adopt_orphans, family_cost
from bench.drivers import Result, Work, drive
from bench.endpoints import Endpoints
from bench.multiplexed import ansible_raw, ansible_shell, multiplexed, pyinfra_exec, xargs_ssh
from bench.report import Report, UnableError, run
from bench.sweep import endpoint_count
from runbooks.host.attempt import Attempt
from runbooks.host.protocol import HostAgent, Request

ONCE = "true; echo @end"
PEERS = ("ssh mux", "ansible raw", "ansible shell", "pyinfra")
STEPS_ON_THE_HOST = 10
_DRIVER_SECONDS = 600.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.runs", description=__doc__)
    parser.add_argument("--hosts", type=endpoint_count, default=80, help="endpoints (default: 80)")
    parser.add_argument("--runs", type=int, default=5, help="measured runs (default: 5)")
    parser.add_argument("--without", action="append", default=[], help="leave this peer out")
    run(measure, parser)


def measure(arguments: argparse.Namespace) -> Report:
    """A step on all hosts, with ours and every peer, one after the other; then on this host."""
    hosts = arguments.hosts
    report = Report(
        f"One step that does nothing, on {hosts} sshd sessions on loopback, all at once."
    )
    adopt_orphans()
    _on_the_host(report)  # first: whatever servers and masters leave to us would be counted
    with Endpoints(hosts) as endpoints:
        work = Work(
            hosts=list(endpoints.hosts),
            port=endpoints.port,
            user=endpoints.user,
            key=str(endpoints.key),
            known_hosts=str(endpoints.known_hosts),
            ssh_config=str(endpoints.ssh_config),
            once=ONCE,
            sampler="",
            warm_up=1,
            sweeps=arguments.runs,
        )
        _ours(report, work)
        clients: dict[str, Callable[[], list[str]]] = {
            "ssh mux": lambda: xargs_ssh(endpoints, work),
            "ansible raw": lambda: ansible_raw(endpoints, work),
            "ansible shell": lambda: ansible_shell(endpoints, work),
            "pyinfra": lambda: pyinfra_exec(endpoints, work),
        }
        for name, command in clients.items():
            if name in arguments.without:
                report.skip(name, "left out on request")
                continue
            try:
                _record(report, name, multiplexed(endpoints, command(), work))
            except UnableError as reason:
                report.skip(name, str(reason))
    _compare(report, hosts)
    return report


def _ours(report: Report, work: Work) -> None:
    # Not on a tmpfs: what is on record is on a disk.
    build = peers.ROOT / "build"
    build.mkdir(exist_ok=True)  # a fresh clone has none
    with TemporaryDirectory(prefix="bench-runs-", dir=build) as scratch:
        try:
            result = drive(
                Path(sys.executable), "twinwatch_runs", work, scratch, seconds=_DRIVER_SECONDS
            )
        except RuntimeError as reason:
            raise UnableError(f"twinwatch itself: {reason}") from reason
        _record(report, "twinwatch", result)
        verdicts = json.loads((Path(scratch) / "verdicts").read_text())
    report.figure("twinwatch, go to verdict", verdicts, "s")


def _record(report: Report, name: str, result: Result) -> None:
    report.figure(f"{name} cpu", result.cpu, "s")
    report.figure(f"{name} wall", result.wall, "s")


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
    for peer in PEERS:
        report.ratio(f"cpu, twinwatch / {peer}", "twinwatch cpu", f"{peer} cpu")
        report.ratio(f"wall, twinwatch / {peer}", "twinwatch wall", f"{peer} wall")
    report.at_most(
        "cpu of ansible shell", 1 / 10, report.ratios.get("cpu, twinwatch / ansible shell")
    )
    report.at_most("cpu of ansible raw", 1 / 10, report.ratios.get("cpu, twinwatch / ansible raw"))
    report.at_most(f"wall of {hosts} hosts, s", 1.0, report.median("twinwatch wall"))


if __name__ == "__main__":
    main()
