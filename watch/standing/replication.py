"""Replication: rows from what either end tells, and how far behind and how broken it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan, nan

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
        text(reading, "direction"),
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
            behind = stream.lag_seconds
            lag[subject] = _worse(lag, subject, nan if unknown or behind is None else behind)
            stands = nan if unknown else float(not stream.flowing)
            broken[subject] = _worse(broken, subject, stands)
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


def _worse(figures: Mapping[str, float], subject: str, value: float) -> float:
    """The worse of two streams to the same peer; what is not known of one is not known of both."""
    before = figures.get(subject, value)
    return nan if isnan(before) or isnan(value) else max(before, value)
