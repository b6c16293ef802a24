"""What the records and the machine know, asked for."""

from __future__ import annotations

from pathlib import Path

from tests.watch.room import Room, asked


def test_events_and_history_come_from_the_records(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        events = await room.get("/v1/events")
        assert [each["where"] for each in events] == ["gw", "watch"]
        assert await room.get("/v1/events", where="severity:ok", limit=1) == [events[1]]
        assert await room.get("/v1/events", where="severity!=unknown", limit=1) == [events[0]]
        assert await room.get("/v1/events", host="gw") == [events[0]]
        query = {"host": "a", "metric": "cpu", "start": 0, "end": 60_000, "points": 6}
        series = await room.get("/v1/history", **query)
        assert (series["metric"], series["step"]) == ("cpu", 10_000)
        assert [point[2] for point in series["points"]] == [10.0, 11.0, 12.0]

    asked(tmp_path, play)


def test_metrics_are_openmetrics_and_leave_out_what_is_not_live(tmp_path: Path) -> None:
    async def play(room: Room) -> str:
        return await room.get("/metrics")

    from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse

    text = asked(tmp_path, play)
    families = {family.name: family for family in parse(text)}
    cpu = {each.labels["host"]: each for each in families["twinwatch_host_cpu_percent"].samples}
    assert {host: each.value for host, each in cpu.items()} == {"a": 10.0, "b": 11.0, "r": 12.0}
    assert cpu["a"].labels["site"] == "central"
    assert cpu["a"].timestamp is not None
    reach = [
        (each.labels["host"], each.labels["twinwatch_host_reach"])
        for each in families["twinwatch_host_reach"].samples
        if each.value
    ]
    assert ("gw", "untrusted") in reach
    problems = {s.labels["severity"]: s.value for s in families["twinwatch_problems"].samples}
    assert problems == {"critical": 1, "warning": 0, "unknown": 0}
    assert families["twinwatch_watch_dropped"].samples[0].value == 0
