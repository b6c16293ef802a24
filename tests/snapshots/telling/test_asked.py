"""What the next shift is asked: all that nobody has, and nothing that somebody has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.certificates import CertificateRow
from estate.document import Problem, Severity
from estate.language import ENGLISH
from snapshots.snapshot import Snapshot
from snapshots.telling.asked import asked_of_the_next
from snapshots.telling.teller import Teller

DAY = 86_400_000


def asked(made: Snapshot) -> list[tuple[str, str]]:
    return [(each.text, each.role) for each in asked_of_the_next(Teller(made, ENGLISH, ""))]


def with_verdicts(full: Snapshot, empty: Snapshot, *verdicts: str) -> Snapshot:
    service = full.services[0]
    assert service.budget is not None
    rows = tuple(
        replace(service, key=f"s{n}", name=f"S{n}", budget=replace(service.budget, verdict=verdict))
        for n, verdict in enumerate(verdicts)
    )
    return replace(empty, services=rows)


def test_a_breached_month_is_told_to_whom_it_was_promised(full: Snapshot, empty: Snapshot) -> None:
    made = with_verdicts(full, empty, "open", "breached", "met")
    assert asked(made) == [("Tell who was promised S1: its month is breached", "crit")]


def test_what_can_t_be_proven_is_asked_in_one_sentence(full: Snapshot, empty: Snapshot) -> None:
    how = "Find out how these were while nobody saw them: "
    made = with_verdicts(full, empty, "not provable", "open", "not provable")
    assert asked(made) == [(f"{how}S0, S2", "unk")]
    made = with_verdicts(full, empty, *["not provable"] * 7)
    assert asked(made) == [(f"{how}S0, S1, S2, S3, S4 and 2 more", "unk")]


def test_a_critical_problem_that_nobody_owns(empty: Snapshot) -> None:
    lost = Problem("a/reach", "a", "lost", "", Severity.CRITICAL, 5)
    rest = (
        replace(lost, id="b", where="b", owner="lee", until=9),
        replace(lost, id="c", where="c", severity=Severity.WARNING),
        replace(lost, id="d", where="d", parent="a/reach"),
    )
    assert asked(replace(empty, problems=(lost, *rest))) == [("Take on a: lost", "crit")]
    # The shift that hands over owns it by the handover before, and nobody is at work on it.
    handed = replace(lost, owner="lee", handover="h-1")
    assert asked(replace(empty, problems=(handed,))) == [("Take on a: lost", "crit")]


@pytest.mark.parametrize(
    ("left", "role"), [(-1, "crit"), (0, "crit"), (1, "warn"), (7 * DAY, "warn"), (7 * DAY + 1, "")]
)
def test_a_certificate_of_the_coming_week(empty: Snapshot, left: int, role: str) -> None:
    row = CertificateRow(host="lb", site="c", at=empty.made_at, name="mail", source="file",
                         place="/m.pem", not_after=empty.made_at + left)  # fmt: skip
    assert [each[1] for each in asked(replace(empty, certificates=(row,)))] == [role] * bool(role)
    unread = replace(row, not_after=None, gap="Permission denied")
    assert asked(replace(empty, certificates=(unread,))) == []
