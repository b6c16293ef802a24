"""The rules that hold: thresholds, times of work, what is kept, who may, how hosts are reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from estate.error import InputError
from estate.fields import HOST_FIELDS, PROBLEM_FIELDS
from estate.grammar.words import HOST_NAME, HOUR_MS, MINUTE_MS, NAME, WORDS, FilterText, duration
from estate.model import Maintenance, Rehearsal, Retention, Shift, Ssh, Threshold, Vantage
from estate.quantities import ALLOWED, quantity
from estate.shapes import (
    Built,
    Choice,
    DictOf,
    Either,
    Key,
    ListOf,
    Reading,
    Record,
    Refers,
    Shape,
    Text,
    Truth,
    Whole,
)
from estate.strict import Node
from estate.thresholds import DEFAULTS, JUDGED

# ── thresholds ──


def _ordered(warn: float, critical: float, above: bool) -> bool:
    return warn <= critical if above else warn >= critical


def _threshold_shape(metric: str) -> Shape[tuple[Threshold, ...]]:
    """Thresholds of one metric: a record, a list of them for different hosts, or off."""
    default = next((each for each in DEFAULTS if each.metric == metric), None)
    unit = JUDGED[metric].unit

    def parse(text: str) -> float:
        value = quantity(text, unit)
        if unit == "%" and value > 100:  # nothing is: it would never be a problem
            raise InputError(f"{text!r} is more than all of it", "write 100% or less")
        return value

    limit: Text[float] = Text(parse, ALLOWED[unit])

    def build(
        warn: float | None = None, critical: float | None = None, hold_ms: int | None = None,
        when: str = "", where: str = "",
    ) -> Threshold:  # fmt: skip
        above = when == "above" if when else (default.above if default else True)
        if warn is None and critical is None:
            raise InputError("a threshold without a limit", "add warn or critical, or write off")
        if warn is not None and critical is not None and not _ordered(warn, critical, above):
            raise InputError("critical comes before warn", "swap them")
        hold = hold_ms if hold_ms is not None else default.hold_ms if default else MINUTE_MS
        return Threshold(metric, warn, critical, hold, above, where)

    record = Record(
        f"thresholds of {metric}", build,
        (
            Key("warn", limit),
            Key("critical", limit),
            Key("hold", duration(0, 24 * HOUR_MS), "hold_ms"),
            Key("when", Choice(("above", "below"))),
            Key("where", FilterText(HOST_FIELDS)),
        ),
    )  # fmt: skip
    one = Built(record, lambda threshold, _node, _reading: (threshold,))
    none = Built(
        Choice(("off",)), lambda _off, _node, _reading: (Threshold(metric, None, None, 0),)
    )
    return Either(text=none, mapping=one, list=ListOf(record))


def _thresholds(**by_metric: tuple[Threshold, ...]) -> tuple[Threshold, ...]:
    return tuple(threshold for each in by_metric.values() for threshold in each)


def _by_default(metric: str) -> str:
    """What a metric is, and how it is judged where the file says nothing."""
    title = JUDGED[metric].title
    for each in DEFAULTS:
        if each.metric == metric:
            limits = ((each.warn, "warning"), (each.critical, "critical"))
            side = "above" if each.above else "below"
            said = ", ".join(
                f"{word} {side} {limit:g}" for limit, word in limits if limit is not None
            )
            return f"{title}; by default {said}, held for {each.hold_ms // 1000} s"
    return f"{title}; not judged by default"


THRESHOLDS = Record(
    "thresholds",
    _thresholds,
    tuple(Key(metric, _threshold_shape(metric), words=_by_default(metric)) for metric in JUDGED),
)


# ── time ──

_DAY = 24 * 60  # minutes


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    if int(hours) * 60 + int(minutes) > 24 * 60 or int(minutes) > 59:
        raise InputError(f"{text!r} is no time of day", "write 00:00 to 24:00")
    return int(hours) * 60 + int(minutes)


def _span(text: str) -> tuple[int, int]:
    start, _, end = text.partition("-")
    return _minutes(start.strip()) % _DAY, _minutes(end.strip()) % _DAY


SPAN = Text(_span, "a span of the day such as 20:00-08:00", r"\d{1,2}:\d{2} ?- ?\d{1,2}:\d{2}")


def _shifts(spans: Mapping[str, tuple[int, int]], *_: object) -> tuple[Shift, ...]:
    shifts = tuple(Shift(name, starts, ends) for name, (starts, ends) in spans.items())
    for one, other in combinations(shifts, 2):
        if _minutes_from(one, other.starts) or _minutes_from(other, one.starts):
            what = f"shifts {one.name!r} and {other.name!r} overlap"
            raise InputError(what, "let one begin where the other ends")
    return shifts


def _minutes_from(shift: Shift, minute: int) -> int:
    """How much of a shift is left at a minute of the day; 0 where it is not on duty then."""
    lasts = (shift.ends - shift.starts) % _DAY or _DAY
    return max(0, lasts - (minute - shift.starts) % _DAY)


#: Who is on duty when: `{day: 08:00-20:00, night: 20:00-08:00}`.
SHIFTS = Built(DictOf(NAME, SPAN, "shifts"), _shifts)


def _handover(*, every_shift: bool = False) -> bool:
    return every_shift


#: Whether a handover is offered at each change of shift: `{every_shift: true}`.
HANDOVER = Record("handovers", _handover, (Key("every_shift", Truth()),))


def _rehearsal(nightly: tuple[int, int] | None = None, **parts: int) -> Rehearsal:
    if nightly is not None:
        parts["starts"], parts["ends"] = nightly
    return Rehearsal(**parts)


#: When standby hosts are asked, once a night, and how old a drill may grow.
REHEARSAL = Record(
    "a rehearsal", _rehearsal,
    (
        Key("nightly", SPAN),
        Key("drill_every", duration(24 * HOUR_MS, 3660 * 24 * HOUR_MS), "drill_every_ms"),
    ),
)  # fmt: skip


def _moment(text: str, _node: Node, reading: Reading) -> int:
    """A local time, or one with its offset, as UTC ms."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no time", "write 2026-11-21 22:00") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(reading.zone))
        offsets = {moment.replace(fold=fold).utcoffset() for fold in (0, 1)}
        if len(offsets) > 1:  # the clocks are set forward or back: that hour is missing or double
            raise InputError(
                f"{text!r} is missing or double in {reading.zone}",
                f"add the offset from UTC: {text}{_offset(max(o for o in offsets if o))}",
            )
    return int(moment.timestamp() * 1000)


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


MOMENT = Built(Text(str, "a time such as 2026-11-21 22:00"), _moment)


def _maintenance(**parts: Any) -> Maintenance:
    window = Maintenance(**parts)
    if window.starts >= window.ends:
        raise InputError("maintenance ends before it starts", "swap starts and ends")
    return window


MAINTENANCE = Record(
    "maintenance", _maintenance,
    (
        Key("where", FilterText({**PROBLEM_FIELDS, **HOST_FIELDS}), required=True),
        Key("starts", MOMENT, required=True),
        Key("ends", MOMENT, required=True),
        Key("reason", WORDS),
        Key("owner", WORDS),
    ),
)  # fmt: skip


def _retention(**parts: Any) -> Retention:
    kept = Retention(**parts)
    tiers = (kept.hot_ms, kept.chunks_ms, kept.minutes_ms, kept.ten_minutes_ms)
    if list(tiers) != sorted(tiers):
        what = "a finer tier is kept longer than a coarser one"
        raise InputError(what, "keep hot ≤ samples ≤ minutes ≤ ten_minutes")
    return kept


_YEARS = 10 * 366 * 24 * HOUR_MS
RETENTION = Record(
    "retention", _retention,
    (
        Key("hot", duration(HOUR_MS, 48 * HOUR_MS), "hot_ms"),
        Key("samples", duration(HOUR_MS, _YEARS), "chunks_ms"),
        Key("minutes", duration(HOUR_MS, _YEARS), "minutes_ms"),
        Key("ten_minutes", duration(HOUR_MS, _YEARS), "ten_minutes_ms"),
        Key("events", duration(HOUR_MS, _YEARS), "events_ms"),
    ),
)  # fmt: skip


# ── access ──

ROLES = ("viewer", "contractor", "operator", "approver", "auditor")
UNIX_GROUP = Text(str, "a Unix group", r"[A-Za-z_][\w.@$-]{0,63}")


def _some(value: str, _node: Node, _reading: Reading) -> tuple[str, ...]:
    return (value,)


def _one_or_several(shape: Text[str]) -> Shape[tuple[str, ...]]:
    return Either(text=Built(shape, _some), list=ListOf(shape))


ROLE_GROUPS: Record[Mapping[str, tuple[str, ...]]] = Record(
    "roles", dict, tuple(Key(r, _one_or_several(UNIX_GROUP)) for r in ROLES)
)
SSH = Record(
    "ssh", Ssh,
    (
        Key("config", WORDS),
        Key("known_hosts", _one_or_several(WORDS)),
        Key("connect_at_once", Whole(1, 1000)),
        Key("per_jump", Whole(1, 1000)),
        Key("connect_timeout", duration(100, 5 * MINUTE_MS), "connect_timeout_ms"),
    ),
)  # fmt: skip


# ── vantages ──

VANTAGE = Record(
    "a vantage", Vantage,
    (Key("host", Refers("host", HOST_NAME), required=True), Key("command", WORDS)),
)  # fmt: skip
