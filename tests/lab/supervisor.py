"""The one process that holds a lab: its namespaces, its mounts, its hosts.

It runs in a mount namespace of its own, and every process below it dies with it (a parent-death
signal at each step down), so whatever ends it, the kernel cleans up: networks, mounts and hosts. Only
empty cgroup directories outlive a `kill -9`, and the next start removes them.

    python -m tests.lab.supervisor STATE   (under `unshare --mount`)

prints "ready" when every host is started, listens on STATE/control (one JSON line in, one out),
and ends on SIGTERM; with --lifeline also when its standard input closes, because then whoever started
it is gone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.lab import cgroups, network
from tests.lab.credentials import Credentials
from tests.lab.image import Image, cached
from tests.lab.layout import Place, places
from tests.lab.roles.table import ROLES
from tests.lab.root import Root, Surroundings, prepare

INIT = Path(__file__).with_name("init.sh")

#: How PID 1 of a PID namespace ended, as its parent sees it: reboot(2) in a namespace.
RESTARTED, POWERED_OFF = -signal.SIGHUP, -signal.SIGINT

FIRST_PROCESS_SECONDS = 10.0

INOTIFY_LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")
INOTIFY_INSTANCES = 4096


@dataclass(slots=True)
class Host:
    """One host of the lab while it runs, or while it does not."""

    place: Place
    directory: Path  # its overlay: changes/ and work/
    cgroup: Path
    init: int = 0  # its PID 1 as this machine numbers it; 0 when it is off
    boots: int = 0
    wanted: bool = True  # False: it stays off when it ends
    ended: int | None = None  # how its last first process ended, as `Process.returncode` has it
    keeping: asyncio.Task[None] | None = None


class Supervisor:
    """Starts the hosts of `wanted`, restarts those that reboot, and ends them all."""

    def __init__(self, state: Path, wanted: dict[str, Place], image: Image, *, tun: bool) -> None:
        self._state = state
        self._image = image
        self._tun = tun
        self._surroundings = Surroundings(wanted, Credentials(state / "keys"))
        self._top = cgroups.directory(os.getpid())
        self._hosts = {
            name: Host(place, state / "hosts" / name, self._top / name)
            for name, place in wanted.items()
        }
        self._cable: subprocess.Popen[str] | None = None

    async def up(self) -> None:
        cgroups.remove_left_over()
        _allow_inotify()
        self._mount()
        self._surroundings.credentials.make(self._surroundings.places)
        wanted = [host.place for host in self._hosts.values()]
        self._cable = network.up(self._state / "cable", wanted, tun=self._tun)
        for host in self._hosts.values():
            self._make(host)
        for host in self._hosts.values():
            await self.start(host)

    async def down(self) -> None:
        """Everything at once: no host is asked to shut down."""
        keeping = [host.keeping for host in self._hosts.values() if host.keeping]
        for host in self._hosts.values():
            host.wanted = False
        cgroups.kill(self._top)
        if keeping:
            await asyncio.wait(keeping, timeout=10)
        if self._cable is not None:
            self._cable.kill()
            self._cable.wait()
        cgroups.remove(self._top)

    async def start(self, host: Host) -> None:
        """Power it on. Returns when its first process exists, not when it answers."""
        if host.init:
            return
        host.wanted = True
        started = asyncio.get_running_loop().create_future()
        host.keeping = asyncio.create_task(self._keep(host, started), name=host.place.name)
        await started

    async def stop(self, host: Host) -> None:
        """Pull its plug."""
        host.wanted = False
        cgroups.kill(host.cgroup)
        if host.keeping is not None:
            await asyncio.wait([host.keeping], timeout=10)

    async def reset(self, host: Host) -> None:
        """As it was before its first boot, and started."""
        await self.stop(host)
        shutil.rmtree(host.directory)
        self._make(host)
        await self.start(host)

    async def restart(self, host: Host) -> None:
        """Pull its plug and put it back."""
        await self.stop(host)
        await self.start(host)

    def status(self) -> dict[str, object]:
        hosts = {
            n: {"init": h.init, "boots": h.boots, "ended": h.ended} for n, h in self._hosts.items()
        }
        return {"pid": os.getpid(), "cgroup": str(self._top), "hosts": hosts}

    async def obey(self, request: dict[str, str]) -> dict[str, object]:
        """One request: {"act": …, "host": …}, or {"act": "ip", "lines": …}; the answer's "error"
        says what was wrong with it."""
        acts: dict[str, Callable[[Host], object]] = {
            "start": self.start, "stop": self.stop, "reset": self.reset, "restart": self.restart,
        }  # fmt: skip
        act = request.get("act", "")
        if act == "status":
            return self.status()
        if act == "ip":
            await asyncio.to_thread(network.ip, *request["lines"].splitlines())
            return {}
        host = self._hosts.get(request.get("host", ""))
        if act not in acts or host is None:
            return {"error": f"no such act or host: {request}"}
        outcome = acts[act](host)
        assert asyncio.iscoroutine(outcome)
        await outcome
        return self.status()

    def _mount(self) -> None:
        """One tmpfs for all that hosts change, and names of networks that only we see."""
        network.NAMESPACES.mkdir(parents=True, exist_ok=True)
        for directory in ("hosts", "roots"):
            (self._state / directory).mkdir(exist_ok=True)
        _run("mount", "-t", "tmpfs", "-o", "size=6g,mode=755", "lab", str(self._state / "hosts"))
        _run("mount", "-t", "tmpfs", "-o", "mode=755", "lab-networks", str(network.NAMESPACES))

    def _make(self, host: Host) -> None:
        """Its files as they are before its first boot."""
        changes = host.directory / "changes"
        changes.mkdir(parents=True)
        (host.directory / "work").mkdir()
        (self._state / "roots" / host.place.name).mkdir(exist_ok=True)
        root = Root(changes, tuple(self._layers(host.place)))
        prepare(root, host.place, self._surroundings)
        for role in host.place.roles:
            ROLES[role].prepare(root, host.place, self._surroundings)

    def _layers(self, place: Place) -> list[Path]:
        if place.image == "small":
            return [self._image.small]
        return [self._image.exim, self._image.base] if place.image == "exim" else [self._image.base]

    async def _keep(self, host: Host, started: asyncio.Future[None]) -> None:
        """Boot it, and boot it again for as long as it asks to be restarted."""
        try:
            host.ended = await self._boot(host, started)
            while host.ended == RESTARTED and host.wanted:
                host.ended = await self._boot(host, started)
        except (OSError, RuntimeError) as error:
            if started.done():
                raise
            started.set_exception(error)

    async def _boot(self, host: Host, started: asyncio.Future[None]) -> int:
        """One life of a host; how its first process ended."""
        host.cgroup.mkdir(parents=True, exist_ok=True)
        with (self._state / "hosts" / f"{host.place.name}.console").open("ab") as console:
            process = await asyncio.create_subprocess_exec(
                *self._boot_command(host),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
            )
        host.init = await _first_process(process)
        host.boots += 1
        if not started.done():
            started.set_result(None)
        try:
            return await process.wait()
        finally:
            host.init = 0

    def _boot_command(self, host: Host) -> list[str]:
        place = host.place
        # Both clocks begin with the host: systemd stamps units with the one, uptime is the other.
        uptime, running = (
            int(time.clock_gettime(each)) for each in (time.CLOCK_BOOTTIME, time.CLOCK_MONOTONIC)
        )
        init = "/sbin/init" if place.image == "small" else "/lib/systemd/systemd"
        arguments = [] if place.image == "small" else ["--log-target=journal", "--show-status=0"]
        return [
            # Joined by itself, before there is anything to move.
            "sh", "-c", 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"', "join", str(host.cgroup),
            "setpriv", "--pdeathsig", "KILL",
            "nsenter", f"--net={network.NAMESPACES / place.name}",
            "unshare", "--mount", "--uts", "--ipc", "--pid", "--cgroup", "--time", "--fork",
            "--kill-child", f"--boottime=-{uptime}", f"--monotonic=-{running}",
            "sh", str(INIT), place.name, str(self._state / "roots" / place.name),
            ":".join(map(str, self._layers(place))), str(host.directory), init, *arguments,
        ]  # fmt: skip


async def _first_process(process: asyncio.subprocess.Process) -> int:
    """The number of the host's PID 1: the only child of the `unshare` that waits for it."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + FIRST_PROCESS_SECONDS
    while time.monotonic() < deadline and process.returncode is None:
        with contextlib.suppress(OSError):
            if numbers := children.read_text().split():
                return int(numbers[0])
        await asyncio.sleep(0.005)
    raise RuntimeError("a host's first process did not start; its console file says why")


async def _serve(supervisor: Supervisor, state: Path, *, lifeline: bool) -> None:
    """Requests until SIGTERM; with a lifeline, also until standard input closes."""
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, ending.set)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            reply = await supervisor.obey(json.loads(await reader.readline()))
        except (ValueError, KeyError, RuntimeError, network.NetworkError, OSError) as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        writer.write(json.dumps(reply).encode() + b"\n")
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    if lifeline:
        loop.add_reader(0, _notice_end, ending)
    try:
        await supervisor.up()
        server = await asyncio.start_unix_server(answer, state / "control")
        async with server:
            print("ready", flush=True)
            await ending.wait()
    finally:
        await supervisor.down()


def _allow_inotify() -> None:
    """Let many inits watch files at once: each systemd takes about six of the machine's inotify
    instances, and where there are only 128, the fifteenth does not start. The limit stays raised;
    there is none for a namespace."""
    limit = int(INOTIFY_LIMIT.read_text())
    if limit < INOTIFY_INSTANCES:
        INOTIFY_LIMIT.write_text(str(INOTIFY_INSTANCES))


def _notice_end(ending: asyncio.Event) -> None:
    if not os.read(0, 64):  # nobody holds the other end any more
        asyncio.get_running_loop().remove_reader(0)
        ending.set()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=30)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="supervisor")
    parser.add_argument("state", type=Path)
    parser.add_argument("--hosts", default="", help="only these, separated by commas")
    parser.add_argument("--scale", type=int, default=None, help="plain hosts beside them, a site")
    parser.add_argument("--no-tun", action="store_true", help="cables that can only be pulled")
    parser.add_argument("--lifeline", action="store_true", help="end with standard input")
    options = parser.parse_args(arguments)
    wanted = places(options.scale)
    if options.hosts:
        wanted = {name: wanted[name] for name in options.hosts.split(",")}
    supervisor = Supervisor(options.state, wanted, cached(), tun=not options.no_tun)
    asyncio.run(_serve(supervisor, options.state, lifeline=options.lifeline))


if __name__ == "__main__":
    main(sys.argv[1:])
