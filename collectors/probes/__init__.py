"""The probes: one file each, and one table that names them all.

To add one: a file with a class that keeps the `Probe` protocol, a line here, and captured
terminals under tests/collectors/probes/cases.
"""

from __future__ import annotations

from collectors.probes.clock import Clock
from collectors.probes.disks import Disks
from collectors.probes.probe import Probe
from collectors.probes.processes import Processes
from collectors.probes.units import Units

PROBES: dict[str, Probe] = {
    probe.name: probe
    for probe in (
        Units(),
        Processes(),
        Clock(),
        Disks(),
    )
}

__all__ = ["PROBES", "Probe"]
