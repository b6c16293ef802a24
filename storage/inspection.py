"""Whether the records are sound: SQLite's own check, and every column read once."""

from __future__ import annotations

from collections.abc import Iterator

from storage.columns import grow, numbers
from storage.compaction import unpack_stamps
from storage.database import Connection
from storage.rollups import Rollup

_ROLLUPS = {"minutes": 60, "ten_minutes": 144}


def inspect(connection: Connection) -> Iterator[str]:
    """What is wrong with the records, a sentence for each thing; nothing if they are sound."""
    for (finding,) in connection.execute("PRAGMA integrity_check(100)").fetchall():
        if finding != "ok":
            yield f"SQLite: {finding}"
    lengths: dict[int, int] = {}
    for key, stamps in connection.execute("SELECT key, stamps FROM hours"):
        try:
            lengths[key] = len(unpack_stamps(stamps))
        except ValueError as error:
            yield f"hours, key {key}: {error}"
    for key, packed in connection.execute("SELECT key, packed FROM chunks"):
        try:
            found = len(numbers(grow(packed)))
        except ValueError as error:
            yield f"chunks, key {key}: {error}"
            continue
        if found != lengths.get(key >> 8, found):
            yield f"chunks, key {key}: {found} samples where its hour has {lengths[key >> 8]}"
    for table, slots in _ROLLUPS.items():
        for key, packed in connection.execute(f"SELECT key, packed FROM {table}"):  # noqa: S608
            try:
                found = len(Rollup.unpack(packed).mean)
            except ValueError as error:
                yield f"{table}, key {key}: {error}"
                continue
            if found != slots:
                yield f"{table}, key {key}: {found} slots instead of {slots}"
