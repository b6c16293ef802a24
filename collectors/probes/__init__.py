"""The probes: one file each, and one table that names them all.

To add one: a file with a class that keeps the `Probe` protocol, a line here, and captured
terminals under tests/collectors/probes/cases.
"""

from __future__ import annotations

from collectors.probes.backups import Backups
from collectors.probes.certificates import Certificates
from collectors.probes.clock import Clock
from collectors.probes.command import Command
from collectors.probes.configuration import Configuration
from collectors.probes.disks import Disks
from collectors.probes.energy import Energy
from collectors.probes.exim import Exim
from collectors.probes.haproxy import Haproxy
from collectors.probes.keepalived import Keepalived
from collectors.probes.logs import Logs
from collectors.probes.mysql import Mysql
from collectors.probes.packages import Packages
from collectors.probes.postfix import Postfix
from collectors.probes.postgresql import Postgresql
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
        Postgresql(),
        Mysql(),
        Haproxy(),
        Keepalived(),
        Certificates(),
        Packages(),
        Backups(),
        Configuration(),
        Energy(),
        Logs(),
    )
}

__all__ = ["PROBES", "Probe"]
