"""Whether the records are sound: SQLite's own check, and every column read once."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

from storage.columns import grow, numbers
from storage.database import Connection
from storage.hours import unpack_stamps
from storage.rollups import Rollup


def inspect(connection: Connection) -> Iterator[str]:
    """What is wrong with the records, a sentence for each thing; nothing if they are sound."""
    for (finding,) in connection.execute("PRAGMA integrity_check(100)").fetchall():
        if finding != "ok":
            yield f"SQLite: {finding}"
    lengths = dict(connection.execute("SELECT key, samples FROM hours"))

    def samples_of_hour(key: int) -> int | None:
        return lengths.get(key >> 8)

    columns: dict[str, tuple[str, Callable[[bytes], int], Callable[[int], int | None]]] = {
        # table: (what holds the bytes, how many numbers they hold, how many they should)
        "hours": ("stamps", lambda packed: len(unpack_stamps(packed)), lengths.get),
        "chunks": (
            "packed",
            lambda packed: len(numbers(grow(packed))),
            samples_of_hour,
        ),
        "minutes": ("packed", lambda packed: len(Rollup.unpack(packed).mean), lambda _: 60),
        "ten_minutes": ("packed", lambda packed: len(Rollup.unpack(packed).mean), lambda _: 144),
        "board": ("document", _inflated, lambda _: None),
    }
    for table, (column, measure, expected) in columns.items():
        rows = connection.execute(f"SELECT rowid, {column} FROM {table}")  # noqa: S608
        for key, packed in rows:
            try:
                found = measure(packed)
            except ValueError as error:
                yield f"{table}, key {key}: {error}"
                continue
            if found != (expected(key) or found):
                yield f"{table}, key {key}: {found} numbers where {expected(key)} belong"


def _inflated(document: bytes) -> int:
    try:
        return len(zlib.decompress(document))
    except zlib.error as error:
        raise ValueError(str(error)) from error
