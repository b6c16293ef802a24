"""`certs`, `patches`, `replication` and `backups`: tables for a person; unknown is never a figure."""

from __future__ import annotations

from estate.backups import BackupRow
from estate.certificates import DAY_MS, CertificateRow
from estate.language import ENGLISH
from estate.patches import PatchRow
from estate.replication import ReplicationRow, Stream
from tui.commands import backups, certs, patches, replication

NOW = 1_795_115_232_000
WHOSE = {"host": "h1", "site": "central", "at": NOW - 9_000, "every_ms": 60_000}


def texts(cells) -> list[str]:
    return [cell.text for cell in cells]


def test_certs() -> None:
    row = CertificateRow(
        name="mail", source="served", place="h1:993", serial="ab" * 10, issuer="CA",
        not_after=NOW + 12 * DAY_MS, **WHOSE,
    )  # fmt: skip
    assert texts(certs._row(row, NOW, "Asia/Hong_Kong", ENGLISH)) == [
        "12 d", "mail", "central", "h1", "served", "h1:993", "…" + "ab" * 6, "Wed 2 Dec", "CA", "9 s", "",
    ]  # fmt: skip
    unknown = CertificateRow(name="m", source="file", place="/m", gap="denied", **WHOSE)
    said = texts(certs._row(unknown, NOW, "UTC", ENGLISH))
    assert (said[0], said[7], said[-1]) == ("?", "–", "denied")


def test_patches() -> None:
    row = PatchRow(
        system="apt", pending=1_204, security=3, reboot=True, applied_at=NOW - 9 * DAY_MS,
        release="Debian", installed="abc", **WHOSE,
    )  # fmt: skip
    assert texts(patches._row(row, NOW, ENGLISH)) == [
        "h1", "central", "3", "1,204", "due", "9 d", "–", "Debian", "abc", "9 s", "",
    ]  # fmt: skip
    unknown = texts(patches._row(PatchRow(host="h", site="a", gap="no dpkg"), NOW, ENGLISH))
    assert unknown[2:5] == ["?", "?", "?"]


def test_replication_is_a_line_a_stream() -> None:
    streams = (Stream("db2", "streaming", "sync", 0.0, 0.04), Stream("db3", "catchup", "", 2048.0))
    row = ReplicationRow(system="postgresql", role="primary", streams=streams, **WHOSE)
    assert [texts(cells)[4:9] for cells in replication._rows(row, NOW, ENGLISH)] == [
        ["db2", "streaming", "sync", "0.0 s", "0 B"],
        ["db3", "catchup", "", "?", "2.0 KiB"],
    ]
    [alone] = replication._rows(ReplicationRow(host="h", site="a", system="mysql"), NOW, ENGLISH)
    assert texts(alone)[3:6] == ["?", "–", "–"]


def test_backups() -> None:
    hour = 3_600_000
    row = BackupRow(
        name="mdb", newest_at=NOW - 31 * hour, size_bytes=1 << 30, copies=4, place="/b/x",
        objective_ms=26 * hour, **WHOSE,
    )  # fmt: skip
    cells = backups._row(row, NOW, ENGLISH)
    assert texts(cells)[3:8] == ["31 h", "26 h", "1.0 GiB", "4", "/b/x"]
    assert cells[3].role == "crit b"
    none = backups._row(BackupRow(name="im", copies=0, **WHOSE), NOW, ENGLISH)
    assert (none[3].text, none[3].role) == ("no copy", "crit b")
    unseen = backups._row(BackupRow(name="im", gap="denied", **WHOSE), NOW, ENGLISH)
    assert (unseen[3].text, unseen[3].role) == ("?", "text")
