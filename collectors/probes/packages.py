"""Packages: what waits, what of it mends a hole, whether a restart is due. Never refreshes."""

from __future__ import annotations

import re
from math import nan

from collectors.probes.probe import cut, refusal, unreadable
from collectors.programs import program
from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading

_LINE = re.compile(
    r"release (?P<release>.{0,200})|kernel (?P<kernel>\S{1,128})|system (?P<system>apt|dnf)"
    r"|pending (?P<pending>\d{1,6}) (?P<security>-|\d{1,6})"
    r"|name (?:security|other) (?P<name>\S{1,128})"
    r"|installed (?P<digest>[0-9a-f]{0,16}) (?P<count>\d{1,7})"
    r"|reboot (?P<reboot>yes|no|unknown)"
    r"|now (?P<now>\d{9,11}) (?P<listed>-|\d{1,11}) (?P<applied>-|\d{1,11})|(?P<end>end)",
    re.ASCII,
)


class Packages:
    """One reading ("packages", "apt" or "dnf", how many wait, text=restart due: yes, no, unknown).

    Attributes: "security" (NaN where advisories can't be asked), "installed" (a digest of all
    packages with their versions), "packages" (how many), "release", "kernel", "names" of what
    waits, with commas, security first, and the ages in seconds by the host's own clock:
    "listed_ago", "applied_ago", absent where nobody knows.
    """

    name = "packages"
    cadence_ms = 3_600_000
    deadline_ms = 45_000

    def command(self, host: Host) -> str:
        return program("probes/packages.sh") if host.asked.packages else ""

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (refused,)
        said: dict[str, str] = {}
        names: list[str] = []
        for line in answer.output.decode("utf-8", "backslashreplace").splitlines():
            match = _LINE.fullmatch(line)
            if match is None:
                return (unreadable(line), *cut(answer))
            facts = {key: value for key, value in match.groupdict().items() if value is not None}
            if name := facts.pop("name", ""):
                names.append(clean(name))
            said.update(facts)
        if not {"end", "system", "pending", "security", "reboot", "now"} <= said.keys():
            return cut(answer) or (Gap("half an answer"),)
        attributes: dict[str, float | str] = {
            "security": nan if said["security"] == "-" else float(said["security"]),
            "installed": said.get("digest", ""),
            "packages": float(said["count"]) if "count" in said else nan,
            "release": clean(said.get("release", ""), limit=128),
            "kernel": clean(said.get("kernel", ""), limit=128),
            "names": ",".join(name.replace(",", "?") for name in names),
        }
        for key in ("listed", "applied"):
            if said[key] != "-":
                attributes[f"{key}_ago"] = float(max(0, int(said["now"]) - int(said[key])))
        pending = float(said["pending"])
        reading = Reading("packages", said["system"], pending, said["reboot"], attributes)
        return (reading, *cut(answer))
