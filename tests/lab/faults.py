"""What can happen to a host, each as a context manager that undoes it; `heal` undoes all of them.

    with faults.dropped(lab.host("pri-db1"), 5432):
        ...

Everything is done from outside, so none of it needs the host's sshd to be well.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.lab import cgroups
from tests.lab.rig import LabError, LabHost

#: Where what is put in a file's place lies in the host; its mounts are known by it.
PLACE = "/run/lab-faults"
FULL = "lab-full"

#: libfaketime is for processes that start from now on: a new SSH session, and all that runs in it.
PRELOAD = "/etc/ld.so.preload"
FAKETIME = "/usr/$LIB/faketime/libfaketime.so.1"
FAKETIME_FILE = "/etc/faketimerc"

UNMOUNT_ALL = f"""\
awk '$4 ~ "^/lab-faults/" || $0 ~ " {FULL} " {{ print $5 }}' /proc/self/mountinfo |
tac | xargs -r -n 1 umount -l
rm -rf {PLACE}
"""


@contextlib.contextmanager
def dropped(host: LabHost, port: int) -> Iterator[None]:
    """What is sent to that TCP port vanishes, of connections that stand too."""
    _filter(host, f"tcp dport {port} drop")
    try:
        yield
    finally:
        _unfilter(host)


@contextlib.contextmanager
def refused(host: LabHost, port: int) -> Iterator[None]:
    """That TCP port answers with a reset, to connections that stand too."""
    _filter(host, f"tcp dport {port} reject with tcp reset")
    try:
        yield
    finally:
        _unfilter(host)


@contextlib.contextmanager
def slow(host: LabHost, kbit_per_second: int) -> Iterator[None]:
    """What the host sends leaves no faster than that."""
    rate = ("rate", f"{kbit_per_second}kbit", "burst", "4kb", "latency", "2s")
    _in_network(host, "tc", "qdisc", "replace", "dev", "eth0", "root", "tbf", *rate)
    try:
        yield
    finally:
        _unslow(host)


@contextlib.contextmanager
def full_disk(host: LabHost, path: str) -> Iterator[None]:
    """A file system of its own at `path`, with what was there, and not a byte more."""
    host.run(
        f"""set -e
        mkdir -p {PLACE}/disk '{path}'
        size=$(($(du -sk '{path}' | cut -f1) + 1024))
        mount -t tmpfs -o size=${{size}}k {FULL} {PLACE}/disk
        cp -a '{path}/.' {PLACE}/disk/
        mount --move {PLACE}/disk '{path}'
        cat /dev/zero >'{path}/.full' 2>/dev/null || true"""
    )
    try:
        yield
    finally:
        _within(host, f"umount -l '{path}'")


@contextlib.contextmanager
def wrong_clock(host: LabHost, seconds: int) -> Iterator[None]:
    """Processes that start from now on see a clock that is `seconds` ahead (negative: behind)."""
    host.write(FAKETIME_FILE, f"{seconds:+d}\n")
    host.write(PRELOAD, FAKETIME + "\n")
    try:
        yield
    finally:
        _right_clock(host)


@contextlib.contextmanager
def instead_of(host: LabHost, path: str, text: str) -> Iterator[None]:
    """A file says something else, such as /proc/loadavg or /proc/meminfo."""
    mine = f"{PLACE}/{path.strip('/').replace('/', '-')}"
    host.write(mine, text)
    host.run(f"mount --bind {mine} {path}")
    try:
        yield
    finally:
        _within(host, f"umount -l {path}")


@contextlib.contextmanager
def frozen(host: LabHost) -> Iterator[None]:
    """Every process stands still: TCP connects, because the kernel answers, and nobody speaks."""
    host.freeze()
    try:
        yield
    finally:
        host.thaw()


@contextlib.contextmanager
def without_sshd(host: LabHost) -> Iterator[None]:
    """sshd does not listen; sessions that stand go on."""
    host.run("systemctl stop ssh")
    try:
        yield
    finally:
        _within(host, "systemctl start ssh")


def restart_sshd(host: LabHost) -> None:
    """As after an upgrade: sessions that stand go on."""
    host.run("systemctl restart ssh")


def reboot(host: LabHost, seconds: float = 30.0) -> None:
    """A clean one, asked of its systemd. Returns when it has another boot id; `lab.wait` says
    when it serves."""
    before = host.boot_id()
    host.ask("systemctl --no-block reboot")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        # Whoever enters a host in the moment in which it goes down may be left hanging.
        with contextlib.suppress(LabError, subprocess.TimeoutExpired):
            if host.run("cat /proc/sys/kernel/random/boot_id", seconds=3) not in ("", before):
                return
        time.sleep(0.05)
    raise LabError(f"{host.name} has not restarted in {seconds:g} s")


def power_off(host: LabHost, seconds: float = 30.0) -> None:
    """A clean one, asked of its systemd. `host.start()` powers it on again."""
    host.ask("systemctl --no-block poweroff")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if host.is_off():
            return
        time.sleep(0.05)
    raise LabError(f"{host.name} has not gone off in {seconds:g} s")


def heal(host: LabHost) -> None:
    """Undo every fault of this file that is still there. A host that is off stays off."""
    cgroups.freeze(host.cgroup, False)
    _unfilter(host)
    _unslow(host)
    if not host.is_off():
        _right_clock(host)
        _within(host, UNMOUNT_ALL)


def _filter(host: LabHost, rule: str) -> None:
    table = f"table inet lab {{ chain faults {{ type filter hook input priority -10; {rule}; }}; }}"
    _in_network(host, "nft", table)


def _unfilter(host: LabHost) -> None:
    _in_network(host, "nft", "flush", "ruleset")


def _unslow(host: LabHost) -> None:
    _in_network(host, "tc", "qdisc", "delete", "dev", "eth0", "root", check=False)


def _right_clock(host: LabHost) -> None:
    """From outside, so that what undoes it is not under it; libfaketime also leaves shared memory
    of every process that was killed."""
    with contextlib.suppress(LabError):
        root = Path(f"/proc/{host.pid}/root")
        for name in (PRELOAD, FAKETIME_FILE):
            (root / name.lstrip("/")).unlink(missing_ok=True)
        for left in (root / "dev/shm").glob("*faketime_*"):
            left.unlink(missing_ok=True)


def _in_network(host: LabHost, *command: str, check: bool = True) -> None:
    """With this machine's own programs: the host's network stands even when the host is off."""
    done = subprocess.run(
        [*host.network(), *command], capture_output=True, text=True, timeout=10, check=False
    )
    if check and done.returncode:
        raise LabError(f"{host.name}: {' '.join(command)}: {done.stderr.strip()}")


def _within(host: LabHost, command: str) -> None:
    """To undo: a host that has gone meanwhile has nothing left to undo."""
    with contextlib.suppress(LabError):
        host.ask(command)
