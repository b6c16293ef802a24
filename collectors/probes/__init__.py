"""The probes: one file each, and one table that names them all.

To add one: a file with a class that keeps the `Probe` protocol, a line here, and captured
terminals under tests/collectors/probes/cases.
"""

from __future__ import annotations

from collectors.probes.clock import Clock
from collectors.probes.command import Command
from collectors.probes.disks import Disks
from collectors.probes.exim import Exim
from collectors.probes.postfix import Postfix
from collectors.probes.probe import Probe
from collectors.probes.processes import Processes
from collectors.probes.rabbitmq import RabbitMq
from collectors.probes.redis import Redis
from collectors.probes.sendmail import Sendmail
from collectors.probes.units import Units

PROBES: dict[str, Probe] = {
    probe.name: probe
    for probe in (
        Units(),
        Processes(),
        Clock(),
        Disks(),
        Postfix(),
        Exim(),
        Sendmail(),
        RabbitMq(),
        Redis(),
        Command(),
    )
}

__all__ = ["PROBES", "Probe"]
