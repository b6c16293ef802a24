"""What a lab could leave behind, seen through the kernel's own lists and not through the lab's."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from tests.lab import cgroups


@dataclass(frozen=True, slots=True)
class Leavings:
    """Sets of names of what there is on this machine; compare one from before with one from after."""

    processes: frozenset[str]
    networks: frozenset[str]
    mounts: frozenset[str]
    cgroups: frozenset[str]
    devices: frozenset[str]

    def since(self, before: Leavings) -> list[str]:
        """What is there now and was not before, one line each."""
        found = []
        for kind in fields(self):
            new = getattr(self, kind.name) - getattr(before, kind.name)
            found += [f"{kind.name}: {name}" for name in sorted(new)]
        return found


def look() -> Leavings:
    """Only what a lab makes: processes of a lab or of a network that is not this machine's,
    mounts and networks of any process, cgroups and devices by their names."""
    own_network = _link(Path("/proc/1/ns/net")) or _link(Path("/proc/self/ns/net"))
    processes, networks, mounts = set(), set(), set()
    for path in Path("/proc").glob("[0-9]*"):
        network, command = _link(path / "ns/net"), _command(path)
        if network and network != own_network:
            networks.add(network)
            processes.add(f"{path.name} {command}")
        if "tests.lab" in command or "lab/init.sh" in command:
            processes.add(f"{path.name} {command}")
        mounts |= {line for line in _mounts(path) if "lab" in line}
    return Leavings(
        frozenset(processes),
        frozenset(networks),
        frozenset(mounts),
        frozenset(str(path) for path in cgroups.tree().glob(f"{cgroups.PREFIX}*")),
        frozenset(p.name for p in Path("/sys/class/net").iterdir()),
    )


def _mounts(process: Path) -> set[str]:
    try:
        lines = (process / "mounts").read_text().splitlines()
    except OSError:
        return set()
    return {" ".join(line.split()[:2]) for line in lines}


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
