"""What a filter can ask of certificates, patches, replication, proxies, addresses and backups, and
the answers for one row; as `estate.fields` for hosts."""

from __future__ import annotations

from collections.abc import Mapping

from estate.backups import BackupRow
from estate.certificates import CertificateRow
from estate.fields import Field
from estate.patches import PatchRow
from estate.proxies import AddressRow, ProxyRow
from estate.replication import ReplicationRow
from estate.standing import Measured

_YES_NO = ("yes", "no")
_SHARED = (
    Field("host", "text", "the host that it is about"),
    Field("site", "text", "the key of its site"),
    Field("known", "text", "whether its figures are of now: yes, no", _YES_NO),
    Field("why", "text", "why they are not"),
    Field("age", "s", "age of its figures"),
)


def _catalogue(*fields: Field) -> Mapping[str, Field]:
    return {field.name: field for field in (*_SHARED, *fields)}


CERTIFICATE_FIELDS = _catalogue(
    Field("name", "text", "what the estate calls it"),
    Field("source", "text", "file, served", ("file", "served")),
    Field("place", "text", "its path, or host:port"),
    Field("subject", "text", "whom it is for"),
    Field("issuer", "text", "who signed it"),
    Field("serial", "text", "its number, hexadecimal"),
    Field("covers", "text", "any name that it covers"),
    Field("left", "s", "until it expires"),
)
PATCH_FIELDS = _catalogue(
    Field("system", "text", "apt, dnf", ("apt", "dnf")),
    Field("release", "text", "what is installed"),
    Field("kernel", "text", "what runs"),
    Field("pending", "", "updates that wait"),
    Field("security", "", "those that mend a hole"),
    Field("reboot", "text", "whether a restart is due", _YES_NO),
    Field("package", "text", "any package that waits"),
    Field("applied", "s", "since the last one was installed"),
    Field("listed", "s", "age of the lists"),
)
REPLICATION_FIELDS = _catalogue(
    Field("system", "text", "postgresql, mysql", ("postgresql", "mysql")),
    Field("role", "text", "primary, standby", ("primary", "standby")),
    Field("peer", "text", "any server at the other end"),
    Field("state", "text", "any stream's state"),
    Field("lag", "s", "how far the last one is behind"),
    Field("behind", "B", "the same in bytes"),
)
PROXY_FIELDS = _catalogue(
    Field("backend", "text", "any of its backends"),
    Field("down", "text", "any server that is down"),
    Field("queued", "", "requests that wait, of all backends"),
    Field("sessions", "", "sessions of all backends"),
)
ADDRESS_FIELDS = _catalogue(
    Field("address", "text", "the service address"),
    Field("held", "text", "whether this host holds it: yes, no", _YES_NO),
    Field("state", "text", "what keepalived says of itself"),
)
BACKUP_FIELDS = _catalogue(
    Field("name", "text", "what the estate calls it"),
    Field("place", "text", "the newest copy"),
    Field("old", "s", "age of the newest copy"),
    Field("size", "B", "its size"),
    Field("copies", "", "how many there are"),
)


def certificate_fields(row: CertificateRow, now: int) -> dict[str, object]:
    """The fields of `CERTIFICATE_FIELDS` for one row at `now`, UTC ms."""
    left = row.left_ms(now)
    return {
        **_shared(row, now),
        "name": row.name,
        "source": row.source,
        "place": row.place,
        "subject": row.subject or None,
        "issuer": row.issuer or None,
        "serial": row.serial or None,
        "covers": row.names,
        "left": None if left is None else left / 1000,
    }


def patch_fields(row: PatchRow, now: int) -> dict[str, object]:
    """The fields of `PATCH_FIELDS` for one row at `now`, UTC ms."""
    return {
        **_shared(row, now),
        "system": row.system or None,
        "release": row.release or None,
        "kernel": row.kernel or None,
        "pending": row.pending,
        "security": row.security,
        "reboot": _yes_no(row.reboot),
        "package": row.names,
        "applied": _ago(row.applied_at, now),
        "listed": _ago(row.listed_at, now),
    }


def replication_fields(row: ReplicationRow, now: int) -> dict[str, object]:
    """The fields of `REPLICATION_FIELDS` for one row at `now`, UTC ms."""
    return {
        **_shared(row, now),
        "system": row.system,
        "role": row.role or None,
        "peer": tuple(each.peer for each in row.streams),
        "state": tuple(each.state for each in row.streams),
        "lag": row.lag_seconds,
        "behind": row.lag_bytes,
    }


def proxy_fields(row: ProxyRow, now: int) -> dict[str, object]:
    """The fields of `PROXY_FIELDS` for one row at `now`, UTC ms."""
    return {
        **_shared(row, now),
        "backend": tuple(each.name for each in row.backends),
        "down": tuple(name for each in row.backends for name in each.down),
        "queued": _sum([each.queued for each in row.backends]),
        "sessions": _sum([each.sessions for each in row.backends]),
    }


def address_fields(row: AddressRow, now: int) -> dict[str, object]:
    """The fields of `ADDRESS_FIELDS` for one row at `now`, UTC ms."""
    return {
        **_shared(row, now),
        "address": row.address,
        "held": _yes_no(row.held),
        "state": row.state or None,
    }


def backup_fields(row: BackupRow, now: int) -> dict[str, object]:
    """The fields of `BACKUP_FIELDS` for one row at `now`, UTC ms."""
    return {
        **_shared(row, now),
        "name": row.name,
        "place": row.place or None,
        "old": _ago(row.newest_at, now),
        "size": row.size_bytes,
        "copies": row.copies,
    }


def _shared(row: Measured, now: int) -> dict[str, object]:
    return {
        "host": row.host,
        "site": row.site,
        "known": _yes_no(row.known(now)),
        "why": row.gap or None,
        "age": _ago(row.at, now),
    }


def _yes_no(truth: bool | None) -> str | None:
    return None if truth is None else "yes" if truth else "no"


def _ago(at: int | None, now: int) -> float | None:
    return None if at is None else (now - at) / 1000


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
