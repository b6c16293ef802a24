"""Disks: file systems that turned read-only, and what SMART says where it can be read.

How full they are comes with the samples; this is what changes once in a disk's life.
"""

from __future__ import annotations

import re

from collectors.probes.probe import cut, refusal, unreadable
from collectors.programs import program
from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading

_MOUNT = re.compile(r"mount (ro|rw) (\S{1,32}) (\S{1,1024}) (\S{1,1024})")
_SMART = re.compile(r"smart (\S{1,32}) (.{1,200})")
_OCTAL = re.compile(r"\\([0-3][0-7]{2})")


class Disks:
    """Readings of mounts and, where SMART can be read, of disks.

    ("mount", PATH, text="rw" or "ro") with "device" and "type"; ("smart", DISK, text=VERDICT) in
    smartctl's words ("PASSED", "OK", "FAILED!"), a Gap for a disk that may not be read.
    """

    name = "disks"
    cadence_ms = 300_000
    deadline_ms = 20_000

    def command(self, host: Host) -> str:
        return program("probes/disks.sh")

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (refused,)
        readings: list[Reading | Gap] = []
        for line in answer.output.decode("utf-8", "backslashreplace").splitlines():
            readings.append(_read(line))
            if isinstance(readings[-1], Gap) and not line.startswith("smart "):
                break
        return (*readings, *cut(answer))


def _read(line: str) -> Reading | Gap:
    match = _MOUNT.fullmatch(line)
    if match:
        mode, kind, device, mount = match.groups()
        attributes = {"device": _path(device), "type": clean(kind)}
        return Reading("mount", _path(mount), text=mode, attributes=attributes)
    match = _SMART.fullmatch(line)
    if match is None:
        return unreadable(line)
    disk, verdict = (clean(part, limit=64) for part in match.groups())
    if verdict.startswith(("PASSED", "OK", "FAIL", "STANDBY")):
        return Reading("smart", disk, text=verdict)
    return Gap(f"SMART of {disk}: {verdict}")


def _path(text: str) -> str:
    """A path as /proc/mounts spells it, blanks in octal."""
    return clean(_OCTAL.sub(lambda octal: chr(int(octal[1], 8)), text), limit=256)
