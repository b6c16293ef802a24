"""Redis: how long the lists, streams and sets are that the estate names as queues."""

from __future__ import annotations

import shlex

from collectors.probes.queuelines import read_lines
from collectors.programs import program
from collectors.runner import Answer
from estate.model import Host
from estate.samples import Gap, Reading

DEFAULT_PORT = 6379


class Redis:
    """Readings as in `queuelines`: a queue a key, or one "KEY GROUP" a group of stream readers."""

    name = "redis"
    cadence_ms = 30_000
    deadline_ms = 20_000

    def command(self, host: Host) -> str:
        looks = [
            shlex.join(("look", key, str(each.port or DEFAULT_PORT), each.password_file, each.key))
            for each in host.queues
            if each.kind == self.name
            for key in each.only
        ]
        return program("probes/redis.sh") + "\n".join(looks) + "\n" if looks else ""

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        return read_lines(answer)
