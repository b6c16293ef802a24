"""The clock: how far it is from the console's, and whether something keeps it right.

The host reads its clock at some moment between question and answer, so that the offset is known
within an interval only. The value is the offset that is proven: the end of the interval nearest to
zero, or zero where it spans zero. A slow link or a `date` in whole seconds so raises no alarm.
"""

from __future__ import annotations

import re

from collectors.probes.probe import cut, refusal, unreadable
from collectors.programs import program
from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading

_TIME = re.compile(r"time (\d{9,11})\.(\d{9}|%?N?)")
_NUMBER = re.compile(r"[-+]?\d{1,9}(?:\.\d{1,12})?")


class Clock:
    """Readings of the offset and of what keeps it small.

    ("offset_ms", value positive when the host is ahead) with "lowest_ms" and "highest_ms"; and,
    where a keeper of time answers, ("clock_synchronised", KEEPER, text="yes" or "no") whose value
    is the keeper's own estimate of the offset in ms, with "stratum" and "source". A keeper that
    never had a source, or follows nothing but its own clock, is not synchronised and has no offset.
    """

    name = "clock"
    cadence_ms = 60_000
    deadline_ms = 10_000

    def command(self, host: Host) -> str:
        return program("probes/clock.sh")

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (refused,)
        lines = answer.output.decode("utf-8", "backslashreplace").splitlines()
        first = lines[0] if lines else ""
        match = _TIME.fullmatch(first)
        offset = _offset(match, answer) if match else unreadable(first)
        return (offset, _keeper(" ".join(lines[1:])), *cut(answer))


def _offset(match: re.Match[str], answer: Answer) -> Reading:
    seconds, fraction = match.groups()
    precise = fraction.isdecimal()
    earliest = int(seconds) * 1000.0 + (int(fraction) / 1e6 if precise else 0.0)
    latest = earliest if precise else earliest + 1000.0
    # The console's own clock is read in whole milliseconds.
    lowest, highest = earliest - answer.answered_at - 1, latest - answer.asked_at
    proven = min(max(0.0, lowest), highest)
    return Reading("offset_ms", "", proven, "", {"lowest_ms": lowest, "highest_ms": highest})


def _keeper(line: str) -> Reading | Gap:
    word, _, rest = line.partition(" ")
    match word:
        case "chrony":
            return _chrony(rest)
        case "ntp":
            return _ntp(rest)
        case "timedatectl":
            return _timedatectl(rest)
        case "none":
            return Gap("neither chrony, ntp nor timedatectl answers for the clock")
        case _:
            return unreadable(line)


def _chrony(rest: str) -> Reading | Gap:
    """Its CSV: id, source, stratum, time, correction in s (positive: we are slow), ..., leap."""
    fields = rest.split(",")
    if len(fields) != 14 or not _NUMBER.fullmatch(fields[4]):
        return unreadable(rest)
    # 127.127.1.1 in hexadecimal is its `local` mode: in step with itself (chronyc(1), tracking).
    alone = fields[0] in ("7F7F0101", "00000000")
    locked = fields[13] != "Not synchronised" and not alone
    offset = float("nan") if alone else -1e3 * float(fields[4])
    return _synchronised("chrony", locked, offset, fields[2], fields[1])


def _ntp(rest: str) -> Reading | Gap:
    """ntpq's rv: leap=00, stratum=3, offset=0.123, refid=192.0.2.1; ms, positive: we are slow."""
    said = dict(re.findall(r"(\w{1,16})=([^,\s]{1,64})", rest))
    if not {"leap", "stratum", "offset"} <= said.keys() or not _NUMBER.fullmatch(said["offset"]):
        return unreadable(rest)
    locked = said["leap"] not in ("3", "11") and said["stratum"] != "16"
    offset = -float(said["offset"]) if locked else float("nan")
    return _synchronised("ntp", locked, offset, said["stratum"], said.get("refid", ""))


def _timedatectl(rest: str) -> Reading | Gap:
    said = dict(re.findall(r"(\w{1,16})=(\w{1,8})", rest))
    if "NTPSynchronized" not in said:
        return unreadable(rest)
    keeper = "systemd-timesyncd" if said.get("NTP") == "yes" else "kernel"
    return _synchronised(keeper, said["NTPSynchronized"] == "yes", float("nan"), "", "")


def _synchronised(
    keeper: str, locked: bool, offset_ms: float, stratum: str, source: str
) -> Reading:
    attributes: dict[str, float | str] = {}
    if stratum.isdecimal() and len(stratum) < 4:
        attributes["stratum"] = float(stratum)
    if source:
        attributes["source"] = clean(source, limit=64)
    return Reading("clock_synchronised", keeper, offset_ms, "yes" if locked else "no", attributes)
