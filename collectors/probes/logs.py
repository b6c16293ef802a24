"""Logs: the last lines of what the estate names, for the host's screen."""

from __future__ import annotations

import re

from collectors.probes.probe import cut, refusal, unreadable
from collectors.programs import script
from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading

LONGEST_LINE = 400
_AT = re.compile(r"at ([A-Za-z0-9][\w.-]{0,63})", re.ASCII)


class Logs:
    """Readings ("log", NAME, number of the line from 1, text=LINE), oldest first."""

    name = "logs"
    cadence_ms = 30_000
    deadline_ms = 10_000

    def command(self, host: Host) -> str:
        parts: list[str] = []
        for each in host.asked.logs:
            kind, what = ("unit", each.unit) if each.unit else ("file", each.file)
            parts += (each.name, kind, what, str(each.lines))
        return script("probes/logs.sh", *parts) if parts else ""

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (refused,)
        found: list[Reading | Gap] = []
        name, number = "", 0
        for line in answer.output.decode("utf-8", "replace").split("\n"):
            if match := _AT.fullmatch(line):
                name, number = match[1], 0
            elif line.startswith("| ") and name:
                number += 1
                text = clean(line[2:], limit=LONGEST_LINE)
                found.append(Reading("log", name, float(number), text))
            elif line.startswith("! ") and name:
                found.append(Gap(f"{name}: {clean(line[2:], limit=120)}"))
            elif line == "end":
                return (*found, *cut(answer))
            else:
                return (*found, unreadable(line), *cut(answer))
        return (*found, *(cut(answer) or (Gap("half an answer"),)))
