"""Of a report the queues are drawn that were deepest in its time."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.document import Series
from estate.queues import QueueRow
from snapshots.snapshot import QUEUES
from tests.watch.handover.test_freezing import HOUR, NOW, board, host
from watch.handover import depths
from watch.handover.depths import MOST_QUEUES_READ, deepest_now, deepest_then, highest

MINUTE = 60_000


class Measured:
    """Records of queues: the depths of each, a minute apart."""

    def __init__(self, depths: dict[str, list[float]]) -> None:
        self.depths = depths

    async def queues(self) -> tuple[str, ...]:
        return tuple(self.depths)

    async def queue_series(
        self, key: str, metric: str, start: int, end: int, points: int
    ) -> Series:
        assert metric == "depth"
        found = [
            (start + number * MINUTE, depth, depth, depth)
            for number, depth in enumerate(self.depths.get(key, ()))
        ]
        return Series(metric, start, end, MINUTE, tuple(found))


@given(
    st.dictionaries(
        st.sampled_from([f"q{n}" for n in range(12)]),
        st.lists(st.integers(0, 5).map(float), max_size=4),
    ),
    st.sets(st.integers(0, 11)),
)
def test_no_queue_that_was_deeper_is_left_out(
    deep: dict[str, list[float]], shown: set[int]
) -> None:
    rows = tuple(QueueRow(f"q{n}", "mta", "central", depth=9 - n) for n in shown)
    was = board(host("a"), queues=rows)
    found, left_out = asyncio.run(deepest_then(Measured(deep), was, NOW - HOUR, NOW))
    assert left_out == ()
    tops = {key: max(each) for key, each in deep.items() if each and max(each)}
    assert [highest(each) for each in found] == sorted(tops.values(), reverse=True)[
        :MOST_QUEUES_READ
    ]
    assert {each.key: highest(each) for each in found}.items() <= tops.items()
    sites = {row.key: row.site for row in rows}
    assert all(each.site == sites.get(each.key, "") for each in found)


def test_queues_that_were_not_looked_through_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depths, "MOST_LOOKED_THROUGH", 3)
    rows = (QueueRow("old", "mta", "central", depth=0),)
    measured = Measured({"old": [5.0], "older": [9.0], "new": [7.0], "newer": [6.0]})
    was = board(host("a"), queues=rows)
    found, (gap,) = asyncio.run(deepest_then(measured, was, NOW - HOUR, NOW))
    assert [each.key for each in found] == ["new", "newer", "old"]
    assert (gap.kind, gap.where, gap.since, gap.until) == ("records", QUEUES, NOW - HOUR, NOW)
    assert gap.why == "1 of 4 queues on record were not looked through for the deepest"


def test_of_a_handover_those_that_are_deepest_now() -> None:
    rows = tuple(QueueRow(f"q{n}", "mta", "central", depth=n) for n in range(3))
    was = board(host("a"), queues=rows)
    found = asyncio.run(deepest_now(Measured({"q0": [99.0]}), was, NOW - HOUR, NOW))
    assert [each.key for each in found] == ["q2", "q1", "q0"]
    assert asyncio.run(deepest_now(Measured({}), was, NOW, NOW)) == ()
