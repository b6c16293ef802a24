"""What the API, OpenMetrics and the verb say of queues, over a real socket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from estate.document import Series
from estate.file import read_estate
from estate.queuefields import QUEUE_FIELDS, queue_fields
from estate.queues import QueueRow
from estate.samples import Probed, Reach, Reached, Reading
from estate.wire import from_json
from tests.watch.room import Room, asked
from watch.clock import now_ms

ESTATE = """
estate: Test
every: 1s
sites: {central: {name: Central, role: primary}}
hosts: {"mta-c[1:2]": {site: central, groups: [mta]}}
services: {email: {queues: [{postfix: mta, only: [deferred], warn: 10, hold: 0s}]}}
"""
KEY = "postfix/mta@central/deferred"


async def filled(room: Room) -> None:
    """Two hosts with 7 and 8 messages, on the board."""
    room.estate = read_estate(ESTATE, "estate.yaml")
    await room.post("/v1/reload")
    now, age = now_ms(), {"oldest_seconds": 60.0}
    room.observed(
        *(Reached(host, now, Reach.LIVE) for host in ("mta-c1", "mta-c2")),
        Probed("mta-c1", now, "postfix", (Reading("queue", "deferred", 7.0, "", age),)),
        Probed("mta-c2", now, "postfix", (Reading("queue", "deferred", 8.0, "", age),)),
    )


def test_the_rows_are_told_and_filtered(tmp_path: Path) -> None:
    async def play(room: Room) -> tuple[Any, Any, Any]:
        await filled(room)
        every = await room.get("/v1/queues")
        deep = await room.get("/v1/queues", where="depth>100")
        return every, deep, await room.refused("/v1/queues", where="dpth>1")

    every, deep, refused = asked(tmp_path, play)
    [row] = [from_json(QueueRow, each) for each in every]
    assert (row.key, row.hosts, row.depth, row.state) == (KEY, 2, 15, "warning")
    assert deep == []
    status, said = refused
    assert status == 400
    assert "did you mean 'depth'?" in said


def test_a_chart_of_a_queue(tmp_path: Path) -> None:
    async def play(room: Room) -> tuple[Any, ...]:
        await filled(room)
        now = now_ms()
        span = {"start": now - 60_000, "end": now + 60_000}
        return (
            await room.get("/v1/queues/history", queue=KEY, **span),
            await room.refused("/v1/queues/history", queue=KEY + "x", **span),
            await room.refused("/v1/queues/history", queue=KEY, metric="weight", **span),
            await room.refused("/v1/queues/history", queue=KEY, start=5, end=5),
        )

    found, unknown, weightless, empty = asked(tmp_path, play)
    series = from_json(Series, found)
    assert series.metric == "depth"
    assert len(series.points) == 1
    assert unknown == (
        404,
        f"no such queue — {KEY}x — the board has none — did you mean {KEY}?",
    )
    assert weightless[0] == 404
    assert "depth, oldest_seconds" in weightless[1]
    assert empty[0] == 400


def test_openmetrics_has_what_every_host_told(tmp_path: Path) -> None:
    async def play(room: Room) -> tuple[Any, Any]:
        await filled(room)
        return await room.get("/metrics"), await room.get("/v1/queues")

    page, rows = asked(tmp_path, play)
    families = {each.name: each for each in text_string_to_metric_families(page)}
    samples = families["twinwatch_queue_depth"].samples
    [sample] = samples
    labels = {"queue": "mta deferred", "kind": "postfix", "site": "central", "service": "email"}
    assert (sample.labels, sample.value) == (labels, rows[0]["depth"])
    assert sample.timestamp is not None
    assert families["twinwatch_queue_full_in_seconds"].samples == []  # not in sight: not zero


def test_every_field_of_a_filter_has_a_value_of_its_kind() -> None:
    row = QueueRow(
        "k", "mta deferred", "central", "postfix", "mta", "email", "deferred", state="ok", at=1_000,
        depth=5, oldest_seconds=2.0, trend="steady", in_per_minute=1.0, out_per_minute=1.0,
        net_per_minute=0.0, full_in_seconds=9.0, empty_in_seconds=9.0, why="w",
    )  # fmt: skip
    fields = queue_fields(row, 3_000)
    assert set(fields) == set(QUEUE_FIELDS)
    for name, value in fields.items():
        text = QUEUE_FIELDS[name].unit == "text"
        assert isinstance(value, (str, tuple) if text else (int, float)), name
        words = QUEUE_FIELDS[name].words
        assert not words or value in words, name
    blank = queue_fields(QueueRow("k", "n", "s"), 0)
    assert [name for name, value in blank.items() if value is not None] == [
        "name", "key", "kind", "group", "site", "host", "state",
    ]  # fmt: skip
