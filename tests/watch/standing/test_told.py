"""What a host told, as figures: one that there can't be is not known."""

from __future__ import annotations

from math import inf, nan

import pytest

from estate.model import Host
from estate.samples import Probed, Reading
from snapshots.snapshot import LARGEST
from watch.standing.replication import figures, rows
from watch.standing.told import Told, known, milliseconds


@pytest.mark.parametrize(
    ("said", "figure"),
    [
        (0, 0.0), (-3.5, -3.5), (LARGEST, 1e18), (-LARGEST, -1e18),
        (LARGEST + 1000, None), (-1e19, None), (1e300, None), (10**400, None),
        (nan, None), (inf, None), (True, None), ("7", None), (None, None),
    ],
)  # fmt: skip
def test_a_figure_is_one_that_can_be(said: object, figure: float | None) -> None:
    assert known(said) == figure


def test_seconds_are_milliseconds_where_so_many_can_be() -> None:
    assert (milliseconds(1.5), milliseconds(None), milliseconds(1e17)) == (1_500, None, None)


def test_a_database_that_tells_absurd_figures_tells_none() -> None:
    stream = Reading("replication_stream", "a", 1e300, "streaming", {"bytes": 1e300})
    slot = Reading("replication_slot", "s", 1e300, "active")
    told = Told(Host("db", "c"), "postgresql", 15_000).then(
        Probed("db", 7, "postgresql", (stream, slot))
    )
    (row,) = found = rows(told)
    assert (row.streams[0].lag_seconds, row.streams[0].lag_bytes) == (None, None)
    assert row.slots[0].kept_bytes is None
    told_of = figures(found, 7)
    assert str(told_of["replication_lag_seconds"]["/a"]) == "nan"
    assert str(told_of["replication_kept"]["/slot s"]) == "nan"
