"""Every value is in its catalogue and of its kind; what is not known matches nothing."""

from __future__ import annotations

import pytest

from estate import standingfields as of
from estate.backups import BackupRow
from estate.certificates import CertificateRow, mismatched
from estate.filter import parse
from estate.patches import PatchRow
from estate.proxies import AddressRow, Backend, ProxyRow
from estate.quantities import ALLOWED
from estate.replication import ReplicationRow, Stream

NOW = 1_000_000
WHOSE = {"host": "h1", "site": "a", "at": NOW - 5_000, "every_ms": 15_000}
STREAM = Stream("db2", "streaming", "sync", 5e6, 12.0)
ROWS = [
    (of.CERTIFICATE_FIELDS, of.certificate_fields,
     CertificateRow(name="mail", source="served", place="h1:993", not_after=NOW + 864_000_000,
                    names=("a.example", "b.example"), **WHOSE),
     "left<30d covers:b.example source:served known:yes", "left<9d"),
    (of.PATCH_FIELDS, of.patch_fields,
     PatchRow(system="apt", pending=5, security=2, reboot=True, names=("openssl",), **WHOSE),
     "security>0 reboot:yes package:openssl", "applied<1d"),
    (of.REPLICATION_FIELDS, of.replication_fields,
     ReplicationRow(system="postgresql", role="primary", streams=(STREAM,), **WHOSE),
     "lag>10s peer:db2 behind>1M", "lag>1m"),
    (of.PROXY_FIELDS, of.proxy_fields,
     ProxyRow(backends=(Backend("web", 1, 2, 0, 7, 3, ("w2",)),), **WHOSE),
     "down:w2 queued>2", "queued>3"),
    (of.ADDRESS_FIELDS, of.address_fields,
     AddressRow(address="10.0.9.9", held=True, state="MASTER", **WHOSE),
     "held:yes state:MASTER", "held:no"),
    (of.BACKUP_FIELDS, of.backup_fields,
     BackupRow(name="mdb", newest_at=NOW - 90_000_000, size_bytes=2e9, copies=3, **WHOSE),
     "old>24h size>1G", "old>2d"),
]  # fmt: skip


@pytest.mark.parametrize(("catalogue", "fields", "row", "holds", "fails"), ROWS)
def test_fields(catalogue, fields, row, holds: str, fails: str) -> None:
    found = fields(row, NOW)
    assert found.keys() == catalogue.keys()
    for name, value in found.items():
        assert catalogue[name].unit in {"text", *ALLOWED}
        if value is not None:
            expected = (str, tuple) if catalogue[name].unit == "text" else (int, float)
            assert isinstance(value, expected), name
    assert parse(holds, catalogue).matches(found)
    assert not parse(fails, catalogue).matches(found)


def test_what_nobody_knows_is_found_as_such() -> None:
    row = PatchRow(host="h", site="a", gap="no answer")
    found = of.patch_fields(row, NOW)
    for text in ("security>0", "security<=0", "reboot:no"):
        assert not parse(text, of.PATCH_FIELDS).matches(found)
    assert parse("security=? known:no why:*answer*", of.PATCH_FIELDS).matches(found)


def test_only_what_is_known_at_both_places_can_differ() -> None:
    def row(source: str, mark: str) -> CertificateRow:
        return CertificateRow(
            host="h", site="a", name="m", source=source, place="", fingerprint=mark
        )

    assert mismatched((row("file", "1"), row("served", "1"))) == ()
    assert mismatched((row("file", "1"), row("served", ""))) == ()
    [(file, served)] = mismatched((row("file", "1"), row("served", "2")))
    assert (file.fingerprint, served.fingerprint) == ("1", "2")
