"""Thresholds: what stands, how bad, since when; and that it never flaps."""

from __future__ import annotations

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.document import Severity
from estate.model import Host, Threshold
from estate.samples import FileSystem
from watch.judge import Figures, Finding, Judge, Space, thresholds_for

MINUTE = 60_000
CPU = Threshold("cpu", 90, 97, 2 * MINUTE)
DISK = Threshold("disk", 85, 95, MINUTE)
FULL = Threshold("disk_full_in_seconds", 4 * 3600, 1800, 2 * MINUTE, above=False)
UNITS = Threshold("unit_failed", 0, None, 0)


def judged(threshold: Threshold, values: list[float]) -> tuple[Finding, ...]:
    """What stands after one value a minute."""
    judge, found = Judge([threshold]), ()
    for minute, value in enumerate(values):
        found = judge.judge(Figures({threshold.metric: value}), minute * MINUTE)
    return found


@pytest.mark.parametrize(
    ("values", "severity", "since"),
    [
        ([50, 50, 50, 50], None, None),
        ([95, 95], None, None),  # not yet for two minutes
        ([95, 95, 95], Severity.WARNING, 0),
        ([50, 95, 95, 95], Severity.WARNING, 1),
        ([90, 90, 90], None, None),  # at the limit is not over it
        ([95, 98, 98, 98], Severity.CRITICAL, 0),  # since it is wrong at all
        ([95, 98, 95, 98, 95], Severity.WARNING, 0),
        ([99, 99, 99, 95, 95, 95], Severity.WARNING, 0),  # better, not well
        ([99, 99, 99, 50, 50], Severity.CRITICAL, 0),  # not long enough
        ([99, 99, 99, 50, 50, 50], None, None),
        ([95, nan, 95, 95], None, None),
        ([95, 95, 95, nan, nan, nan, nan], Severity.WARNING, 0),  # unknown is not well
    ],
)
def test_worked_examples(values: list[float], severity: Severity | None, since: int | None) -> None:
    found = judged(CPU, values)
    if severity is None:
        assert found == ()
    else:
        assert [(each.severity, each.since) for each in found] == [(severity, since * MINUTE)]


def test_a_limit_that_is_not_set_is_not_judged() -> None:
    assert judged(UNITS, [3.0])[0].severity is Severity.WARNING


def space(mount: str, percent: float, *, known: bool = True, full_in: float | None = None) -> Space:
    pace = None if full_in is None else (100 - percent) / full_in
    return Space(FileSystem(mount, 100, percent, 100 - percent, 1.0), known, full_in, pace)


def test_each_file_system_is_judged_by_itself() -> None:
    judge = Judge([DISK])
    figures = Figures({"disk": 96.0}, (space("/", 40), space("/var", 88), space("/data", 96)))
    for at in (0, MINUTE):
        found = judge.judge(figures, at)
    assert [(each.subject, each.severity, each.value) for each in found] == [
        ("/data", Severity.CRITICAL, 96.0),
        ("/var", Severity.WARNING, 88.0),
    ]


def test_how_full_and_how_soon_are_one_finding() -> None:
    judge = Judge([DISK, FULL])
    figures = Figures({}, (space("/var/spool", 91, full_in=660.0),))
    for minute in range(3):
        found = judge.judge(figures, minute * MINUTE)
    (one,) = found
    assert (one.metric, one.severity, one.full_in_seconds) == ("disk", Severity.CRITICAL, 660.0)
    assert one.percent_per_minute == pytest.approx(60 * 9 / 660)


def test_a_disk_that_is_not_yet_full_is_found_by_its_pace_alone() -> None:
    judge = Judge([DISK, FULL])
    figures = Figures({}, (space("/var/spool", 60, full_in=660.0),))
    for minute in range(3):
        found = judge.judge(figures, minute * MINUTE)
    assert [(each.metric, each.subject) for each in found] == [
        ("disk_full_in_seconds", "/var/spool")
    ]


def test_a_file_system_whose_df_hangs_neither_rises_nor_clears() -> None:
    judge = Judge([DISK])
    for minute in range(2):
        judge.judge(Figures({}, (space("/var", 90),)), minute * MINUTE)
    for minute in range(2, 9):
        found = judge.judge(Figures({}, (space("/var", 10, known=False),)), minute * MINUTE)
    assert [each.subject for each in found] == ["/var"]


def test_an_unmounted_file_system_is_no_problem_any_more() -> None:
    judge = Judge([DISK])
    for minute in range(2):
        found = judge.judge(Figures({}, (space("/", 1), space("/mnt", 99))), minute * MINUTE)
    assert [each.subject for each in found] == ["/mnt"]
    assert judge.judge(Figures({}, (space("/", 1),)), 2 * MINUTE) == ()


def test_failed_units_are_named() -> None:
    (found,) = Judge([UNITS]).judge(
        Figures({"unit_failed": 1.0}, (), {"unit_failed": ("x.service",)}), 0
    )
    assert found.names == ("x.service",)


def test_unseen_time_does_not_count() -> None:
    judge = Judge([CPU])
    judge.judge(Figures({"cpu": 95}), 0)
    judge.unseen()
    assert judge.judge(Figures({"cpu": 95}), 10 * MINUTE) == ()


def test_what_stood_in_the_records_stands_until_seen_to_be_over() -> None:
    judge = Judge([CPU])
    judge.restored("cpu", "", Severity.WARNING, 7)
    (found,) = judge.judge(Figures({"cpu": 50}), 100)
    assert (found.severity, found.since) == (Severity.WARNING, 7)
    assert judge.judge(Figures({"cpu": 50}), 100 + 2 * MINUTE) == ()


@pytest.mark.parametrize("threshold", [DISK, FULL], ids=lambda each: each.metric)
def test_a_file_system_that_is_not_measured_yet_after_a_restart_is_full_since_then(
    threshold: Threshold,
) -> None:
    judge = Judge([threshold])
    judge.restored(threshold.metric, "/var", Severity.WARNING, 7)
    early = Figures({"disk": 91.0})  # what the first samples carry
    unpaced = Space(FileSystem("/var", 100, 90, 10), paced=False)
    for at, figures in enumerate((early, early, Figures({}, (unpaced,))), start=5):
        (found,) = judge.judge(figures, at * MINUTE)
        assert (found.subject, found.severity, found.since) == ("/var", Severity.WARNING, 7)
    for at in (8, 11):
        left = judge.judge(Figures({}, (space("/var", 1),)), at * MINUTE)
    assert left == ()


def test_where_no_file_system_is_measured_the_host_s_figure_is_judged() -> None:
    (found,) = judged(DISK, [91.0, 91.0])
    assert (found.subject, found.since) == ("", 0)


def test_the_first_threshold_that_matches_a_host_holds() -> None:
    lax = Threshold("cpu", 99, None, 0, where="group:batch")
    batch, other = Host("b1", "central", ("batch",)), Host("m1", "central", ("mta",))
    assert thresholds_for(batch, [lax, CPU, DISK]) == (lax, DISK)
    assert thresholds_for(other, [lax, CPU, DISK]) == (CPU, DISK)


@given(st.lists(st.one_of(st.floats(0, 100), st.just(nan)), max_size=60))
def test_severity_changes_no_faster_than_the_hold_time(values: list[float]) -> None:
    judge = Judge([CPU])
    turned: dict[str, int] = {}
    standing: set[str] = set()
    for tick, value in enumerate(values):
        at = tick * 30_000
        found = judge.judge(Figures({"cpu": value}), at)
        now = set()
        if found:
            now = {"warning", "critical"} if found[0].severity is Severity.CRITICAL else {"warning"}
        for level in standing ^ now:
            assert at - turned.get(level, -CPU.hold_ms) >= CPU.hold_ms
            turned[level] = at
        standing = now


EXPIRES = Threshold("certificate_expires_seconds", 30, 7, 0, above=False)


def named(judge: Judge, at: int, figures: dict[str, float] | None) -> dict[str, Severity]:
    """What stands of things with names; None where nobody has told of any."""
    said = {} if figures is None else {EXPIRES.metric: figures}
    found = judge.judge(Figures({}, named=said), at)
    return {each.subject: each.severity for each in found}


def test_each_thing_with_a_name_is_judged_by_itself() -> None:
    judge = Judge([EXPIRES])
    assert named(judge, 0, {"/a": 5, "/b": 20, "/c": 90}) == {
        "/a": Severity.CRITICAL, "/b": Severity.WARNING,
    }  # fmt: skip


def test_what_nobody_tells_of_stands_and_what_is_gone_does_not() -> None:
    judge = Judge([EXPIRES])
    judge.restored(EXPIRES.metric, "/a", Severity.WARNING, 0)
    assert named(judge, 1, None) == {"/a": Severity.WARNING}  # since a restart
    assert named(judge, 2, {"/a": nan}) == {"/a": Severity.WARNING}
    assert named(judge, 3, {"/b": 5.0}) == {"/b": Severity.CRITICAL}
    assert named(judge, 4, {"/b": 90.0}) == {}
