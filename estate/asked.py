"""What the estate has asked of a host besides what every host is asked: `probes:` of its file.

Nothing here is asked unless the estate says so: each costs the host something, or needs a right.
`user` is whom a command runs as, by `sudo -n -u`; "" for the login user.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Postgresql:
    """Replication as psql tells it; without a right to see it, pg_monitor is what is missing."""

    user: str = ""
    port: int | None = None
    database: str = "postgres"


@dataclass(frozen=True, slots=True)
class Mysql:
    """Replication as the client of MySQL or MariaDB tells it. `defaults` is a file on the host."""

    user: str = ""
    socket: str = ""
    defaults: str = ""


@dataclass(frozen=True, slots=True)
class Haproxy:
    """Backends as the stats socket tells them."""

    socket: str = "/run/haproxy/admin.sock"
    user: str = ""


@dataclass(frozen=True, slots=True)
class Keepalived:
    """Service addresses that one of several hosts should hold."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate: in `file` on the host, served at `serves`, or both.

    `serves` is "port" or "host:port"; a port alone is asked at the host's own address. `starttls`
    is "" for TLS from the first byte, "smtp" or "imap"; `ask_for` the name that is asked for.
    """

    name: str
    file: str = ""
    serves: str = ""
    starttls: str = ""
    ask_for: str = ""


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup: the newest file of `files`, a path or pattern, or what `command` prints:
    seconds since 1970 and, if it likes, bytes."""

    name: str
    files: str = ""
    command: str = ""
    within_ms: int | None = None
    least_bytes: float | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """The last lines of a unit's journal or of a file."""

    name: str
    unit: str = ""
    file: str = ""
    lines: int = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """All that is asked of one host; None, or nothing in it, for what is not."""

    postgresql: Postgresql | None = None
    mysql: Mysql | None = None
    haproxy: Haproxy | None = None
    keepalived: Keepalived | None = None
    packages: bool = False  # from the lists that are there: none is ever refreshed for us
    energy: bool = False
    certificates: tuple[Certificate, ...] = ()
    backups: tuple[Backup, ...] = ()
    logs: tuple[Log, ...] = ()
    configuration: tuple[str, ...] = ()  # paths of files that the hosts of a group have alike


#: What is asked of a host of which the estate says nothing.
NOTHING = Asked()


def together(*said: Asked) -> Asked:
    """What a host and its groups ask, the host first: of one thing the first that asks it, of
    things with names each name once."""
    parts: dict[str, object] = {}
    for each in fields(Asked):
        values = [getattr(asked, each.name) for asked in said]
        if each.name in ("certificates", "backups", "logs"):
            named: dict[str, object] = {}
            for one in (one for several in values for one in several):
                named.setdefault(one.name, one)
            parts[each.name] = tuple(named.values())
        else:
            parts[each.name] = next((value for value in values if value), each.default)
    return Asked(**parts)  # type: ignore[arg-type]  # each is of the field that it came from
