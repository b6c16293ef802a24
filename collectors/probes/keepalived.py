"""Service addresses: whether this host holds them, and what keepalived last said of itself."""

from __future__ import annotations

import re

from collectors.probes.probe import cut, refusal, unreadable
from collectors.programs import script
from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading

_LINE = re.compile(
    r"held (?P<held>[0-9a-f:.]{2,45}) (?P<interface>\S{1,64})|absent (?P<absent>[0-9a-f:.]{2,45})"
    r"|(?P<runs>running|stopped)|state (?P<state>[A-Z]{1,16})|(?P<end>end)",
    re.ASCII,
)


class Keepalived:
    """Readings ("address", ADDRESS, text="held" or "absent"), where held with "interface"; and
    ("keepalived", text="running" or "stopped"), with its last "state" where it runs, its journal
    tells it, and all its instances are in the same.
    """

    name = "keepalived"
    cadence_ms = 15_000
    deadline_ms = 8_000

    def command(self, host: Host) -> str:
        asked = host.asked.keepalived
        return "" if asked is None else script("probes/keepalived.sh", *asked.addresses)

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (refused,)
        addresses: list[Reading] = []
        runs, ended = "", False
        attributes: dict[str, float | str] = {}
        for line in answer.output.decode("utf-8", "backslashreplace").splitlines():
            match = _LINE.fullmatch(line)
            if match is None:
                return (*addresses, unreadable(line), *cut(answer))
            if match["held"]:
                where: dict[str, float | str] = {"interface": clean(match["interface"])}
                addresses.append(Reading("address", match["held"], text="held", attributes=where))
            elif match["absent"]:
                addresses.append(Reading("address", match["absent"], text="absent"))
            elif match["state"]:
                attributes["state"] = match["state"]
            runs, ended = match["runs"] or runs, ended or bool(match["end"])
        if not ended:
            return (*addresses, *(cut(answer) or (Gap("half an answer"),)))
        return (*addresses, Reading("keepalived", text=runs, attributes=attributes), *cut(answer))
