"""Configuration: digests of the files that the estate names. What is in them stays on the host."""

from __future__ import annotations

import re

from collectors.probes.probe import cut, refusal, unreadable
from collectors.programs import script
from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading

#: A path as the estate's grammar allows it: nothing in it acts on a terminal.
_AT = re.compile(r"at (/[\w.,@:+=%~/-]{0,1023})", re.ASCII)
_DIGEST = re.compile(r"([0-9a-f]{64}) [ *]\S+", re.ASCII)


class Configuration:
    """Readings ("file", PATH, text=SHA-256 in hexadecimal), "" where there is no such file.

    Attribute: "gap" where nobody could look.
    """

    name = "configuration"
    cadence_ms = 600_000
    deadline_ms = 30_000

    def command(self, host: Host) -> str:
        files = host.asked.configuration
        return script("probes/configuration.sh", *files) if files else ""

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (refused,)
        lines = answer.output.decode("utf-8", "backslashreplace").splitlines()
        if not lines or lines[-1] != "end":
            return cut(answer) or (unreadable(lines[-1] if lines else ""),)
        found: list[Reading | Gap] = []
        path = ""
        for line in lines[:-1]:
            if match := _AT.fullmatch(line):
                path = match[1]
            else:
                found.append(_read(path, line) if path else unreadable(line))
                path = ""
        return (*found, *cut(answer))


def _read(path: str, line: str) -> Reading:
    if match := _DIGEST.fullmatch(line):
        return Reading("file", path, text=match[1])
    if line == "none":
        return Reading("file", path)
    why = line.removeprefix("! ") if line.startswith("! ") else f"it says {line!r}"
    return Reading("file", path, attributes={"gap": clean(why, limit=120)})
