"""OpenMetrics of what stands on hosts: what is known now, and nothing else."""

from __future__ import annotations

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse

from estate.backups import BackupRow
from estate.certificates import CertificateRow
from estate.document import Document, WatchRow
from estate.patches import PatchRow
from estate.proxies import AddressRow, Backend, ProxyRow
from estate.replication import ReplicationRow, Stream
from watch.openmetrics import page

NOW = 1_795_115_232_000
WHOSE = {"host": "h", "site": "a", "at": NOW - 1_000, "every_ms": 15_000}


def samples(**rows: object) -> dict[tuple[str, str], float]:
    document = Document(1, NOW, "E", "UTC", "en", 1000, WatchRow(), **rows)
    found = {}
    for family in parse(page(document, {}).decode()):
        for sample in family.samples:
            labels = ",".join(
                v for k, v in sorted(sample.labels.items()) if k not in ("host", "site")
            )
            found[sample.name, labels] = sample.value
    return found


def test_figures_of_each_kind() -> None:
    said = samples(
        replication=(
            ReplicationRow(system="postgresql", role="standby", **WHOSE,
                           streams=(Stream("db1", "streaming", "", 10.0, 2.5),)),
        ),
        proxies=(ProxyRow(backends=(Backend("web", 1, 2, 0, 5, 0, ("w2",)),), **WHOSE),),
        addresses=(AddressRow(address="10.0.9.9", held=False, **WHOSE),),
        certificates=(
            CertificateRow(name="m", source="file", place="/m", not_after=NOW, **WHOSE),
        ),
        patches=(PatchRow(pending=7, security=2, reboot=True, **WHOSE),),
        backups=(BackupRow(name="b", newest_at=NOW - 5_000, size_bytes=9.0, **WHOSE),),
    )  # fmt: skip
    assert said["twinwatch_replication_lag_seconds", "db1,standby"] == 2.5
    assert said["twinwatch_replication_flowing", "db1,standby"] == 1
    assert said["twinwatch_backend_servers_up", "web"] == 1
    assert said["twinwatch_address_held", "10.0.9.9"] == 0
    assert said["twinwatch_certificate_expiry_timestamp_seconds", "m,file"] == NOW / 1000
    assert said["twinwatch_packages_security", ""] == 2
    assert said["twinwatch_packages_reboot", ""] == 1
    assert said["twinwatch_backup_newest_bytes", "b"] == 9


def test_what_is_old_or_was_not_told_has_no_figure() -> None:
    old = {**WHOSE, "at": NOW - 60_000}
    gone = {**WHOSE, "gap": "no answer"}
    said = samples(
        patches=(PatchRow(pending=7, **old), PatchRow(pending=8, **gone), PatchRow(**WHOSE)),
        replication=(ReplicationRow(system="mysql", streams=(Stream("p", "running"),), **WHOSE),),
    )
    assert not any(name.startswith("twinwatch_packages") for name, _ in said)
    assert not any(name == "twinwatch_replication_lag_seconds" for name, _ in said)
