"""systemd units: what failed, what runs, and what is wanted but does not run."""

from __future__ import annotations

import re
from collections.abc import Mapping

from collectors.probes.probe import cut, refusal, unreadable
from collectors.programs import program
from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading

_SHOWN_STATES = ("active", "activating", "deactivating", "reloading", "refreshing", "failed")
#: The uptime is read first, and a unit may change before it is asked about.
_ASKED_WITHIN_SECONDS = 15.0
_UNIT = re.compile(r"[!-~]{1,255}\.[a-z]{3,12}")


class Units:
    """Readings ("unit", NAME, text=STATE), worst first.

    STATE is systemd's: "active", "activating", "reloading", "failed", or "inactive" for a service
    that is enabled and does not run (nothing triggers it, its conditions hold, and it is not of
    the kind that ends by itself). Attributes: "sub", "result" and "since_seconds", where known.
    """

    name = "units"
    cadence_ms = 60_000
    deadline_ms = 15_000

    def command(self, host: Host) -> str:
        return program("probes/units.sh")

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (_why(answer) or refused,)
        head, *blocks = answer.output.decode("utf-8", "backslashreplace").split("\n\n")
        first, *failed = head.splitlines() or [""]
        uptime = _uptime(first)
        if uptime is None:
            return (unreadable(first),)
        if not blocks or blocks[-1].strip() != "end":
            return cut(answer) or (unreadable(blocks[-1] if blocks else head),)
        units = {}
        for line in failed:
            name = next((word for word in line.split() if _UNIT.fullmatch(word)), "")
            if name:
                units[name] = Reading("unit", clean(name), text="failed")
        for block in blocks[:-1]:
            reading = _service(block, uptime)
            if reading is not None:
                units[reading.subject] = reading
        return tuple(sorted(units.values(), key=lambda each: (_badness(each), each.subject)))


def _service(block: str, uptime: float) -> Reading | None:
    unit: Mapping[str, str] = dict(
        pair for line in block.splitlines() if len(pair := line.split("=", 1)) == 2
    )
    name, state = clean(unit.get("Id", ""), limit=255), unit.get("ActiveState", "")
    if not name or not (state in _SHOWN_STATES or _wanted(unit)):
        return None
    attributes: dict[str, float | str] = {}
    for key, of in (("sub", "SubState"), ("result", "Result")):
        if unit.get(of):
            attributes[key] = clean(unit[of], limit=64)
    stamp = unit.get("StateChangeTimestampMonotonic", "")
    if stamp.isdecimal() and len(stamp) < 18 and int(stamp) > 0:
        since = uptime - int(stamp) / 1e6
        # In a container that has an uptime of its own the stamps are still the machine's.
        if since > -_ASKED_WITHIN_SECONDS:
            attributes["since_seconds"] = max(0.0, since)
    return Reading("unit", name, text=clean(state, limit=64), attributes=attributes)


def _wanted(unit: Mapping[str, str]) -> bool:
    """Enabled, and nothing says that it may rest."""
    return (
        unit.get("ActiveState") == "inactive"
        and unit.get("UnitFileState") == "enabled"
        and unit.get("LoadState") == "loaded"
        and unit.get("Type") != "oneshot"
        and _may_start(unit)
        and not unit.get("TriggeredBy")
    )


def _may_start(unit: Mapping[str, str]) -> bool:
    """Whether its conditions held, or nobody has looked at them yet though every boot should."""
    if unit.get("ConditionTimestampMonotonic") == "0":
        return "multi-user.target" in unit.get("WantedBy", "").split()
    return unit.get("ConditionResult") != "no"


def _badness(unit: Reading) -> int:
    return {"failed": 0, "inactive": 1}.get(unit.text, 2)


def _uptime(line: str) -> float | None:
    match = re.fullmatch(r"uptime (\d{1,12}(?:\.\d{1,3})?)", line)
    return float(match[1]) if match else None


def _why(answer: Answer) -> Gap | None:
    """One short reason for what systemctl explains in two lines."""
    return Gap("no systemd") if b"not been booted with systemd" in answer.output else None
