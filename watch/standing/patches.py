"""Patches: what waits on a host, as a row and as figures."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

from estate.patches import PatchRow
from watch.standing.told import Figures, Told, known, milliseconds, number, text, whole

_REBOOT = {"yes": True, "no": False}


def rows(told: Told) -> tuple[PatchRow, ...]:
    """The one row of the host."""
    reading = next(iter(told.named("packages")), None)
    if reading is None:
        return (PatchRow(**told.whose),)
    pending, names = known(reading.value), text(reading, "names")
    return (
        PatchRow(
            **told.whose,
            system=reading.subject,
            release=text(reading, "release"),
            kernel=text(reading, "kernel"),
            pending=None if pending is None else int(pending),
            security=whole(reading, "security"),
            reboot=_REBOOT.get(reading.text),
            applied_at=_at(told, number(reading, "applied_ago")),
            listed_at=_at(told, number(reading, "listed_ago")),
            installed=text(reading, "installed"),
            packages=whole(reading, "packages"),
            names=tuple(names.split(",")) if names else (),
        ),
    )


def _at(told: Told, seconds_ago: float | None) -> int | None:
    ago = milliseconds(seconds_ago)
    return None if told.at is None or ago is None else told.at - ago


def figures(found: Sequence[PatchRow], _now: int) -> Figures:
    """How many security updates wait, and whether a restart is due."""
    waiting = {"": nan}
    due = {"": nan}
    for row in found:
        if row.gap or row.at is None:
            continue
        if row.security is not None:
            waiting[""] = float(row.security)
        if row.reboot is not None:
            due[""] = float(row.reboot)
    return {"security_updates": waiting, "reboot_due": due}
