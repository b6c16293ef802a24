"""The catalogues and the rows agree, name for name and kind for kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from estate.document import Event, HostRow, Problem, Severity
from estate.fields import (
    EVENT_FIELDS,
    HOST_FIELDS,
    PROBLEM_FIELDS,
    Field,
    event_fields,
    host_fields,
    problem_fields,
)
from estate.filter import parse
from estate.metrics import METRICS
from estate.quantities import ALLOWED
from estate.samples import Cause, Reach, Stage
from estate.thresholds import DERIVED

NOW = 1_000_000
LIVE = HostRow(
    "mta-c03", "central", ("mta",), Reach.LIVE, since=400_000, at=958_000,
    severity=Severity.WARNING, why="disk 94%", values={"cpu": 12.5}, cores=4,
    tenants=("health",),
)  # fmt: skip
LOST = HostRow(
    "mta-c04", "central", reach=Reach.UNREACHABLE, since=900_000,
    cause=Cause(Stage.CONNECT, "no route to host"), retry_at=NOW + 5_000, behind="gw-c02",
)  # fmt: skip
PROBLEM = Problem("a/cpu", "a", "cpu 99%", "", Severity.CRITICAL, 940_000, hosts=("a",))
EVENT = Event(7, 999_000, Severity.OK, "a", "live")


@pytest.mark.parametrize(
    ("catalogue", "row"),
    [
        (HOST_FIELDS, host_fields(LIVE, NOW)),
        (HOST_FIELDS, host_fields(LOST, NOW)),
        (PROBLEM_FIELDS, problem_fields(PROBLEM, NOW)),
        (EVENT_FIELDS, event_fields(EVENT, NOW)),
    ],
)
def test_every_value_is_in_the_catalogue_and_of_its_kind(
    catalogue: Mapping[str, Field], row: Mapping[str, object]
) -> None:
    assert row.keys() <= catalogue.keys()
    assert catalogue.keys() - row.keys() <= {metric.name for metric in (*METRICS, *DERIVED)}
    for name, value in row.items():
        assert catalogue[name].unit in {"text", *ALLOWED}
        if value is not None:
            expected = (str, tuple) if catalogue[name].unit == "text" else (int, float)
            assert isinstance(value, expected), name


@pytest.mark.parametrize(
    ("text", "row", "holds"),
    [
        ("state:warning", LIVE, True),
        ("state!=ok", LOST, True),
        ("state:unreachable", LOST, True),
        ("state!=live", LOST, True),
        ("state!=live", LIVE, False),
        ("state:ok", LOST, False),
        ("state:warning state:live", LIVE, True),
        ("state:stale", LIVE, False),
        ("state:lost", HostRow("h", "s", reach=Reach.UNREACHABLE, at=1), True),
        ("state:unreachable", HostRow("h", "s", reach=Reach.UNREACHABLE, at=1), True),
        ("state:lost", LOST, False),
        ("state:behind", LOST, True),
        ("state:behind,lost", LIVE, False),
        ("state:un*", LOST, True),
        ("age>41s age<43s", LIVE, True),
        ("age=?", LOST, True),
        ("since>9m", LIVE, True),
        ("cpu>12 cores=4", LIVE, True),
        ("cpu=?", LOST, True),
        ("cpu<100", LOST, False),
        ("stage:connect behind:gw-c02 retry<6s", LOST, True),
        ("tenant:health", LIVE, True),
        ("tenant:health", LOST, False),
    ],
)
def test_filters_over_hosts(text: str, row: HostRow, holds: bool) -> None:
    assert parse(text, HOST_FIELDS).matches(host_fields(row, NOW)) is holds


@pytest.mark.parametrize(
    ("reach", "at", "words"),
    [
        (Reach.LIVE, NOW - 3_000, ("live", "critical")),
        (Reach.LIVE, NOW - 3_001, ("stale", "critical")),
        (Reach.LIVE, None, ("stale", "critical")),
        (Reach.LATE, NOW - 2_000, ("late", "critical")),
        (Reach.LATE, NOW - 9_000, ("stale", "late", "critical")),
        (Reach.UNREACHABLE, NOW - 9_000, ("lost", "unreachable", "critical")),
        (Reach.UNREACHABLE, None, ("unreachable", "critical")),
        (Reach.FROZEN, 1, ("frozen", "critical")),
        (Reach.CONNECTING, 1, ("connecting", "critical")),
    ],
)
def test_every_word_that_holds_for_a_host(
    reach: Reach, at: int | None, words: tuple[str, ...]
) -> None:
    row = HostRow("h", "s", reach=reach, at=at, severity=Severity.CRITICAL)
    assert host_fields(row, NOW, 1_000)["state"] == words
    well = replace(row, severity=Severity.OK)
    expected = (*words[:-1], "ok") if words[0] == "live" else words[:-1]
    assert host_fields(well, NOW, 1_000)["state"] == expected


def test_a_host_that_is_down_by_plan() -> None:
    planned = replace(LOST, severity=Severity.MAINTENANCE)
    assert host_fields(planned, NOW)["state"] == ("down", "unreachable", "maintenance")


def test_a_problem_nobody_has_is_owned_by_nobody() -> None:
    row = problem_fields(PROBLEM, NOW)
    assert parse("owner:nobody age>59s severity:critical", PROBLEM_FIELDS).matches(row)


def test_events_have_a_number_and_an_age() -> None:
    assert parse("id=7 age<2s", EVENT_FIELDS).matches(event_fields(EVENT, NOW))


def test_a_state_of_unknown_beginning_has_no_length() -> None:
    row = host_fields(HostRow("h", "s"), NOW)
    assert row["since"] is None
    assert parse("since=?").matches(row)
    assert not parse("since>1h").matches(row)
