"""One real sshd on loopback that answers at as many addresses as a benchmark or a test needs.

    with Endpoints(80) as endpoints:
        subprocess.run(["ssh", "-F", endpoints.ssh_config, endpoints.hosts[0], "uptime"])

Linux answers on all of 127.0.0.0/8, so one server on one port is 127.1.0.1, 127.1.0.2 ... to its
clients: each has a TCP connection, a handshake and a session of its own.
"""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from bench.report import UnableError

#: Ends the server $1 and removes its directory $2 when its input ends, which it does when we are
#: killed without a chance to clear up ourselves.
_SWEEPER = """
trap '' HUP INT TERM
while read -r _; do :; done
read -r sessions <"/proc/$1/task/$1/children"
kill "$1" $sessions
rm -rf -- "$2"
"""


class Endpoints:
    """A running sshd with keys of its own, for the length of a `with`.

    `hosts` are the addresses, which are also the names in `ssh_config` (a path) and `known_hosts`
    (a path); `key` is the client's private key, the only one that the server accepts, and only
    from loopback. `settings` are further sshd_config lines ({"RekeyLimit": "64K"}). `home` is the
    sessions' HOME: empty, so that nobody's ~/.bashrc is part of a measurement.

    Raises UnableError where there is no sshd, or it does not come up.
    """

    def __init__(self, count: int, *, settings: Mapping[str, str] | None = None) -> None:
        if not 1 <= count <= 60_000:
            raise UnableError(f"{count} endpoints: 1 to 60000 fit into 127.1.0.0/16")
        self.hosts = tuple(f"127.1.{i // 250}.{i % 250 + 1}" for i in range(count))
        self.settings = dict(settings or {})
        self.port = 0
        self.user = getpass.getuser()
        self.pid = 0

    def __enter__(self) -> Endpoints:
        self.directory = Path(tempfile.mkdtemp(prefix="endpoints-"))
        self.home = self.directory / "home"
        self.key = self.directory / "client_key"
        self.ssh_config = self.directory / "ssh_config"
        self.known_hosts = self.directory / "known_hosts"
        self.log = self.directory / "sshd.log"
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _start(self) -> None:
        sshd = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin:" + os.environ["PATH"])
        if sshd is None:
            raise UnableError("no sshd here; on Debian: apt-get install openssh-server")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # its chroot before authentication
        self.home.mkdir()
        host_key = self.directory / "host_key"
        for path in (host_key, self.key):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "endpoints", "-f", path],
                check=True,
            )
        offered = Path(f"{self.key}.pub").read_text()
        (self.directory / "authorized_keys").write_text(f'from="127.0.0.0/8" {offered}')
        self.port = _free_port()
        config = self.directory / "sshd_config"
        config.write_text(self._sshd_config(host_key))
        with self.log.open("wb") as log:
            self._server = subprocess.Popen(
                [sshd, "-D", "-e", "-f", config],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = self._server.pid
        self._sweeper = subprocess.Popen(
            ["/bin/sh", "-c", _SWEEPER, "endpoints-sweeper", str(self.pid), self.directory],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._await_banner()
        public = Path(f"{host_key}.pub").read_text().split()
        self.known_hosts.write_text(
            "".join(f"[{host}]:{self.port} {public[0]} {public[1]}\n" for host in self.hosts)
        )
        self.ssh_config.write_text(self._ssh_config())

    def _sshd_config(self, host_key: Path) -> str:
        lines = {
            "Port": str(self.port),
            "ListenAddress": "0.0.0.0",  # all of 127/8; authorized_keys lets in loopback alone
            "HostKey": str(host_key),
            "AuthorizedKeysFile": str(self.directory / "authorized_keys"),
            "PidFile": "none",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "StrictModes": "no",
            "UseDNS": "no",
            "PrintMotd": "no",
            "LogLevel": "ERROR",
            "MaxStartups": "10000",
            "MaxSessions": "100",
            # Either would keep bash from reading a ~/.bashrc at each command; together they also
            # cover shells that have no SHLVL.
            "SetEnv": f"SHLVL=1 HOME={self.home}",
        }
        lines.update(self.settings)
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def _ssh_config(self) -> str:
        return (
            "Host 127.1.*\n"
            f"  Port {self.port}\n"
            f"  User {self.user}\n"
            f"  IdentityFile {self.key}\n"
            "  IdentitiesOnly yes\n"
            "  IdentityAgent none\n"
            f"  UserKnownHostsFile {self.known_hosts}\n"
            "  GlobalKnownHostsFile /dev/null\n"
            "  StrictHostKeyChecking yes\n"
            "  BatchMode yes\n"
        )

    def _await_banner(self) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self._server.poll() is not None:
                raise UnableError(f"sshd ended at once: {self.log.read_text().strip()}")
            try:
                with socket.create_connection((self.hosts[0], self.port), timeout=2) as probe:
                    if probe.recv(4) == b"SSH-":
                        return
            except OSError:
                time.sleep(0.02)
        raise UnableError(f"sshd did not answer within 10 s: {self.log.read_text().strip()}")

    def _stop(self) -> None:
        if self.pid:
            sessions = _children(self.pid)
            self._server.terminate()
            try:
                self._server.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            for pid in sessions:  # sshd leaves its sessions to their clients; we don't
                try:
                    os.kill(pid, signal.SIGTERM)
                except ProcessLookupError:
                    pass
            with self._sweeper:  # nothing is left for it to do
                self._sweeper.kill()
            self.pid = 0
        shutil.rmtree(self.directory, ignore_errors=True)


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))
        return int(probe.getsockname()[1])
