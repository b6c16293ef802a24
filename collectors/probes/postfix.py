"""Postfix: what is incoming, active, deferred and held, since when, and where it wants to go.

As root (or postfix) files are counted, which costs 8 ms for 5,000 messages; others have `postqueue`
list every message (0.5 s for 5,000, on the host alone), and awk sends on no more than sums.
"""

from __future__ import annotations

from collectors.probes.queuelines import read_lines
from collectors.programs import program
from collectors.runner import Answer
from estate.model import Host
from estate.samples import Gap, Reading


class Postfix:
    """Readings as in `queuelines`: the queues "incoming", "active", "deferred" and "hold"."""

    name = "postfix"
    cadence_ms = 30_000
    deadline_ms = 20_000

    def command(self, host: Host) -> str:
        asked = any(queue.kind == self.name for queue in host.queues)
        return program("probes/postfix.sh") if asked else ""

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        return read_lines(answer)
