"""What stands on a demo host beside its load: replication, proxies, addresses, certificates,
packages and backups, as its commands print it and its files hold it.

Texts only; `root` puts them below the host's prefix. `lost` are the hosts that nobody reaches any
more: what one host says of another follows from it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zlib import crc32

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collectors.demo.roster import Member

#: Certificates of the platform: where they lie, and in how many days they expire at each site.
CERTIFICATES = {
    "mail.demo": ("lb", {"central": 84, "recovery": 84}),
    "im.demo": ("lb", {"central": 23, "recovery": 80}),
    "ldap.demo": ("dir", {"central": 61, "recovery": 61}),
}
#: Service addresses, one a site, held by the first balancer there.
ADDRESSES = {"central": "10.20.0.25", "recovery": "10.30.0.25"}
#: Backups: of what, how old in hours, how big in GB, and how old one may be.
BACKUPS = {"mdb": (5.2, 41.3, "26h"), "mbx": (7.9, 812.0, "26h"), "im": (31.4, 9.1, "26h")}
#: A file of each group that its hosts should have alike.
CONFIGURATION = {
    "mta": "/etc/postfix/main.cf",
    "mbx": "/etc/dovecot/dovecot.conf",
    "im": "/etc/ejabberd/ejabberd.yml",
}
KERNEL = "6.1.0-41-amd64"
_RELEASE = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
_UPDATES = (
    ("openssl", "3.0.17-1~deb12u2", "Debian-Security:12/stable-security"),
    ("libssl3", "3.0.17-1~deb12u2", "Debian-Security:12/stable-security"),
    ("tzdata", "2025b-0+deb12u2", "Debian:12.11/stable"),
    ("base-files", "12.4+deb12u11", "Debian:12.11/stable"),
    ("curl", "7.88.1-10+deb12u14", "Debian:12.11/stable"),
)


def keeps_backups(member: Member) -> bool:
    """Whether the platform's backups lie there: away from what they are of."""
    return member.group == "ops" and member.site == "recovery"


@dataclass(frozen=True)
class Standing:
    """One host among `members`; `lost` changes as the scenario goes on."""

    member: Member
    members: Sequence[Member]
    lost: Set[str]

    def printed(self) -> dict[str, str]:
        """What the host's commands print, by file name below its etc/."""
        files = {"apt.upgrade": self._upgrade(), "dpkg.list": self._packages()}
        if self.member.group == "mdb":
            files["psql.json"] = "".join(f"{json.dumps(each)}\n" for each in self._database())
        if self.member.group == "lb":
            files["haproxy.stat"] = self._proxy()
            files["addresses"] = self._addresses()
            files["keepalived.journal"] = f"(VI_1) Entering {self._state()} STATE\n"
        return files

    def lasting(self) -> dict[str, str]:
        """Files that were there before and stay, by path below the host's root."""
        files = {"etc/os-release": _RELEASE, f"boot/vmlinuz-{KERNEL}": ""}
        if self.member.group == "ops" and self._behind:
            files["run/reboot-required"] = ""
        if path := CONFIGURATION.get(self.member.group):
            files[path.removeprefix("/")] = f"# {self.member.group}, the same at both sites\n"
        for name, (group, days) in CERTIFICATES.items():
            if group == self.member.group:
                files[f"srv/tls/{name}.pem"] = _certificate(name, days[self.member.site])
        return files

    @property
    def patched_days_ago(self) -> float:
        """When packages were last installed."""
        return 41.3 if self._behind else 9.2

    @property
    def copies(self) -> dict[str, tuple[float, float]]:
        """Backups that lie here: file below the root, hours old, bytes."""
        if not keeps_backups(self.member):
            return {}
        return {
            f"srv/backup/{name}-0400.borg": (hours, size * 1e9)
            for name, (hours, size, _) in BACKUPS.items()
        }

    @property
    def _behind(self) -> bool:
        """Whether the last patches have not come here yet: the recovery site's relays, and ops."""
        recovery = self.member.site == "recovery"
        return recovery and self.member.group in ("mta", "ops")

    # --- packages ---------------------------------------------------------------------------------

    def _upgrade(self) -> str:
        waiting = _UPDATES if self._behind else _UPDATES[2:3]
        return "".join(
            f"Inst {name} [0] ({new} {origin} [amd64])\n" for name, new, origin in waiting
        )

    def _packages(self) -> str:
        every = [f"ii  base-{number} 1.0\n" for number in range(40)]
        every += [f"ii  {name} {'0' if self._behind else new}\n" for name, new, _ in _UPDATES]
        return "".join((*every, f"ii  {self.member.group}-role 1.0\n"))

    # --- databases --------------------------------------------------------------------------------

    def _database(self) -> list[dict[str, object]]:
        """The first database of the platform is the primary, the others follow it."""
        databases = [each for each in self.members if each.group == "mdb"]
        first, *others = databases
        primary = first.name == self.member.name
        says: list[dict[str, object]] = [
            {"kind": "server", "recovery": not primary, "sees": True, "follows": first.name}
        ]
        if primary:
            says[0]["follows"] = None
            for each in others:
                here = each.site == first.site
                gone = each.name in self.lost
                if not gone:
                    sync = "sync" if here else "async"
                    standby = {"name": each.name, "state": "streaming", "sync": sync, "bytes": 0}
                    says.append({"kind": "standby", "address": None, **standby})
                kept = 61_000_000 if gone else 0
                slot = each.name.replace("-", "_")
                says.append({"kind": "slot", "name": slot, "active": not gone, "kept": kept})
        elif first.name not in self.lost:
            lag = 0.1 + crc32(self.member.name.encode()) % 5 / 10
            heard = {"state": "streaming", "host": first.name, "heard": lag, "asks": 30}
            says.append({"kind": "receiver", **heard})
            says.append({"kind": "replay", "bytes": int(lag * 180_000), "seconds": lag})
        return [*says, {"kind": "end"}]

    # --- balancers --------------------------------------------------------------------------------

    def _proxy(self) -> str:
        """As HAProxy's socket prints it, of the columns those that are read."""
        rows = ["# pxname,svname,qcur,scur,status,"]
        for backend, group in (("smtp", "mta"), ("imap", "mbx"), ("xmpp", "im")):
            servers = [
                each
                for each in self.members
                if each.group == group and each.site == self.member.site
            ]
            up = [each for each in servers if each.name not in self.lost]
            for each in servers:
                status = "UP" if each in up else "DOWN"
                rows.append(f"{backend},{each.name},0,{12 if each in up else 0},{status},")
            status = "UP" if up else "DOWN"
            rows.append(f"{backend},BACKEND,{0 if up else 9},{12 * len(up)},{status},")
        return "Name: HAProxy\nVersion: 2.6.12-1+deb12u3\n\n" + "\n".join(rows) + "\n\n"

    def _state(self) -> str:
        balancers = [
            each.name
            for each in self.members
            if each.group == "lb" and each.site == self.member.site and each.name not in self.lost
        ]
        return "MASTER" if balancers[:1] == [self.member.name] else "BACKUP"

    def _addresses(self) -> str:
        lines = "1: lo    inet 127.0.0.1/8 scope host lo\n"
        if self._state() == "MASTER":
            address = ADDRESSES[self.member.site]
            lines += f"2: eth0    inet {address}/32 scope global eth0\n"
        return lines


@cache
def _certificate(name: str, days: int) -> str:
    """A certificate for `name` that expires in so many days, made once for all who have it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Demo issuing CA")])
    now = datetime.now(UTC).replace(microsecond=0)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90 - min(days, 89)))
        .not_valid_after(now + timedelta(days=days, hours=6))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()
