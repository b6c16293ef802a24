"""Whose document it is: the period by two clocks where there are two, and its hash."""

from __future__ import annotations

from dataclasses import replace

from estate.language import ENGLISH
from snapshots.page import Facts
from snapshots.reading import sha256
from snapshots.snapshot import Snapshot
from snapshots.telling import SECTIONS, tell
from snapshots.telling.teller import Teller


def facts(made: Snapshot) -> dict[str, str]:
    return {
        name.text: said.text
        for each in SECTIONS["header"][1](Teller(made, ENGLISH, "b" * 64))
        if isinstance(each, Facts)
        for name, said in each.pairs
    }


def test_the_period_is_told_here_and_in_utc(full: Snapshot) -> None:
    said = facts(full)
    assert said["from"] == "Fri 20 Nov 2026 06:30 HKT · Thu 19 Nov 2026 22:30 UTC"
    assert said["to"] == "Fri 20 Nov 2026 14:30 HKT · Fri 20 Nov 2026 06:30 UTC"
    assert said["period"] == "8 h"
    assert facts(replace(full, timezone="UTC"))["to"] == "Fri 20 Nov 2026 06:30 UTC"


def test_it_names_the_document_and_the_one_before(full: Snapshot, empty: Snapshot) -> None:
    said = facts(full)
    assert said["report"] == full.id
    assert said["handover before"] == "h-20261119-223000 · Fri 20 Nov 2026 06:30 HKT"
    assert facts(empty)["handover before"] == "none to compare with"


def test_the_hashes_stand_in_full_at_the_foot(full: Snapshot, empty: Snapshot) -> None:
    assert full.before is not None
    assert [each.text for each in tell(full, ENGLISH).colophon] == [
        f"Report {full.id}",
        f"sha256 {sha256(full)}",
        f"handover before: {full.before.id} · sha256 {full.before.sha256}",
        "audit head: none: no audit trail is kept",
    ]
    audited = tell(replace(empty, audit_head="c" * 64), ENGLISH)
    assert audited.colophon[-1].text == f"audit head: {'c' * 64}"
