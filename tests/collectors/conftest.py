"""A host made of files (a prefix for TWINWATCH_ROOT), the shells that read it, and real sshds."""

from __future__ import annotations

import contextlib
import getpass
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROC = {
    "uptime": "1000.25 3900.11\n",
    "loadavg": "0.50 0.40 0.30 2/345 6789\n",
    "stat": (
        "cpu  100 5 50 800 20 1 2 3 0 0\n"
        "cpu0 50 2 25 400 10 0 1 1 0 0\ncpu1 50 3 25 400 10 1 1 2 0 0\n"
        "intr 12345 1 2 3\nctxt 99\nprocs_running 2\n"
    ),
    "meminfo": (
        "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:    4000000 kB\n"
        "Buffers:          200000 kB\nCached:          2000000 kB\nSwapCached:            0 kB\n"
        "SwapTotal:       2000000 kB\nSwapFree:        1500000 kB\nDirty:               100 kB\n"
    ),
    "net/dev": (
        "Inter-|   Receive                                                |  Transmit\n"
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop"
        " fifo colls carrier compressed\n"
        "    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0"
        "    0     0       0          0\n"
        "  eth0: 5000000    6279    1    2    0     0          0         0   700000    3809    3    4"
        "    0     0       0          0\n"
        "docker0:100 1 0 0 0 0 0 0 200 2 0 0 0 0 0 0\n"  # old kernels leave no blank
        "  veth12ab: 9 1 0 0 0 0 0 0 9 2 0 0 0 0 0 0\n"
    ),
    "diskstats": (
        "   7       0 loop0 5 0 10 0 0 0 0 0 0 0 0\n"
        "   8       0 sda 100 0 2000 10 200 0 4000 20 0 1500 30 0 0 0 0\n"
        "   8       1 sda1 90 0 1900 10 200 0 4000 20 0 1400 30\n"
        "   8      16 sdb 0 0 0 0 0 0 0 0 0 0 0\n"
        " 259       0 nvme0n1 7 0 70 1 8 0 80 2 0 90 3\n"
        " 259       1 nvme0n1p1 7 0 70 1 8 0 80 2 0 90 3\n"
        " 202       1 xvda1 1 0 2 1 1 0 4 2 0 5 3\n"  # a partition without its disk is a disk
        " 253       0 dm-0 100 0 2000 10 200 0 4000 20 0 1500 30\n"
    ),
    "pressure/cpu": "some avg10=1.50 avg60=0.80 avg300=0.20 total=123\n",
    "pressure/memory": "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 total=0\n",
    "pressure/io": "some avg10=12.34 avg60=0.80 avg300=0.20 total=123\n",
    "mounts": (
        "proc /proc proc rw 0 0\n"
        "/dev/sda1 / ext4 rw 0 0\n"
        "/dev/sda1 /srv/bind ext4 rw 0 0\n"
        "tmpfs /run tmpfs rw 0 0\n"
        "tmpfs /run/user/0 tmpfs rw 0 0\n"
        "/dev/loop0 /snap/core squashfs ro 0 0\n"
        "filer:/vol /mnt/dead nfs4 rw 0 0\n"
        "overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0\n"
        "/dev/nvme0n1p1 /srv/my\\040files xfs rw 0 0\n"
    ),
    "sys/kernel/hostname": "mta-c03\n",
    "sys/kernel/osrelease": "6.1.0-18-amd64\n",
    "1/stat": "1 (init) S 0 1 1 0\n",
    "42/stat": "42 (qmgr) S 1 42 42 0\n",
}

DF = """#!/bin/sh
case $2 in
-k)
  echo "Filesystem 1024-blocks Used Available Capacity Mounted on"
  sizes='1000 400 500 45%' ;;
*)
  echo "Filesystem Inodes IUsed IFree IUse% Mounted on"
  sizes='200 50 150 25%' ;;
esac
shift 2
for mount; do echo "/dev/x   $sizes $mount"; done
"""


def write(path: Path, text: str, executable: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if executable:
        path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A prefix with everything a healthy host has, and df."""
    for name, text in PROC.items():
        write(tmp_path / "proc" / name, text)
    write(tmp_path / "bin" / "df", DF, executable=True)
    return tmp_path


@pytest.fixture
def hung_file(tmp_path: Path) -> Iterator[Path]:
    """A file whose reader waits for ever: a FIFO that nobody writes to."""
    path = tmp_path / "hung"
    os.mkfifo(path)
    yield path
    with contextlib.suppress(OSError):  # ENXIO: nobody reads
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))


#: What accounts on hosts log in with; each is given what an SSH exec gives it, with -c.
LOGIN_SHELLS = [
    "sh",
    "bash",
    "dash",
    "zsh",
    "ksh",
    "mksh",
    "busybox ash",
    "fish",
    "tcsh",
    "bsd-csh",
]


def shell(name: str) -> list[str]:
    """The shell's argv, or a skip that says which one is missing."""
    argv = name.split()
    if shutil.which(argv[0]) is None:
        pytest.skip(f"no {argv[0]} on this machine")
    return argv


# -- a real OpenSSH server --


class Sshd:
    """An sshd of its own on 127.0.0.1, with keys of its own; works as root and as anybody.

    `settings` are sshd_config lines, stronger than the defaults. `folder` holds `client` (the key
    that is let in), `host` (the host key), `known_hosts` and `ssh_config`.
    """

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.settings = settings
        self.port = free_port()
        self.user = getpass.getuser()
        self.key = folder / "client"
        self.known_hosts = folder / "known_hosts"
        self.ssh_config = folder / "ssh_config"
        for name in ("client", "host"):
            keygen("-q", "-t", "ed25519", "-N", "", "-f", folder / name)
        write(folder / "authorized_keys", (folder / "client.pub").read_text())
        self.trust()
        self.configure()
        self.start()

    @property
    def host_key(self) -> str:
        """ "ssh-ed25519 AAAA…"."""
        return " ".join((self.folder / "host.pub").read_text().split()[:2])

    @property
    def target(self) -> str:
        return f"[127.0.0.1]:{self.port}"

    def trust(self, *lines: str) -> None:
        """Write known_hosts: `lines`, or the real key."""
        write(self.known_hosts, "\n".join(lines or (f"{self.target} {self.host_key}",)) + "\n")

    def configure(self, more: str = "") -> None:
        """Write ssh_config: `more` goes before what every host needs."""
        write(
            self.ssh_config,
            f"{more}\nHost *\n  HostName 127.0.0.1\n  Port {self.port}\n  User {self.user}\n"
            f"  IdentityFile {self.key}\n  IdentitiesOnly yes\n  IdentityAgent none\n"
            f"  UserKnownHostsFile {self.known_hosts}\n  GlobalKnownHostsFile /dev/null\n",
        )

    def start(self) -> None:
        """Start it, or start it again."""
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        lines = {
            "ListenAddress": f"127.0.0.1:{self.port}",
            "HostKey": str(self.folder / "host"),
            "AuthorizedKeysFile": str(self.folder / "authorized_keys"),
            "PidFile": "none",
            "UsePAM": "no",
            "StrictModes": "no",
            "UseDNS": "no",
            "PrintMotd": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            # An empty HOME of its own: nobody's ~/.bashrc is part of a test.
            "SetEnv": f"SHLVL=1 HOME={self.folder}",
            **self.settings,
        }
        config = self.folder / "sshd_config"
        write(config, "".join(f"{name} {value}\n" for name, value in lines.items()))
        with (self.folder / "sshd.log").open("ab") as log:
            self.server = subprocess.Popen(
                [SSHD, "-D", "-e", "-f", config],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=2) as probe:
                    if probe.recv(4) == b"SSH-":
                        return
            except OSError:
                time.sleep(0.02)
        raise AssertionError((self.folder / "sshd.log").read_text())

    def sessions(self) -> list[int]:
        """Process ids of sshd's children, one or more a connection."""
        return children(self.server.pid)

    def stop(self) -> None:
        """End the server and its sessions."""
        if self.server.poll() is None:
            # sshd, for others than root, has a grandchild that holds the connection.
            for pid in descendants(self.server.pid):
                for number in (signal.SIGCONT, signal.SIGKILL):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, number)
            self.server.wait()


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    with contextlib.suppress(OSError):
        return [int(child) for child in listed.read_text().split()]
    return []


def descendants(pid: int) -> list[int]:
    """`pid` and all below it, the lowest first."""
    return [*(each for child in children(pid) for each in descendants(child)), pid]


SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin:/usr/bin")


def keygen(*arguments: str | Path) -> str:
    """ssh-keygen's output."""
    done = subprocess.run(
        ["ssh-keygen", *map(str, arguments)], check=True, capture_output=True, text=True
    )
    return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start_sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Sshd]]:
    """Start sshds: `start_sshd(MaxSessions="1")`. All of them end with the test."""
    if SSHD is None:
        pytest.skip("no sshd on this machine")
    login_shell = pwd.getpwuid(os.geteuid()).pw_shell
    if login_shell.endswith(("nologin", "false")):
        pytest.skip(f"sshd can run nothing for {getpass.getuser()}, whose shell is {login_shell}")
    started: list[Sshd] = []

    def start(**settings: str) -> Sshd:
        started.append(Sshd(tmp_path_factory.mktemp("sshd"), settings))
        return started[-1]

    try:
        yield start
    finally:
        for each in started:
            each.stop()
