"""What is asked of hosts besides what every host is asked: `probes:` of a host or a group.

Paths and names end up in shell scripts on hosts, so what they may hold is spelled out.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from estate.asked import (
    Asked,
    Backup,
    Certificate,
    Haproxy,
    Keepalived,
    Log,
    Mysql,
    Postgresql,
)
from estate.error import InputError
from estate.grammar.words import HOUR_MS, MINUTE_MS, NAME, USER, WORDS, duration, with_a_port
from estate.quantities import ALLOWED, quantity
from estate.shapes import Choice, Key, ListOf, Record, Text, Truth, Whole

DAY_MS = 24 * HOUR_MS


def _ip(text: str) -> str:
    """An address as `ip` prints it, whichever way it was written."""
    try:
        return str(ip_address(text))
    except ValueError:
        raise InputError(f"{text!r} is no IP address", "write one such as 10.0.9.9") from None


_IN_A_PATH = r"[\w.,@:+=%~-]"
PATH = Text(
    str, "a path without blanks or quotes: /etc/ssl/mail.pem", rf"/{_IN_A_PATH}*(/{_IN_A_PATH}+)*/?"
)
PATTERN = Text(str, "a path or pattern: /srv/backup/*.dump", r"/[\w.,@:+=%~*?/-]*")
UNIT = Text(str, "a systemd unit: postfix or postfix@-.service", r"[\w@.:\\-]{1,255}")
IP = Text(_ip, "an IP address")
SERVES = Text(with_a_port, "a port, or host:port", r"([\w.:\[\]-]{1,253}:)?[0-9]{1,5}")
SERVER_NAME = Text(str, "a name: mail.example", r"[A-Za-z0-9][\w.-]{0,252}")
DATABASE = Text(str, "a name: letters, digits, _ and -", r"[A-Za-z_][\w-]{0,62}")


def _one_of(build: Callable[..., Any], what: str, *keys: str) -> Callable[..., Any]:
    """`build`, for what needs exactly one of `keys`."""

    def checked(**parts: Any) -> Any:
        if len([key for key in keys if key in parts]) != 1:
            raise InputError(f"{what} comes from one place", f"write {' or '.join(keys)}")
        return build(**parts)

    return checked


def _certificate(**parts: Any) -> Certificate:
    if "file" not in parts and "serves" not in parts:
        raise InputError("a certificate nobody can look at", "add file or serves, or both")
    if "serves" not in parts and ("starttls" in parts or "ask_for" in parts):
        raise InputError("a certificate that is not served", "add serves: 443")
    return Certificate(**parts)


POSTGRESQL = Record(
    "postgresql", Postgresql,
    (Key("user", USER), Key("port", Whole(1, 65_535)), Key("database", DATABASE)),
)  # fmt: skip
MYSQL = Record("mysql", Mysql, (Key("user", USER), Key("socket", PATH), Key("defaults", PATH)))
HAPROXY = Record("haproxy", Haproxy, (Key("socket", PATH), Key("user", USER)))
KEEPALIVED = Record("keepalived", Keepalived, (Key("addresses", ListOf(IP), required=True),))
CERTIFICATE = Record(
    "a certificate", _certificate,
    (
        Key("name", NAME, required=True, words="One certificate has one name on every host."),
        Key("file", PATH, words="Where it lies on the host, as PEM."),
        Key("serves", SERVES, words="Where it is served: a port of the host, or host:port."),
        Key("starttls", Choice(("smtp", "imap"))),
        Key("ask_for", SERVER_NAME, words="The name that is asked for; the host's if not said."),
    ),
)  # fmt: skip
BACKUP = Record(
    "a backup", _one_of(Backup, "a backup", "files", "command"),
    (
        Key("name", NAME, required=True),
        Key("files", PATTERN, words="The newest of these files is the newest copy."),
        Key("command", WORDS, words="Prints seconds since 1970, and bytes."),
        Key("within", duration(MINUTE_MS, 400 * DAY_MS), "within_ms", words="No older than this."),
        Key("least", Text(lambda text: quantity(text, "B"), ALLOWED["B"]), "least_bytes"),
    ),
)  # fmt: skip
LOG = Record(
    "a log", _one_of(Log, "a log", "unit", "file"),
    (
        Key("name", NAME, required=True),
        Key("unit", UNIT),
        Key("file", PATH),
        Key("lines", Whole(1, 200)),
    ),
)  # fmt: skip

#: All that can be asked of a host.
PROBES = Record(
    "probes", Asked,
    (
        Key("postgresql", POSTGRESQL, words="Replication of PostgreSQL."),
        Key("mysql", MYSQL, words="Replication of MySQL or MariaDB."),
        Key("haproxy", HAPROXY, words="Backends, their servers, sessions and queues."),
        Key("keepalived", KEEPALIVED, words="Which host holds a service address."),
        Key("packages", Truth(), words="Pending packages, security, restarts that are due."),
        Key("energy", Truth(), words="Watts, where the processor counts them."),
        Key("certificates", ListOf(CERTIFICATE), words="In files, and as they are served."),
        Key("backups", ListOf(BACKUP), words="How old the newest copy is."),
        Key("logs", ListOf(LOG), words="Last lines, for the host's screen."),
        Key("configuration", ListOf(PATH), words="Files that a group's hosts have alike."),
    ),
)  # fmt: skip
