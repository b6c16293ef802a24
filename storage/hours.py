"""One host's hour as it lies in the file: as ticks while it is hot, then as columns.

What is damaged reads as a gap, so that one bad page costs an hour and not the chart;
`Records.check` names it.
"""

from __future__ import annotations

from array import array
from contextlib import suppress

from storage import keys
from storage.columns import NAN, grow, numbers, raw, shrink
from storage.database import Connection

_SLOTS_OF_HOUR = keys.HOUR_MS // keys.SLOT_MS


def ticks_of_hour(connection: Connection, hour: int, host: int) -> dict[int, bytes]:
    """One host's ticks of an hour: milliseconds within it → packed values, ascending."""
    first = hour * _SLOTS_OF_HOUR
    return {
        keys.tick_time(key) - hour * keys.HOUR_MS: packed
        for key, packed in select_ticks(connection, host, first, first + _SLOTS_OF_HOUR - 1)
    }


def select_ticks(
    connection: Connection, host: int, first: int, last: int
) -> list[tuple[int, bytes]]:
    """(key, packed) of one host's ticks from slot `first` to `last`: one seek a slot."""
    return connection.execute(
        "WITH RECURSIVE slots(slot) AS (VALUES(:first) UNION ALL"
        " SELECT slot + 1 FROM slots WHERE slot < :last)"
        " SELECT key, packed FROM slots CROSS JOIN ticks"
        " ON key BETWEEN (slot << 20 | :host) << 14 AND (slot << 20 | :host) << 14 | 16383",
        {"first": first, "last": last, "host": host},
    ).fetchall()


def read_hour(connection: Connection, hour: int, host: int) -> dict[int, bytes]:
    """One host's compacted hour as ticks again: milliseconds within it → packed values."""
    row = connection.execute(
        "SELECT metrics, stamps FROM hours WHERE key = ?", (keys.hour_key(hour, host),)
    ).fetchone()
    if row is None:
        return {}
    width, stamps = row[0], readable_stamps(row[1])
    flat = array("f", [NAN]) * (width * len(stamps))
    for key, packed in connection.execute(
        "SELECT key, packed FROM chunks WHERE key BETWEEN ? AND ?",
        (keys.column_key(hour, host, 0), keys.column_key(hour, host, width - 1)),
    ):
        with suppress(ValueError):
            flat[key & 0xFF :: width] = numbers(grow(packed))
    return {stamp: raw(flat[row * width : (row + 1) * width]) for row, stamp in enumerate(stamps)}


def stamps_of(connection: Connection, host: int, first_hour: int) -> dict[int, list[int]]:
    """When one host was sampled, of each of its compacted hours from `first_hour` on."""
    return {
        key >> 20: readable_stamps(packed)
        for key, packed in connection.execute(
            "SELECT key, stamps FROM hours WHERE key >= ? AND host = ?",
            (keys.hour_key(first_hour, 0), host),
        )
    }


def readable_stamps(packed: bytes) -> list[int]:
    """As `unpack_stamps`; none where they are damaged, which makes the hour a gap."""
    try:
        return unpack_stamps(packed)
    except ValueError:
        return []


def pack_stamps(stamps: list[int]) -> bytes:
    """Ascending milliseconds within an hour, as steps, which hardly differ."""
    steps = (later - earlier for earlier, later in zip([0, *stamps], stamps, strict=False))
    return shrink(b"".join(step.to_bytes(4, "little") for step in steps))


def unpack_stamps(packed: bytes) -> list[int]:
    """The reverse of `pack_stamps`. Raises ValueError."""
    steps = grow(packed)
    stamps, stamp = [], 0
    for position in range(0, len(steps), 4):
        stamp += int.from_bytes(steps[position : position + 4], "little")
        stamps.append(stamp)
    return stamps
