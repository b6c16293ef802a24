"""The lab as tests and people use it.

    with Lab.up(directory) as lab:
        lab.wait()
        lab.host("pri-db1").run("systemctl is-active postgresql@15-main")
        lab.cut("pri")

Everything here looks from outside, with root's eyes: `run` enters a host's namespaces and never
goes through its sshd, so a host that is frozen, cut off or locked up can still be looked into.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.lab import cgroups, network
from tests.lab.cable import enter_network
from tests.lab.credentials import Credentials
from tests.lab.image import cached
from tests.lab.layout import DB_SERVICE, SITES, Place, places
from tests.lab.roles.table import ROLES

UP_SECONDS = 120.0
DOWN_SECONDS = 20.0
RUN_SECONDS = 60.0

#: What a shell in a host starts with: nothing of ours.
ENVIRONMENT = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root", "LC_ALL=C.UTF-8", "TERM=xterm",
)  # fmt: skip


class LabError(Exception):
    """The lab could not do what was asked; says why."""


class Cut(StrEnum):
    """Two ways to lose a site: packets vanish, or the first router says that there is no way."""

    VANISH = "vanish"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command in a host said."""

    status: int
    out: str
    err: str


class LabHost:
    """One host, from outside."""

    def __init__(self, lab: Lab, place: Place) -> None:
        self._lab = lab
        self.place = place

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def address(self) -> str:
        return self.place.address

    @property
    def pid(self) -> int:
        """Its PID 1 as this machine numbers it. Raises LabError when it is off."""
        init = self._lab.inits()[self.name]
        if not init:
            raise LabError(f"{self.name} is off")
        return init

    def run(
        self, command: str, *, check: bool = True, stdin: str = "", seconds: float = RUN_SECONDS
    ) -> str:
        """What the shell command writes in the host, without its last newline.

        Raises LabError with all that it said when it fails, unless `check` is off.
        """
        answer = self.ask(command, stdin=stdin, seconds=seconds)
        if check and answer.status:
            said = (answer.err or answer.out).strip()[-2000:]
            raise LabError(f"{self.name}: {command!r} ended with {answer.status}: {said}")
        return answer.out.removesuffix("\n")

    def ask(self, command: str, *, stdin: str = "", seconds: float = RUN_SECONDS) -> Answer:
        """As `run`, and the status and the complaints too."""
        done = subprocess.run(
            [*self.inside(), "/bin/sh", "-c", command],
            input=stdin, capture_output=True, text=True, errors="replace",
            timeout=seconds, check=False,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr)

    def inside(self) -> list[str]:
        """The words before a command that is to run in the host, as its root."""
        return ["nsenter", "-t", str(self.pid), "-a", "--", "env", "-i", *ENVIRONMENT]

    def write(self, path: str, text: str, *, mode: str = "644") -> None:
        self.run(
            f"mkdir -p \"$(dirname '{path}')\" && cat >'{path}' && chmod {mode} '{path}'",
            stdin=text,
        )

    def read(self, path: str) -> str:
        return self.ask(f"cat '{path}'").out

    def boot_id(self) -> str:
        return self.run("cat /proc/sys/kernel/random/boot_id")

    def console(self) -> str:
        """What it wrote to its console while it booted."""
        path = self._lab.own_files() / "hosts" / f"{self.name}.console"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> None:
        """Power on."""
        self._lab.ask(act="start", host=self.name)

    def stop(self) -> None:
        """Power off, as if its plug were pulled."""
        self._lab.ask(act="stop", host=self.name)

    def restart(self) -> None:
        """Pull its plug and put it back; not a clean reboot: that is `run("systemctl reboot")`."""
        self._lab.ask(act="restart", host=self.name)

    def reset(self) -> None:
        """As it was before its first boot; comes back when its roles serve again."""
        self._lab.heal_host(self.name)
        self._lab.ask(act="reset", host=self.name)
        self._lab.wait([self.name])

    @property
    def cgroup(self) -> Path:
        return self._lab.cgroup / self.name

    def network(self) -> list[str]:
        """The words before a program of this machine that is to run in the host's network."""
        return ["nsenter", f"--net={self._lab.network_path(self.name)}", "--"]

    def is_off(self) -> bool:
        return not self._lab.inits()[self.name]

    def freeze(self) -> None:
        """Every process stands still: TCP connects, because the kernel answers, and nobody speaks."""
        cgroups.freeze(self.cgroup, True)

    def thaw(self) -> None:
        cgroups.freeze(self.cgroup, False)

    def wait_until(self, command: str, *, seconds: float = 30.0) -> str:
        """Until the shell command succeeds in the host; what it wrote."""
        deadline = time.monotonic() + seconds
        answer = Answer(-1, "", "was never asked")
        while time.monotonic() < deadline:
            with contextlib.suppress(LabError, subprocess.TimeoutExpired):
                answer = self.ask(command, seconds=10.0)
                if not answer.status:
                    return answer.out.removesuffix("\n")
            time.sleep(0.05)
        said = f"{answer.status}: {answer.err or answer.out}"
        raise LabError(f"{self.name}: {command!r} never succeeded in {seconds:g} s; last {said}")


class Lab:
    """A running lab. `directory` holds its keys, control sockets, ssh_config and estate file."""

    def __init__(self, directory: Path, process: subprocess.Popen[str] | None = None) -> None:
        self.directory = directory
        self._process = process  # ours to end; None when somebody else started it
        self._status: Mapping[str, object] = {}
        self.credentials = Credentials(directory / "keys")
        status = self.ask(act="status")
        self.pid = int(str(status["pid"]))
        self.cgroup = Path(str(status["cgroup"]))
        everything = places(scale=99)
        self.places = {name: everything[name] for name in self.inits()}

    @classmethod
    def up(
        cls,
        directory: Path,
        *,
        hosts: Iterable[str] = (),
        scale: int | None = None,
        tun: bool = True,
        stay: bool = False,
    ) -> Lab:
        """Start one. It ends with this process, however that ends, unless it is to `stay`.

        Takes root. Returns when every host is started; `wait` says when they answer.
        """
        cached()  # may take a minute, with the machine's own network
        directory.mkdir(parents=True, exist_ok=True)
        arguments = [str(directory)]
        if hosts:
            arguments += ["--hosts", ",".join(hosts)]
        if scale is not None:
            arguments += ["--scale", str(scale)]
        if not tun:
            arguments.append("--no-tun")
        if not stay:
            arguments.append("--lifeline")
        log = (directory / "log").open("w")
        process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private",
             sys.executable, "-m", "tests.lab.supervisor", *arguments],
            stdin=subprocess.DEVNULL if stay else subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        log.close()
        _await_ready(process, directory / "log")
        return cls(directory, process)

    def down(self) -> None:
        """End it; raises LabError when it does not end in time."""
        if self._process is not None:
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process.terminate()
            try:
                self._process.wait(DOWN_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None
        else:
            _end(self.pid)
        cgroups.remove(self.cgroup)
        # Its tmpfs went with its mount namespace; what is left are keys, sockets and empty places.
        shutil.rmtree(self.directory, ignore_errors=True)
        if self.cgroup.exists():
            raise LabError(f"{self.cgroup} can't be removed: a process is left in it")

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    # -- its hosts

    def host(self, name: str) -> LabHost:
        return LabHost(self, self.places[name])

    def hosts(self) -> list[LabHost]:
        return [LabHost(self, place) for place in self.places.values()]

    def inits(self) -> dict[str, int]:
        """The PID 1 of every host, 0 for one that is off."""
        hosts = self.ask(act="status")["hosts"]
        assert isinstance(hosts, dict)
        return {name: int(host["init"]) for name, host in hosts.items()}

    def wait(self, names: Iterable[str] = (), seconds: float = 60.0) -> None:
        """Until sshd and every role of these hosts (default: all) serve."""
        wanted = [self.host(name) for name in names or self.places]
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda host: self._wait_for(host, seconds), wanted))

    def wait_for_ssh(self, names: Iterable[str] = (), seconds: float = 30.0) -> None:
        """Until an SSH server greets at port 22 of these hosts (default: all)."""
        deadline = time.monotonic() + seconds
        with self.in_network("ops"):
            left = set(names or self.places)
            while left:
                left = {name for name in left if not _greets(self.places[name].address)}
                if left and time.monotonic() > deadline:
                    why = "".join(self._why_off(name) for name in sorted(left))
                    raise LabError(f"no SSH greeting from {', '.join(sorted(left))}{why}")
                time.sleep(0.02)

    def _wait_for(self, host: LabHost, seconds: float) -> None:
        self.wait_for_ssh([host.name], seconds)
        for role in host.place.roles:
            host.wait_until(ROLES[role].ready, seconds=seconds)

    def _why_off(self, name: str) -> str:
        """For a message: how a host that is not running ended; nothing for one that runs."""
        hosts = self.ask(act="status")["hosts"]
        assert isinstance(hosts, dict)
        if hosts[name]["init"]:
            return ""
        last = self.host(name).console().strip().splitlines()[-3:]
        return f"\n  {name} is off ({hosts[name]['ended']}): {' / '.join(last)}"

    # -- its network

    def cable(self, site: str, **changes: float | bool) -> dict[str, object]:
        """Change a site's cable: delay_ms, jitter_ms, loss (0 to 1), cut. What is not named stays."""
        request = {"cable": site, **changes}
        answer = _request(self.directory / "cable", request)
        if "error" in answer:
            raise LabError(str(answer["error"]))
        return answer

    def cut(self, site: str, how: Cut = Cut.VANISH) -> None:
        """Lose a site."""
        if how is Cut.VANISH:
            self.cable(site, cut=True)
        else:
            self.ip(f"-n core link set {site} down")

    def heal(self, site: str) -> None:
        """The site is back, and its cable as new."""
        self.ip(*network.uplink_again(SITES[site]))
        self.cable(site, cut=False, delay_ms=0, jitter_ms=0, loss=0)
        if not self.serving_site():  # its route went with the link
            self.serve_from(site)

    def serve_from(self, site: str) -> None:
        """The core's route for the service addresses leads to `site`."""
        self.ip(*network.serve_from(SITES[site]))

    def serving_site(self) -> str:
        """The site that the core's route for the service addresses leads to, "" for none."""
        command = ["ip", "route", "show", DB_SERVICE]
        core = ["nsenter", f"--net={self.network_path('core')}", "--"]
        said = subprocess.run(
            [*core, *command], capture_output=True, text=True, timeout=10, check=True
        )
        return next((key for key in SITES if f"dev {key}" in said.stdout), "")

    def ip(self, *lines: str) -> None:
        """Lines for `ip`, such as `-n core route show`."""
        self.ask(act="ip", lines="\n".join(lines))

    def network_path(self, name: str) -> Path:
        """The network namespace of a host, a site's router, "core" or "ops", for `nsenter --net=`."""
        return self.own_files() / network.NAMESPACES.relative_to("/") / name

    @contextlib.contextmanager
    def in_network(self, name: str) -> Iterator[None]:
        """This thread's new sockets are in that network. Threads started meanwhile stay there."""
        before = Path(f"/proc/self/task/{threading.get_native_id()}/ns/net")
        back = os.open(before, os.O_RDONLY)
        try:
            enter_network(self.network_path(name))
            try:
                yield
            finally:
                enter_network(Path(f"/proc/self/fd/{back}"))
        finally:
            os.close(back)

    def in_ops(self) -> list[str]:
        """The words before a command that is to run where the console stands."""
        return ["nsenter", f"--net={self.network_path('ops')}", "--"]

    def heal_host(self, name: str) -> None:
        """Undo every fault of `tests.lab.faults`."""
        from tests.lab import faults  # it needs this file

        faults.heal(self.host(name))

    # -- its supervisor

    def own_files(self) -> Path:
        """The root of the supervisor's mount namespace."""
        return Path(f"/proc/{self.pid}/root")

    def ask(self, **request: str) -> dict[str, object]:
        answer = _request(self.directory / "control", request)
        if "error" in answer:
            raise LabError(str(answer["error"]))
        return answer


def _await_ready(process: subprocess.Popen[str], log: Path) -> None:
    assert process.stdout is not None
    expire = threading.Timer(UP_SECONDS, process.kill)
    expire.start()
    try:
        said = process.stdout.readline()
    finally:
        expire.cancel()
    if said != "ready\n":
        process.wait()
        raise LabError(f"the lab did not start: {log.read_text().strip() or 'it said nothing'}")


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + DOWN_SECONDS
    while Path(f"/proc/{pid}").exists():
        if time.monotonic() > deadline:
            raise LabError(f"the lab's supervisor, process {pid}, does not end")
        time.sleep(0.01)


def _request(path: Path, request: Mapping[str, object]) -> dict[str, object]:
    try:
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(UP_SECONDS)
            control.connect(str(path))
            with control.makefile("rw") as stream:
                stream.write(json.dumps(request) + "\n")
                stream.flush()
                answer = json.loads(stream.readline() or "{}")
    except OSError as error:
        raise LabError(f"no lab answers at {path}: {error}") from error
    assert isinstance(answer, dict)
    return answer


def _greets(address: str) -> bool:
    try:
        with socket.create_connection((address, 22), timeout=0.5) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
