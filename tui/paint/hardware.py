"""What a host is, in the few words that stand beside its name."""

from __future__ import annotations

from estate.document import HostRow
from estate.language import Words
from tui.paint import numbers


def hardware(row: HostRow, words: Words) -> list[str]:
    """Where a host stands, what it is for, and its size, each in a few words; "" where unknown."""
    cores = words.say("{count:,} cores", count=row.cores) if row.cores else ""
    return [
        row.site,
        words.say("rack {rack}", rack=row.rack) if row.rack else "",
        " ".join(row.groups),
        cores,
        numbers.size(row.memory_bytes) if row.memory_bytes else "",
    ]
