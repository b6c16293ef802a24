"""What stands on the hosts of the invented estate: in an incident, and everything odd about it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from estate.backups import BackupRow
from estate.certificates import DAY_MS, CertificateRow
from estate.document import Document
from estate.patches import PatchRow
from estate.proxies import AddressRow, Backend, ProxyRow
from estate.replication import ReplicationRow, Slot, Stream
from tui.console.keys.keymap import Keymap
from tui.paint.view import View

HOUR_MS = 3_600_000


def standing(document: Document, now: int) -> Document:
    """`document` with rows of each kind."""
    return replace(
        document,
        replication=_replication(now),
        proxies=_proxies(now),
        addresses=_addresses(now),
        certificates=_certificates(now),
        patches=tuple(_patches(document, now)),
        backups=_backups(now),
    )


def shown(
    screen: str, boards: SimpleNamespace, document: Document, width: int = 80, height: int = 24,
    **parts: object,
) -> View:  # fmt: skip
    """`document` on a screen below home, with what its footer offers while no run asks."""
    keys = Keymap().footer(screen, without=frozenset({"runs.decide"}))
    given = {"screen": screen, "trail": ("home", screen), "keys": keys, **parts}
    return boards.view(document, width, height, **given)


def _certificate(
    name: str, host: str, days: float | None, mark: str, now: int, **more: object
) -> CertificateRow:
    site = "central" if "-c" in host else "recovery"
    given = {
        "source": "file", "place": f"/etc/ssl/{name}.pem", "at": now - 9_000, "every_ms": 60_000,
        "issuer": "HKSARG Issuing CA 3", "serial": f"5a{mark * 6}", "fingerprint": mark * 64,
        "subject": name, "names": (name,), **more,
    }  # fmt: skip
    ends = None if days is None else now + int(days * DAY_MS)
    return CertificateRow(host=host, site=site, name=name, not_after=ends, **given)


def _certificates(now: int) -> tuple[CertificateRow, ...]:
    served = {"source": "served", "place": "mbx-c02:993"}
    gap = {"gap": "Permission denied", "fingerprint": "", "subject": "", "names": (), "at": None}
    return (
        _certificate("mail.example", "lb-c01", 84, "a", now),
        _certificate("mail.example", "lb-r01", 84, "a", now, names=("mail.example", "mx.example")),
        _certificate("im.example", "lb-c01", 23, "b", now),
        _certificate("im.example", "lb-r01", 80, "c", now),
        _certificate("imap.example", "mbx-c02", 61, "d", now),
        _certificate("imap.example", "mbx-c02", 4.2, "e", now, **served),
        _certificate("smime.example", "dir-r02", None, "f", now, **gap),
        _certificate("old.example", "gw-c01", -2, "9", now),
        _certificate("ldap.example", "dir-c01", 61, "8", now),
        _certificate("ldap.example", "dir-r01", 61, "8", now),
    )


def _replication(now: int) -> tuple[ReplicationRow, ...]:
    every = {"system": "postgresql", "every_ms": 15_000}
    sent = (
        Stream("mdb-c02", "streaming", "sync", 0.0, 0.0),
        Stream("mdb-r01", "streaming", "async", 18_000.0, None),
    )
    slots = (Slot("mdb_r01", True, 0.0), Slot("mdb_r09", False, 7.2e9))
    received = (Stream("mdb-c01", "stopped"),)
    return (
        ReplicationRow(host="mdb-c01", site="central", at=now - 512_000, role="primary",
                       streams=sent, slots=slots, **every),
        ReplicationRow(host="mdb-r01", site="recovery", at=now - 4_000, role="standby",
                       follows="mdb-c01", streams=received, **every),
        ReplicationRow(host="mdb-r02", site="recovery", at=now - 7_000, role="standby",
                       gap="this user may not see replication: GRANT pg_monitor TO it", **every),
        ReplicationRow(host="im-c01", site="central", at=now - 3_000, system="mysql",
                       role="standby", every_ms=15_000,
                       streams=(Stream("im-c02", "running", "", None, 42.0),)),
    )  # fmt: skip


def _proxies(now: int) -> tuple[ProxyRow, ...]:
    smtp = Backend("smtp", 12, 16, 0, 4_812, 0, ("mta-c13", "mta-c14", "mta-c15", "mta-c16"))
    imap = Backend("imap", 0, 8, 0, 0, 212, tuple(f"mbx-c{n:02d}" for n in range(1, 9)))
    well = (Backend("smtp", 15, 16, 1, 512, 0), Backend("imap", 8, 8, 0, 96, 0))
    return (
        ProxyRow(host="lb-c01", site="central", at=now - 2_000, every_ms=15_000, backends=(smtp, imap)),
        ProxyRow(host="lb-r01", site="recovery", at=now - 2_000, every_ms=15_000, backends=well),
        ProxyRow(host="lb-r02", site="recovery", gap="/run/haproxy/admin.sock: permission denied"),
    )  # fmt: skip


def _addresses(now: int) -> tuple[AddressRow, ...]:
    given = {"address": "10.20.0.25", "site": "central", "at": now - 3_000, "every_ms": 15_000}
    return (
        AddressRow(host="lb-c01", held=True, interface="eth0", state="MASTER", running=True, **given),
        AddressRow(host="lb-c02", held=False, state="BACKUP", running=False, **given),
    )  # fmt: skip


def _backups(now: int) -> tuple[BackupRow, ...]:
    given = {"host": "ops-r01", "site": "recovery", "at": now - 60_000, "every_ms": 300_000}
    day = 26 * HOUR_MS
    return (
        BackupRow(name="mdb", newest_at=now - 5 * HOUR_MS, size_bytes=41.3e9, copies=14,
                  place="/srv/backup/mdb-0400.dump", objective_ms=day, **given),
        BackupRow(name="im", newest_at=now - 31 * HOUR_MS, size_bytes=9.1e9, copies=9,
                  place="/srv/backup/im-0400.dump", objective_ms=day, **given),
        BackupRow(name="dir", newest_at=now - 3 * HOUR_MS, size_bytes=12.0, copies=3,
                  place="/srv/backup/dir.ldif", least_bytes=1e6, **given),
        BackupRow(name="voice", copies=0, objective_ms=day, **given),
    )  # fmt: skip


def _patches(document: Document, now: int) -> list[PatchRow]:
    rows = []
    for number, host in enumerate(document.hosts.values()):
        behind = host.site == "recovery" and host.groups[0] in ("mta", "ops")
        unknown = host.name == "dir-r02"
        row = PatchRow(
            host=host.name, site=host.site, at=now - 900_000, every_ms=HOUR_MS,
            system="apt", release="Debian GNU/Linux 12 (bookworm)", pending=9 if behind else 1,
            security=2 if behind else 0, reboot=number % 17 == 5, installed="b" if behind else "a",
            applied_at=now - (41 if behind else 9) * DAY_MS, listed_at=now - 3 * HOUR_MS,
            names=("openssl", "libssl3", "tzdata") if behind else ("tzdata",),
        )  # fmt: skip
        if unknown:
            row = PatchRow(host=host.name, site=host.site, gap="no answer from dpkg-query")
        rows.append(row)
    return rows
