"""What a lab leaves behind, seen through the kernel's own lists and not through the lab's.

`trace` takes down, while a lab is up, everything by which it could be recognised later; `left` looks
whether any of it is still there. Other labs on the same machine don't disturb it.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from tests.lab.rig import Lab


@dataclass(frozen=True, slots=True)
class Trace:
    """One lab: its directory, its cgroup, its networks, and its processes with their start times,
    because numbers are used again."""

    directory: str
    cgroup: Path
    networks: frozenset[str]
    processes: frozenset[tuple[str, str]]


def trace(lab: Lab) -> Trace:
    """Everything of a lab that is up. Its hosts' processes are those of its cgroup."""
    names = lab.network_path("ops").parent
    networks = {f"net:[{path.stat().st_ino}]" for path in names.iterdir()}
    found = [
        path for path in _processes() if _belongs(path, str(lab.directory), lab.cgroup, networks)
    ]
    return Trace(
        str(lab.directory),
        lab.cgroup,
        frozenset(networks),
        frozenset((path.name, _started(path)) for path in found),
    )


def left(traced: Trace, seconds: float = 5.0) -> list[str]:
    """What of it is still there, one line each; a moment is given, because the kernel takes one to
    end a namespace."""
    deadline = time.monotonic() + seconds
    while (found := _left(traced)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def _left(traced: Trace) -> list[str]:
    found = []
    mounts: set[str] = set()
    for path in _processes():
        known = (path.name, _started(path)) in traced.processes
        if known or _belongs(path, traced.directory, traced.cgroup, traced.networks):
            found.append(f"process {path.name}: {_text(path / 'cmdline')}")
        mounts |= {line for line in _text(path / "mounts").splitlines() if traced.directory in line}
    found += [f"mount: {line}" for line in sorted(mounts)]
    if traced.cgroup.exists():
        found.append(f"cgroup: {traced.cgroup}")
    return found


def _belongs(
    process: Path, directory: str, cgroup: Path, networks: frozenset[str] | set[str]
) -> bool:
    """Whether it runs in the lab's group or networks, or was started for the lab."""
    if int(process.name) == os.getpid():
        return False  # whoever tests the lab has its name in its arguments
    return (
        f"/{cgroup.name}/" in _text(process / "cgroup") + "/"
        or _link(process / "ns/net") in networks
        or ("tests.lab." in (command := _text(process / "cmdline")) and directory in command)
    )


def _processes() -> list[Path]:
    return list(Path("/proc").glob("[0-9]*"))


def _started(process: Path) -> str:
    """Its start time in the kernel's ticks: field 22 of stat, counted behind the name."""
    fields = _text(process / "stat").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def _text(path: Path) -> str:
    try:
        return path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:  # it ended while we looked
        return ""


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
