"""What probes of queues are told in tests, and what they make of it.

Cases are of the lab's hosts (Postfix 3.7, Exim 4.96, RabbitMQ 3.10, Redis 7.0); raw-* is what the
servers' own programs said there.
"""

from __future__ import annotations

import shutil
from math import isnan
from pathlib import Path

from collectors.probes import PROBES
from collectors.runner import Answer
from estate.model import Host
from estate.queues import DeclaredQueue
from estate.samples import Gap, Reading

CASES = Path(__file__).parent / "cases"


NOW = 1_795_193_600


def host(kind: str, **parts) -> Host:
    return Host("h", "s", ("g",), queues=(DeclaredQueue(kind, "g", **parts),))


def parsed(kind: str, output: bytes, status: int = 0, *, truncated: bool = False):
    at = NOW * 1000
    return PROBES[kind].parse(Answer(kind, status, output, truncated, at, at))


def case(name: str):
    return parsed(name.partition("-")[0], (CASES / name).read_bytes())


def depths(readings) -> dict[str, float]:
    return {
        r.subject: r.value
        for r in readings
        if isinstance(r, Reading) and r.name == "queue" and "gap" not in r.attributes
    }


def oldest(readings) -> dict[str, float]:
    return {
        r.subject: r.attributes["oldest_seconds"]
        for r in readings
        if isinstance(r, Reading) and "oldest_seconds" in r.attributes
    }


def destinations(readings) -> list[tuple[str, str, float, float]]:
    return [
        (r.subject, r.text, r.value, r.attributes["seen"])
        for r in readings
        if isinstance(r, Reading) and r.name == "destination"
    ]


def gaps(readings) -> list[str]:
    return [r.reason for r in readings if isinstance(r, Gap)]


def unread(readings) -> list[tuple[str, str]]:
    return [
        (r.subject, str(r.attributes["gap"]))
        for r in readings
        if isinstance(r, Reading) and "gap" in r.attributes and isnan(r.value)
    ]


AWKS = [awk for awk in ("mawk", "gawk", "busybox") if shutil.which(awk)]


def with_awk(awk: str) -> dict[str, str]:
    program = "busybox awk" if awk == "busybox" else awk
    return {"awk": f'exec {program} "$@"', "date": f"echo {NOW}"}


def printing(raw: str) -> str:
    return f"cat {CASES / raw}"
