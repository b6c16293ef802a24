"""The lab's branch of the machine's cgroup tree: one group a lab, one below it a host."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

PREFIX = "twinwatch-lab-"


def tree() -> Path:
    """Where cgroup2 is mounted: alone, or beside the old controllers."""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, where, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(where)
    raise OSError("no cgroup2 is mounted, so hosts can't be frozen or ended at once")


def directory(pid: int) -> Path:
    """The group of the lab whose supervisor is process `pid`."""
    return tree() / f"{PREFIX}{pid}"


def kill(group: Path) -> None:
    """End every process in it and below, frozen ones too. Takes Linux 5.14."""
    with contextlib.suppress(FileNotFoundError):
        (group / "cgroup.kill").write_text("1")


def freeze(group: Path, frozen: bool) -> None:
    """Stop every process in it where it stands, or let them go on."""
    (group / "cgroup.freeze").write_text("1" if frozen else "0")


def remove(group: Path, seconds: float = 5.0) -> None:
    """Remove it and all below. What has just been killed takes a moment to leave it."""
    deadline = time.monotonic() + seconds
    while group.exists():
        for path, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                Path(path).rmdir()
        if time.monotonic() > deadline:
            return
        time.sleep(0.01)


def remove_left_over() -> None:
    """Groups of labs whose supervisor was killed with -9: nobody is in them any more."""
    for group in tree().glob(f"{PREFIX}*"):
        if not Path(f"/proc/{group.name.removeprefix(PREFIX)}").exists():
            kill(group)
            remove(group)
