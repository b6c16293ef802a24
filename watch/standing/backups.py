"""Backups: how old and how big the newest copy is, and how far that is from what was wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf, nan

from estate.backups import BackupRow
from watch.standing.told import Figures, Told, known, milliseconds, number, text, whole


def rows(told: Told) -> tuple[BackupRow, ...]:
    """A row for each backup that the estate names."""
    seen = {each.subject: each for each in told.named("backup")}
    found = []
    for asked in told.host.asked.backups:
        row = BackupRow(
            **told.whose,
            name=asked.name,
            objective_ms=asked.within_ms,
            least_bytes=asked.least_bytes,
        )
        reading = seen.get(asked.name)
        if reading is not None:
            ago = milliseconds(known(reading.value))
            row = replace(
                row,
                gap=row.gap or text(reading, "gap"),
                newest_at=None if ago is None or told.at is None else told.at - ago,
                size_bytes=number(reading, "bytes"),
                place=text(reading, "place"),
                copies=whole(reading, "copies"),
            )
        found.append(row)
    return tuple(found)


def figures(found: Sequence[BackupRow], now: int) -> Figures:
    """By how much each backup is overdue (infinitely where there is no copy), and which of them
    are smaller than they should be."""
    overdue: dict[str, float] = {}
    small: dict[str, float] = {}
    for row in found:
        subject, age = f"/{row.name}", row.age_ms(now)
        if row.objective_ms is not None:
            overdue[subject] = _overdue(row, age)
        if row.least_bytes is not None:
            size = row.size_bytes
            unknown = bool(row.gap) or size is None
            small[subject] = nan if unknown or size is None else float(size < row.least_bytes)
    return {"backup_overdue_seconds": overdue, "backup_small": small}


def _overdue(row: BackupRow, age: int | None) -> float:
    assert row.objective_ms is not None
    if row.gap or row.at is None:
        return nan
    if age is None:
        return inf if row.copies == 0 else nan
    return max(0.0, (age - row.objective_ms) / 1000)
