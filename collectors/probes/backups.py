"""Backups: the age and size of the newest copy, from files or from a command of the estate."""

from __future__ import annotations

import re
from math import nan

from collectors.probes.probe import cut, refusal, unreadable
from collectors.programs import script
from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading

_AT = re.compile(r"at ([A-Za-z0-9][\w.-]{0,63})", re.ASCII)
_NEWEST = re.compile(r"newest (\d{1,11}) (-|\d{1,18}) (\d{1,9}) (.{1,1024})", re.ASCII)
_SAYS = re.compile(r"says (\d{9,11})(?:\.\d{1,9})?(?:\s+(\d{1,18}))?\s*", re.ASCII)
_NOW = re.compile(r"now (\d{9,11})", re.ASCII)

#: File servers have clocks of their own, which may be a little ahead.
MOST_AHEAD_SECONDS = 300


class Backups:
    """Readings ("backup", NAME, seconds since the newest copy was written), by the host's clock.

    Attributes: "bytes", "copies" and "place" where known; "copies" 0 where there is none; "gap"
    where nobody could look, or the newest is of a time that is still to come: a clock was wrong
    when it was written, and nobody knows how old it is.
    """

    name = "backups"
    cadence_ms = 300_000
    deadline_ms = 30_000

    def command(self, host: Host) -> str:
        parts: list[str] = []
        for each in host.asked.backups:
            kind, what = ("files", each.files) if each.files else ("command", each.command)
            parts += (each.name, kind, what)
        return script("probes/backups.sh", *parts) if parts else ""

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (refused,)
        lines = answer.output.decode("utf-8", "backslashreplace").splitlines()
        now = next((int(match[1]) for line in lines if (match := _NOW.fullmatch(line))), None)
        if now is None or lines[-1] != "end":
            return cut(answer) or (unreadable(lines[-1] if lines else ""),)
        found: list[Reading | Gap] = []
        name = ""
        for line in lines:
            if match := _AT.fullmatch(line):
                name = match[1]
            elif not (line == "end" or _NOW.fullmatch(line)):
                found.append(_read(name, line, now) if name else unreadable(line))
                name = ""
        return (*found, *cut(answer))


def _read(name: str, line: str, now: int) -> Reading:
    attributes: dict[str, float | str] = {}
    if match := _NEWEST.fullmatch(line):
        written, size, copies, place = match.groups()
        attributes = {"copies": float(copies), "place": clean(place, limit=256)}
    elif match := _SAYS.fullmatch(line):
        written, size = match[1], match[2] or "-"
    elif line == "none":
        return Reading("backup", name, attributes={"copies": 0.0})
    else:
        why = line[2:] if line.startswith("! ") else f"it says {line.removeprefix('says ')!r}"
        return Reading("backup", name, nan, attributes={"gap": clean(why, limit=120)})
    if size != "-":
        attributes["bytes"] = float(size)
    ahead = int(written) - now
    if ahead > MOST_AHEAD_SECONDS:
        attributes["gap"] = f"the newest copy is of {ahead:,} s in the future, by the host's clock"
        return Reading("backup", name, nan, attributes=attributes)
    return Reading("backup", name, float(max(0, now - int(written))), attributes=attributes)
