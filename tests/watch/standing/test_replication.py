"""Replication from what a server said to what is believed of it."""

from __future__ import annotations

from pathlib import Path

from collectors.probes.postgresql import Postgresql
from collectors.runner import Answer
from estate.asked import Asked
from estate.asked import Postgresql as AskedPostgresql
from estate.model import Host
from estate.replication import ReplicationRow
from estate.samples import Probed
from watch.standing.replication import rows
from watch.standing.told import Told

CASES = Path(__file__).parents[2] / "collectors" / "probes" / "cases"
NOW = 1_795_115_232_000


def row(case: str) -> ReplicationRow:
    """What is shown of a standby that said `postgresql-CASE.txt`."""
    output = (CASES / f"postgresql-{case}.txt").read_bytes()
    readings = Postgresql().parse(Answer("postgresql", 0, output, False, NOW, NOW))
    host = Host("mdb-r1", "recovery", asked=Asked(postgresql=AskedPostgresql("postgres", None)))
    told = Told(host, "postgresql", 15_000, {"127.0.0.1": "mdb-c1"})
    (found,) = rows(told.then(Probed("mdb-r1", NOW, "postgresql", readings)))
    return found


def test_of_a_cascade_only_what_arrives_says_how_far_the_standby_is() -> None:
    well = row("cascade")
    assert [(each.peer, each.direction) for each in well.streams] == [
        ("mdb-c1", "out"),
        ("mdb-c1", "in"),
    ]
    (arriving,) = well.arriving
    assert (arriving.flowing, well.lag_seconds) == (True, 0.0)
    broken = row("cascade-broken")
    (arriving,) = broken.arriving
    assert (arriving.state, arriving.flowing) == ("stopped", False)
    assert (broken.lag_seconds, broken.lag_bytes) == (None, None)


def test_what_a_primary_sends_is_not_what_it_lives_on() -> None:
    primary = row("primary")
    assert (primary.role, primary.arriving, primary.lag_seconds) == ("primary", (), 0.0)
