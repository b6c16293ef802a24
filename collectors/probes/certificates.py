"""Certificates in files. What is served is asked elsewhere: `collectors.services.served`.

Only what stands between BEGIN CERTIFICATE and END CERTIFICATE leaves the host: such files often
hold the private key too.
"""

from __future__ import annotations

import re

from collectors.certificates import NoCertificate, reading_of
from collectors.probes.probe import cut, refusal, unreadable
from collectors.programs import script
from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading

_AT = re.compile(r"at ([A-Za-z0-9][\w.-]{0,63}) (/\S{0,1023})", re.ASCII)


class Certificates:
    """Readings as `collectors.certificates.reading_of` makes them, with source "file".

    A file that can't be read is a reading too, ("certificate", NAME, text="") with its "place" and
    in "gap" the reason, so that nobody takes its last certificate for its present one.
    """

    name = "certificates"
    cadence_ms = 60_000  # as what is served is asked: so both are of one minute
    deadline_ms = 20_000

    def command(self, host: Host) -> str:
        files = [
            part for each in host.asked.certificates if each.file for part in (each.name, each.file)
        ]
        return script("probes/certificates.sh", *files) if files else ""

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (refused,)
        found: list[Reading | Gap] = []
        at: tuple[str, str] | None = None
        lines: list[str] = []
        for line in [*answer.output.decode("utf-8", "backslashreplace").split("\n"), ""]:
            if line.startswith("| ") and at is not None:
                lines.append(line[2:])
                continue
            if match := _AT.fullmatch(line):
                found += _read(at, lines)
                at, lines = (match[1], clean(match[2], limit=256)), []
            elif line.startswith("! ") and at is not None:
                found.append(_missed(at, clean(line[2:], limit=120)))
                at = None
            elif line == "end":
                return (*found, *_read(at, lines), *cut(answer))
            else:
                return (*found, unreadable(line), *cut(answer))
        return (*found, *(cut(answer) or (Gap("half an answer"),)))


def _read(at: tuple[str, str] | None, lines: list[str]) -> list[Reading]:
    if at is None:
        return []
    if not lines:
        return [_missed(at, "no certificate in PEM form in it")]
    name, path = at
    try:
        return [reading_of("\n".join(lines).encode(), name, "file", path)]
    except NoCertificate as refused:
        return [_missed(at, str(refused))]


def _missed(at: tuple[str, str], why: str) -> Reading:
    name, path = at
    return Reading("certificate", name, attributes={"source": "file", "place": path, "gap": why})
