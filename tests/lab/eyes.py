"""Independent eyes: what the lab's services really do, never in the words of what is being tested.

Each looks with a service's own client, in the host itself or from where the console stands.
"""

from __future__ import annotations

import contextlib
import csv
import http.client
import io
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from tests.lab.image import cached
from tests.lab.layout import DB_SERVICE
from tests.lab.rig import Lab, LabHost
from tests.lab.roles.haproxy import ADMIN_SOCKET

PSQL = "/usr/lib/postgresql/15/bin/psql"
SECONDS = 5.0


# ── PostgreSQL ──


def rows(host: LabHost, sql: str, database: str = "postgres") -> list[list[str]]:
    """What psql says in the host itself, as its superuser."""
    command = f"runuser -u postgres -- {PSQL} -XAtq -v ON_ERROR_STOP=1 -d {database}"
    return [line.split("|") for line in host.run(command, stdin=sql).splitlines()]


def value(host: LabHost, sql: str) -> str:
    """The only value of the only row."""
    [[only]] = rows(host, sql)
    return only


def takes_writes(host: LabHost) -> bool:
    """It is a primary: not in recovery."""
    return value(host, "select pg_is_in_recovery()") == "f"


def streaming_from(host: LabHost) -> dict[str, int]:
    """Bytes that each streaming standby has yet to replay, by its address."""
    found = rows(
        host,
        "select client_addr, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint"
        " from pg_stat_replication where state = 'streaming'",
    )
    return {address: int(behind or -1) for address, behind in found}


@dataclass(frozen=True, slots=True)
class Write:
    """One row that somebody wanted to write: when it was answered, and by whom, "" if not."""

    number: int
    at: float  # Unix time
    server: str
    error: str = ""


#: One client after the other, each with a connection of its own, as an application's pool would
#: have after an outage.
WRITING = f"""\
number=$2
while :; do
    number=$((number + 1))
    answer=$(timeout 1 {PSQL} -XAtq -h "$1" -U postgres -c \
        "insert into written values ($number) returning host(inet_server_addr())" 2>&1)
    printf '%s|%s|%s|%s\\n' "$number" "$(date +%s.%N)" "$?" "$(printf %s "$answer" | head -n 1)"
    sleep 0.05
done
"""


class Writer:
    """Rows written from operations through the service address, one after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._writes: list[Write] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def acknowledged(self) -> list[Write]:
        return [write for write in list(self._writes) if not write.error]

    @property
    def failed(self) -> list[Write]:
        return [write for write in list(self._writes) if write.error]

    def first_after(self, moment: float, seconds: float = 30.0) -> Write:
        """The first row that was acknowledged after `moment` (Unix time); waits for it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for write in self.acknowledged:
                if write.at > moment:
                    return write
            time.sleep(0.02)
        raise AssertionError(f"no row was acknowledged; last {self._writes[-3:]}")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            number, at, status, said = line.rstrip("\n").split("|", 3)
            server, error = (said, "") if status == "0" else ("", said or f"status {status}")
            self._writes.append(Write(int(number), float(at), server, error))

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join()
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextlib.contextmanager
def writing(lab: Lab, address: str = DB_SERVICE, first: int = 1) -> Iterator[Writer]:
    """Rows with numbers from `first` on, until the block ends; `table_for_writes` makes the table."""
    command = ["sh", "-c", WRITING, "writing", address, str(first - 1)]
    process = subprocess.Popen(
        from_ops(lab, *command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    writer = Writer(process)
    try:
        yield writer
    finally:
        writer.end()


def table_for_writes(primary: LabHost) -> None:
    rows(primary, "drop table if exists written; create table written (number bigint primary key)")


def written(host: LabHost) -> set[int]:
    """The numbers that the host has."""
    return {int(number) for [number] in rows(host, "select number from written")}


# ── HAProxy ──


def balancer(host: LabHost, *commands: str) -> str:
    """What its admin socket answers."""
    return host.run(f"socat -t 2 - UNIX-CONNECT:{ADMIN_SOCKET}", stdin=";".join(commands) + "\n")


def servers(host: LabHost, proxy: str) -> dict[str, str]:
    """The state of each server behind `proxy`, such as "UP", "DOWN", "MAINT", "DRAIN"."""
    said = balancer(host, "show stat").lstrip("# ")
    table = csv.DictReader(io.StringIO(said))
    return {
        row["svname"]: row["status"].split()[0]  # "UP 1/2": up, and a check was missed
        for row in table
        if row["pxname"] == proxy and row["svname"] not in ("FRONTEND", "BACKEND")
    }


# ── HTTP and TLS, from operations ──


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    text: str


def page(lab: Lab, address: str, path: str = "/", *, port: int = 80) -> Page:
    """One request on a connection of its own. Raises OSError where there is no answer."""
    with lab.in_network("ops"):
        connection = http.client.HTTPConnection(address, port, timeout=SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return Page(answer.status, answer.read().decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Served:
    """A certificate as a server hands it out; `serial` is hexadecimal, without leading zeros."""

    serial: str
    names: tuple[str, ...]
    issuer: str
    ends: datetime


def served(lab: Lab, address: str, port: int = 443, *, name: str = "") -> Served:
    """What a plain TLS connection is shown, whatever it is worth."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        lab.in_network("ops"),
        contextlib.closing(_connected(address, port)) as plain,
        context.wrap_socket(plain, server_hostname=name or address) as secured,
    ):
        shown = secured.getpeercert(binary_form=True)
    assert shown is not None
    certificate = x509.load_der_x509_certificate(shown)
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return Served(
        f"{certificate.serial_number:X}",
        tuple(str(each.value) for each in alternatives.value),
        certificate.issuer.rfc4514_string(),
        certificate.not_valid_after_utc,
    )


def accepts(lab: Lab, address: str, port: int, seconds: float = 1.0) -> str:
    """ "open", or why not: "refused", "silent" or the kernel's word."""
    try:
        with lab.in_network("ops"), contextlib.closing(_connected(address, port, seconds)):
            return "open"
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "silent"
    except OSError as error:
        return error.strerror or str(error)


# ── names, packages ──


def resolved(lab: Lab, name: str, server: str) -> str:
    """What BIND answers, "" for nothing."""
    return _asked(lab, "dig", "+short", "+time=1", "+tries=2", f"@{server}", name).strip()


def package_version(host: LabHost, package: str) -> str:
    """As dpkg has it installed."""
    return host.run(f"dpkg-query -W -f '${{Version}}' {package}")


# ── where these stand ──


def from_ops(lab: Lab, *command: str) -> list[str]:
    """A program of the image, where the console stands."""
    return [*lab.in_ops(), "chroot", str(cached().base), *command]


def _asked(lab: Lab, *command: str) -> str:
    done: subprocess.CompletedProcess[str] = subprocess.run(
        from_ops(lab, *command), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    return done.stdout


def _connected(address: str, port: int, seconds: float = SECONDS) -> socket.socket:
    return socket.create_connection((address, port), timeout=seconds)
