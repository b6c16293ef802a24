"""Configuration: the digest of each file that the estate names."""

from __future__ import annotations

from dataclasses import replace

from estate.configuration import ConfigurationRow
from watch.standing.told import Told, text


def rows(told: Told) -> tuple[ConfigurationRow, ...]:
    """A row for each file that the estate names."""
    seen = {each.subject: each for each in told.named("file")}
    found = []
    for path in told.host.asked.configuration:
        row = ConfigurationRow(**told.whose, path=path)
        reading = seen.get(path)
        if reading is not None:
            gap = row.gap or text(reading, "gap")
            row = replace(
                row, gap=gap, sha256=reading.text, there=None if gap else bool(reading.text)
            )
        found.append(row)
    return tuple(found)
