"""HAProxy by its stats socket: backends, servers, sessions, queues (its Management Guide, 9)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan

from collectors.probes.probe import cut, refusal, unreadable
from collectors.programs import script
from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading

#: Server states that somebody asked for: work goes elsewhere by intent.
_BY_INTENT = ("MAINT", "DRAIN", "NOLB")

#: Servers of a backend that are named, of those that are down, and of those that were taken out.
MOST_NAMES = 32


class Haproxy:
    """Readings ("haproxy", text=VERSION) and per backend ("backend", NAME, servers that are up),
    with "servers", "drained", "sessions", "queued", in "down" and "out" the names of those that are
    down and drained, and in "status" what HAProxy says of the backend: it is DOWN where every
    server was taken out, too.
    """

    name = "haproxy"
    cadence_ms = 15_000
    deadline_ms = 10_000

    def command(self, host: Host) -> str:
        asked = host.asked.haproxy
        return "" if asked is None else script("probes/haproxy.sh", asked.socket, asked.user)

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (refused,)
        said = answer.output.decode("utf-8", "backslashreplace").replace("\r", "")
        info, found, table = said.partition("\n\n# pxname,")
        if not found:
            return (unreadable(said.strip().partition("\n")[0]), *cut(answer))
        if not table.endswith("\n\n"):  # an answer ends with an empty line
            return cut(answer) or (Gap("the socket closed before it had said everything"),)
        facts = dict(line.split(": ", 1) for line in info.splitlines() if ": " in line)
        version = clean(facts.get("Version", ""), limit=64)
        backends: dict[str, _Backend] = {}
        try:
            for row in csv.DictReader(f"pxname,{table}".splitlines()):
                if row.get("svname") not in (None, "FRONTEND"):
                    name = clean(row["pxname"] or "", limit=128)
                    backends.setdefault(name, _Backend()).take(row)
        except csv.Error as error:
            return (Gap(f"not understood: {error}"), *cut(answer))
        readings = (backend.reading(name) for name, backend in backends.items())
        return (Reading("haproxy", text=version), *readings, *cut(answer))


@dataclass(slots=True)
class _Backend:
    """A backend while its rows are read: servers first, then its own."""

    up: int = 0
    servers: int = 0
    out: list[str] = field(default_factory=list)
    down: list[str] = field(default_factory=list)
    sessions: float = nan
    queued: float = nan
    status: str = ""

    def take(self, row: Mapping[str, str | None]) -> None:
        status = row.get("status") or ""
        if row.get("svname") == "BACKEND":
            self.sessions, self.queued = _count(row.get("scur")), _count(row.get("qcur"))
            self.status = clean(status, limit=64)
            return
        self.servers += 1
        name = clean(row.get("svname") or "", limit=64)
        if status.startswith(_BY_INTENT):
            self.out.append(name)
        elif status.startswith(("UP", "no check")):  # "UP 1/3" is on its way down, and serves
            self.up += 1
        else:
            self.down.append(name)

    def reading(self, name: str) -> Reading:
        attributes: dict[str, float | str] = {
            "servers": float(self.servers),
            "drained": float(len(self.out)),
            "sessions": self.sessions,
            "queued": self.queued,
        }
        if self.status:
            attributes["status"] = self.status
        for key, names in (("down", self.down), ("out", self.out)):
            if names:
                attributes[key] = ",".join(names[:MOST_NAMES])
        return Reading("backend", name, float(self.up), attributes=attributes)


def _count(text: str | None) -> float:
    return float(text) if text and text.isascii() and text.isdecimal() and len(text) < 16 else nan
