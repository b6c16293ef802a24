"""Exim: what waits, since when, what of it is frozen, and where it wants to go.

Exim lets only its admin users count (`queue_list_requires_admin`); for others its words are a Gap.
"""

from __future__ import annotations

from collectors.probes.queuelines import read_lines
from collectors.programs import program
from collectors.runner import Answer
from estate.model import Host
from estate.samples import Gap, Reading


class Exim:
    """Readings as in `queuelines`: the queues "waiting", and "frozen", which is a part of it."""

    name = "exim"
    cadence_ms = 30_000
    deadline_ms = 20_000

    def command(self, host: Host) -> str:
        asked = any(queue.kind == self.name for queue in host.queues)
        return program("probes/exim.sh") if asked else ""

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        return read_lines(answer)
