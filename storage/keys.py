"""Where a row lies: one integer made of time, host and metric.

Every table of samples is ordered by such a key and by nothing else. Time comes first, so that new
rows are always appended at the end (full pages, few of them touched by a tick) and old ones are
dropped as one run; within a moment a host's rows lie together, so that a chart is a short list of
seeks. An ordinary primary key of (host, time) would touch one page for each host at every tick,
and leave the pages two thirds full; a key of its own with an index beside it costs 15 bytes a row.

Layouts, most significant bits first:

    tick    slot of 10 s: 29 bits | host: 20 | milliseconds within the slot: 14
    hour    hour: 24              | host: 20
    column  hour (or day): 24     | host: 20 | metric: 8

The tables carry the parts as generated columns, so that a person reads them in plain SQL.
"""

from __future__ import annotations

MINUTE_MS = 60_000
TEN_MINUTES_MS = 600_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000

SLOT_MS = 10_000
#: The first millisecond that no longer fits into a key (the year 2140).
END_OF_TIME = (1 << 29) * SLOT_MS
MOST_HOSTS = 1 << 20
NO_HOST = 0  # hosts count from 1
MOST_METRICS = 1 << 8


def tick_key(host: int, at: int) -> int:
    """Key of one sample of one host, `at` in UTC milliseconds."""
    slot, within = divmod(at, SLOT_MS)
    return (slot << 20 | host) << 14 | within


def tick_time(key: int) -> int:
    """UTC milliseconds of the sample under `key`."""
    return (key >> 34) * SLOT_MS + (key & 0x3FFF)


def tick_floor(at: int) -> int:
    """The least key of the slot that `at` lies in."""
    return at // SLOT_MS << 34


def hour_key(hour: int, host: int) -> int:
    """Key of one host's hour; `hour` counts from 1970."""
    return hour << 20 | host


def column_key(span: int, host: int, metric: int) -> int:
    """Key of one metric of one host over one span; `span` counts hours or days from 1970."""
    return (span << 20 | host) << 8 | metric
