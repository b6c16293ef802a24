"""The words: figures beside thresholds, rounded down, in the estate's own time."""

from __future__ import annotations

from math import inf, nan

import pytest

from estate.document import Problem, Severity
from estate.model import Maintenance
from estate.samples import Cause, Reach, Stage
from watch import figurewords, words
from watch.judge import Finding

AT = 1_795_140_660_000 + 55_000  # 2026-11-20 10:11:55 in Hong Kong


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0:00"), (512.9, "8:32"), (3599, "59:59"), (7380, "2 h 03"), (540_000, "6 d")],
)
def test_durations(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (94.99, "%", "94%"),
        (100.0, "%", "100%"),
        (16767, "", "16,767"),
        (2.34, "", "2.3"),
        (3.0, "", "3"),
        (812.4, "ms", "812 ms"),
        (660, "s", "11 min"),
        (9_060, "s", "2 h 31"),
        (48, "s", "48 s"),
        (1_940_000, "B/s", "1.9 MB/s"),
        (512, "B", "512 B"),
        (44_000_000_000_000_000, "B", "44,000 TB"),
        (12.5, "/s", "12.5/s"),
        (nan, "%", "?"),
        (inf, "B", "?"),
    ],
)
def test_figures(value: float, unit: str, said: str) -> None:
    assert words.figure(value, unit) == said


@pytest.mark.parametrize(
    ("value", "other", "unit", "said"),
    [
        (95.4, 95, "%", "95.4%"),
        (95.04, 95, "%", "95.04%"),
        (95.00004, 95, "%", "95%"),
        (96.4, 95, "%", "96%"),
        (95, 95, "%", "95%"),
        (200.5, 200, "ms", "200.5 ms"),
        (nan, 95, "%", "?"),
    ],
)
def test_what_is_over_a_limit_never_reads_as_the_limit(
    value: float, other: float, unit: str, said: str
) -> None:
    assert words.figure_unlike(value, other, unit) == said


def finding(metric: str, value: float, limit: float, **more: object) -> Finding:
    above = metric != "disk_full_in_seconds"
    subject = str(more.pop("subject", ""))
    return Finding(metric, subject, Severity.WARNING, 5, value, limit, above, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "what", "why"),
    [
        (finding("cpu", 94.6, 90), "cpu 94% > 90%", "work queues up and answers get slow"),
        (
            finding("disk", 91.2, 85, subject="/var/spool", full_in_seconds=660.0,
                    percent_per_minute=0.84),
            "/var/spool 91% > 85%, full in 11 min",
            "+0.8%/min: writes fail when it is full",
        ),
        (
            finding("disk_full_in_seconds", 660.0, 1800, subject="/var/spool"),
            "/var/spool full in 11 min",
            "writes fail when it is full",
        ),
        (
            finding("disk_full_in_seconds", inf, 1800, subject="/var/spool"),
            "/var/spool was filling up, and stopped",
            "writes fail when it is full",
        ),
        (
            finding("inodes", 99.0, 95, subject="/"),
            "/ inodes 99% > 95%",
            "no new files when they are gone, however much space is left",
        ),
        (
            finding("unit_failed", 1.0, 0, names=("postfix-policy.service",)),
            "postfix-policy failed",
            "what it serves is off until someone starts it",
        ),
        (
            finding("unit_inactive", 1.0, 0, names=("cron.service",)),
            "cron is enabled and not running",
            "what it serves is off until someone starts it, or disables it",
        ),
        (
            finding("unit_inactive", 2.0, 0, names=("a.service", "b.service")),
            "2 units are enabled and not running: a, b",
            "what it serves is off until someone starts it, or disables it",
        ),
        (
            finding("unit_inactive", 0.0, 0),
            "units enabled and not running: none now",
            "what it serves is off until someone starts it, or disables it",
        ),
        (
            finding("unit_failed", nan, 0),
            "failed units: now unknown",
            "what it serves is off until someone starts it",
        ),
        (
            finding("unit_failed", 4.0, 0, names=("a.service", "b.timer", "c", "d")),
            "4 units failed: a, b.timer, c, …",
            "what it serves is off until someone starts it",
        ),
        (
            # One name of 255 characters hid the others at any width.
            finding("unit_failed", 3.0, 0, names=(f"{'0' * 247}.service", "b.timer", "c.service")),
            f"3 units failed: b.timer, c, {'0' * 19}…{'0' * 8}",
            "what it serves is off until someone starts it",
        ),
        (
            finding("unit_failed", 1.0, 0, names=(f"{'0' * 247}.service",)),
            f"{'0' * 47}…{'0' * 8} failed",
            "what it serves is off until someone starts it",
        ),
        (finding("cpu", 12.0, 90), "cpu was over 90%, now 12%", "work queues up and answers get slow"),
        (finding("cpu", nan, 90), "cpu was over 90%, now unknown", "work queues up and answers get slow"),
        (
            finding("clock_offset_ms", 812.0, 500),
            "clock offset 812 ms > 500 ms",
            "tickets and certificates fail, and logs do not line up",
        ),
    ],
)  # fmt: skip
def test_problems_of_figures(found: Finding, what: str, why: str) -> None:
    problem = figurewords.problem_of("mta-c03", "central", found)
    assert (problem.what, problem.why) == (what, why)


@pytest.mark.parametrize(
    ("metric", "subject", "name"),
    [
        ("disk", "/var/spool", "mta-c03/disk/var/spool"),
        ("disk_full_in_seconds", "/var/spool", "mta-c03/disk/var/spool"),
        ("disk", "/", "mta-c03/disk/"),
        ("cpu", "", "mta-c03/cpu"),
    ],
)
def test_a_problem_has_a_name_that_lasts_and_tells_its_subject(
    metric: str, subject: str, name: str
) -> None:
    problem = figurewords.problem_of(
        "mta-c03", "central", finding(metric, 99.0, 1, subject=subject)
    )
    assert problem.id == name
    assert figurewords.subject_of(problem) == subject


@pytest.mark.parametrize(
    ("reach", "at", "said", "glyph"),
    [
        (Reach.UNREACHABLE, AT, "lost: no route", "lost"),
        (Reach.UNREACHABLE, None, "unreachable: no route", "unreachable"),
        (Reach.FROZEN, AT, "frozen: no route", "frozen"),
        (Reach.REFUSED, None, "refused: no route", "refused"),
        (Reach.UNTRUSTED, None, "no route", "untrusted"),
        (Reach.LATE, AT, "stale: last sample 10:11:55", "stale"),
    ],
)
def test_reach(reach: Reach, at: int | None, said: str, glyph: str) -> None:
    cause = Cause(Stage.CONNECT, "no route")
    assert words.reach_words(reach, cause, at, "Asia/Hong_Kong") == said
    assert words.reach_glyph(reach, at) == glyph


def test_a_refusal_is_said_once() -> None:
    cause = Cause(Stage.AUTH, "refuses our keys: offers publickey")
    assert words.reach_words(Reach.REFUSED, cause, None, "UTC") == cause.what


def test_events() -> None:
    problem = Problem("a/cpu", "a", "cpu 99% > 97%", "", Severity.CRITICAL, 1_000)
    assert words.cleared(problem, None, 210_000) == "cleared: cpu 99% > 97%"
    assert words.cleared(problem, problem.since, 210_000) == "cleared after 3:29: cpu 99% > 97%"
    assert words.escalated(problem) == "now critical: cpu 99% > 97%"


def test_planned_work() -> None:
    window = Maintenance("", 0, AT, "new disks")
    assert words.planned(window, "Asia/Hong_Kong") == "maintenance until 10:11: new disks"


def test_some_names() -> None:
    assert words.some(["a", "b"]) == "a b"
    assert words.some([str(n) for n in range(10)], 3) == "0 1 2 and 7 more"
