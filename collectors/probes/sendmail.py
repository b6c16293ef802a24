"""sendmail: what waits in its two queues, and since when. Only root may look."""

from __future__ import annotations

from collectors.probes.queuelines import read_lines
from collectors.programs import program
from collectors.runner import Answer
from estate.model import Host
from estate.samples import Gap, Reading


class Sendmail:
    """Readings as in `queuelines`: the queues "mqueue" and "clientmqueue"."""

    name = "sendmail"
    cadence_ms = 60_000
    deadline_ms = 20_000

    def command(self, host: Host) -> str:
        asked = any(queue.kind == self.name for queue in host.queues)
        return program("probes/sendmail.sh") if asked else ""

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        return read_lines(answer)
