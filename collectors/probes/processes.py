"""Processes: the busiest and the biggest, those of one name taken together.

Processor time is what was used in one second on the host, in percent of one core, so that a group
can pass 100. Memory is the sum of resident sets in percent of all: pages that processes share are
counted for each. A process that ends within that second is not seen.
"""

from __future__ import annotations

import re

from collectors.probes.probe import cut, refusal, unreadable
from collectors.programs import program
from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading

_ROW = re.compile(r"(-?\d{1,9}\.\d) (-?\d{1,9}\.\d\d) (\d{1,9}) (.*)")


class Processes:
    """Readings ("process", NAME, percent of one core), with "memory" in percent and "count"."""

    name = "processes"
    cadence_ms = 30_000
    deadline_ms = 10_000

    def command(self, host: Host) -> str:
        return program("probes/processes.sh")

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (refused,)
        readings: list[Reading | Gap] = []
        for line in answer.output.decode("utf-8", "backslashreplace").splitlines():
            match = _ROW.fullmatch(line)
            if match is None:
                readings.append(unreadable(line))
                break
            cpu, memory, count, name = match.groups()
            readings.append(
                Reading(
                    "process",
                    clean(name, limit=64),
                    _known(cpu),
                    attributes={"memory": _known(memory), "count": float(count)},
                )
            )
        return (*readings, *cut(answer)) if readings else (Gap("no process was seen"),)


def _known(percent: str) -> float:
    value = float(percent)
    return value if value >= 0 else float("nan")
