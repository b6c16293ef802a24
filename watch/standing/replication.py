"""Replication: rows from what either end tells, and how far behind and how broken it is."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

from estate.replication import ReplicationRow, Slot, Stream
from estate.samples import Reading
from watch.standing.told import Figures, Told, known, number, text


def rows(told: Told) -> tuple[ReplicationRow, ...]:
    """The one row of the server that was asked."""
    server = next(iter(told.named("replication_server")), Reading("replication_server"))
    return (
        ReplicationRow(
            **told.whose,
            system=told.probe,
            role=server.text,
            follows=_name(told, text(server, "follows")),
            streams=tuple(_stream(told, each) for each in told.named("replication_stream")),
            slots=tuple(
                Slot(each.subject, each.text == "active", known(each.value))
                for each in told.named("replication_slot")
            ),
        ),
    )


def _stream(told: Told, reading: Reading) -> Stream:
    address = text(reading, "address")
    return Stream(
        told.names.get(address) or _name(told, reading.subject),
        reading.text,
        text(reading, "sync"),
        number(reading, "bytes"),
        known(reading.value),
    )


def _name(told: Told, where: str) -> str:
    return told.names.get(where, where)


def figures(found: Sequence[ReplicationRow], _now: int) -> Figures:
    """How far each stream is behind, whether it flows, and what slots keep for those who are away.

    A slot that nobody uses is a standby that is missing; the primary's word about a stream and the
    standby's are of two hosts, and so are two problems at most.
    """
    lag: dict[str, float] = {}
    broken: dict[str, float] = {}
    kept: dict[str, float] = {}
    for row in found:
        unknown = bool(row.gap) or row.at is None
        for stream in row.streams:
            subject = f"/{stream.peer}"
            behind = nan if unknown or stream.lag_seconds is None else stream.lag_seconds
            lag[subject] = max(lag.get(subject, 0.0), behind)
            flows = stream.flowing and row.role != ""
            broken[subject] = nan if unknown else max(broken.get(subject, 0.0), float(not flows))
        for slot in row.slots:
            subject = f"/slot {slot.name}"
            broken[subject] = nan if unknown else float(not slot.active)
            size = slot.kept_bytes
            kept[subject] = nan if unknown or size is None else size
    return {
        "replication_lag_seconds": lag,
        "replication_broken": broken,
        "replication_kept": kept,
    }
