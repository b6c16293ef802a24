"""A vantage's journal as lines between two watches: what one prints, the other reads. Pure.

A line is a JSON object: a sighting, or the time at which the vantage stands (`now`), which says
that it is still there and how its clock goes. What comes over the wire is another machine's word:
it is checked whole before any of it is believed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isfinite
from typing import Any

from estate.clean import clean
from estate.ledger.rounds import Seen
from estate.ledger.sightings import Sighting

#: A line is no longer than this; a cause is cut to the second.
LONGEST_LINE = 4_096
LONGEST_CAUSE = 400
#: Cadences that an estate may name, and the longest run that is believed in one line.
_LEAST_EVERY_MS, _MOST_EVERY_MS = 1_000, 86_400_000
_LONGEST_RUN_MS = 400 * 86_400_000
_END_OF_TIME = 1 << 52
_SEQ = 1 << 62


class Untold(ValueError):  # noqa: N818 - a fact about what was told
    """A line that no journal has; the text says why, in a few words."""


@dataclass(frozen=True, slots=True)
class Present:
    """The vantage is there: what its clock says, that all up to `seq` was told, and which watch it
    is: one must not be its own second witness."""

    now: int
    seq: int
    watch: str = ""


def line(said: Sighting | Present) -> str:
    """One line, without its end."""
    if isinstance(said, Present):
        return json.dumps({"now": said.now, "seq": said.seq, "watch": said.watch})
    told: dict[str, object] = {
        "seq": said.seq, "service": said.service, "at": said.at, "until": said.until,
        "every_ms": said.every_ms, "seen": str(said.seen),
    }  # fmt: skip
    if said.milliseconds is not None and isfinite(said.milliseconds):
        told["milliseconds"] = said.milliseconds
    if said.cause:
        told["cause"] = said.cause[:LONGEST_CAUSE]
    return json.dumps(told)


def read_line(raw: bytes, vantage: str) -> Sighting | Present:
    """What a line of `vantage` says, cleaned. Raises Untold."""
    if len(raw) > LONGEST_LINE:
        raise Untold(f"a line of more than {LONGEST_LINE} bytes")
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        raise Untold(f"not a line of a journal: {clean(raw.strip(), limit=80)!r}") from None
    if not isinstance(said, dict):
        raise Untold("a line that is no object")
    if "now" in said:
        return Present(
            _whole(said, "now", 0, _END_OF_TIME),
            _whole(said, "seq", 0, _SEQ),
            _text(said, "watch", ""),
        )
    return _sighting(said, vantage)


def _sighting(said: dict[str, Any], vantage: str) -> Sighting:
    every = _whole(said, "every_ms", _LEAST_EVERY_MS, _MOST_EVERY_MS)
    at = _whole(said, "at", 0, _END_OF_TIME)
    until = _whole(said, "until", at, at + _LONGEST_RUN_MS)
    if (until - at) % every:
        raise Untold("a run that does not end with a round")
    try:
        seen = Seen(str(said.get("seen")))
    except ValueError:
        raise Untold("a round that saw neither good nor bad") from None
    return Sighting(
        service=_text(said, "service"),
        vantage=vantage,
        at=at,
        until=until,
        every_ms=every,
        seen=seen,
        seq=_whole(said, "seq", 0, _SEQ),
        milliseconds=_milliseconds(said.get("milliseconds")),
        cause=_text(said, "cause", ""),
    )


def _whole(said: dict[str, Any], key: str, least: int, most: int) -> int:
    value = said.get(key)
    if type(value) is not int or not least <= value <= most:
        raise Untold(f"{key} is no number from {least} to {most}")
    return value


def _text(said: dict[str, Any], key: str, otherwise: str | None = None) -> str:
    value = said.get(key, otherwise)
    if not isinstance(value, str):
        raise Untold(f"{key} is no text")
    return clean(value, limit=LONGEST_CAUSE)


def _milliseconds(value: object) -> float | None:
    """How long it took; None where that is not known, or can't be."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < _MOST_EVERY_MS else None  # and no NaN
