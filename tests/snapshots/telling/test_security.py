"""Certificates: those that end soon, and those of which nobody knows when."""

from __future__ import annotations

from dataclasses import replace

from estate.certificates import CertificateRow
from estate.language import ENGLISH
from snapshots.page import Table
from snapshots.snapshot import Snapshot
from snapshots.telling import tell

DAY = 86_400_000


def listed(made: Snapshot) -> list[list[str]]:
    (section,) = (each for each in tell(made, ENGLISH).sections if each.key == "security")
    return [
        [cell.text for cell in row]
        for each in section.blocks
        if isinstance(each, Table)
        for row in each.rows
    ]


def test_a_certificate_that_can_t_be_read_is_listed(empty: Snapshot) -> None:
    known = CertificateRow(host="a", site="c", at=empty.made_at, name="mail", source="file",
                           place="/m.pem", not_after=empty.made_at + 31 * DAY)  # fmt: skip
    unread = replace(known, host="b", not_after=None, gap="Permission denied")
    soon = replace(known, host="c", not_after=empty.made_at + 30 * DAY)
    assert listed(replace(empty, certificates=(known,))) == []
    rows = listed(replace(empty, certificates=(known, unread, soon)))
    assert [(row[1], row[4], row[5]) for row in rows] == [
        ("b", "?", "Permission denied"), ("c", "30 d", ""),
    ]  # fmt: skip


def test_what_is_served_and_is_not_what_lies_in_the_file_is_listed(empty: Snapshot) -> None:
    file = CertificateRow(host="lb", site="c", at=empty.made_at, name="mail", source="file",
                          place="/m.pem", fingerprint="b2" * 32,
                          not_after=empty.made_at + 80 * DAY)  # fmt: skip
    served = replace(file, source="served", place="lb:443")
    assert listed(replace(empty, certificates=(file, served))) == []
    old = replace(served, fingerprint="a1" * 32)  # nobody reloaded: it has as long as the other
    rows = listed(replace(empty, certificates=(file, old)))
    assert [(row[2], row[4], row[5]) for row in rows] == [
        ("lb:443", "80 d", "what is served is not what lies in the file"),
    ]
