"""Energy: watts, where the processor counts joules (powercap, RAPL) and this user may read."""

from __future__ import annotations

import re

from collectors.probes.probe import cut, refusal, unreadable
from collectors.programs import program
from collectors.runner import Answer
from estate.model import Host
from estate.samples import Gap, Reading

_AT = re.compile(r"at (\d{1,12}(?:\.\d{1,3})?)", re.ASCII)
_ZONE = re.compile(r"(intel-rapl:\d{1,2}) (\d{1,20}) (\d{1,20})", re.ASCII)


class Energy:
    """One reading ("power", watts of all processor packages, memory and disks not counted)."""

    name = "energy"
    cadence_ms = 30_000
    deadline_ms = 8_000

    def command(self, host: Host) -> str:
        return program("probes/energy.sh") if host.asked.energy else ""

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (refused,)
        looks: list[tuple[float, dict[str, tuple[int, int]]]] = []
        lines = answer.output.decode("utf-8", "backslashreplace").splitlines()
        for line in lines[:-1]:
            if match := _AT.fullmatch(line):
                looks.append((float(match[1]), {}))
            elif (match := _ZONE.fullmatch(line)) and looks:
                looks[-1][1][match[1]] = (int(match[2]), int(match[3]))
            else:
                return (unreadable(line), *cut(answer))
        if len(looks) != 2 or not lines or lines[-1] != "end":
            return cut(answer) or (Gap("half an answer"),)
        (before, first), (after, second) = looks
        if after <= before or not first or first.keys() != second.keys():
            return (Gap("the counters did not move on"), *cut(answer))
        # A counter begins again when it has run through its range.
        joules = sum(
            ((second[zone][0] - used) % max(1, second[zone][1] + 1)) / 1e6
            for zone, (used, _) in first.items()
        )
        return (Reading("power", value=joules / (after - before)), *cut(answer))
