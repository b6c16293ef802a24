"""Two MariaDB servers of our own, a primary and its replica: started here, gone when it ends."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

#: mariadbd refuses to be root; another user needs a directory that it may enter.
USER = "nobody" if os.geteuid() == 0 else None
SECONDS = 30.0
#: Each is in RAM as far as it goes, and small.
SETTINGS = (
    "--no-defaults", "--skip-networking=0", "--bind-address=127.0.0.1", "--skip-name-resolve",
    "--innodb-buffer-pool-size=8M", "--innodb-log-file-size=4M", "--innodb-flush-log-at-trx-commit=0",
    "--performance-schema=0", "--log-bin=bin", "--slave-net-timeout=2",
)  # fmt: skip


def missing() -> str:
    """What of MariaDB is not installed; "" if nothing is."""
    path = f"{os.environ['PATH']}:/usr/sbin"
    programs = ("mariadbd", "mariadb-install-db", "mariadb")
    return ", ".join(each for each in programs if shutil.which(each, path=path) is None)


@dataclass(frozen=True, slots=True)
class Server:
    """One that answers at `socket`, as its superuser."""

    directory: Path
    port: int

    @property
    def socket(self) -> str:
        return str(self.directory / "sock")

    def sql(self, statement: str) -> str:
        """What the client prints, without a heading."""
        done = subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch",
             "--skip-column-names", "--execute", statement],
            capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def until(self, statement: str, wanted: str) -> None:
        """Wait until it answers so."""
        deadline = time.monotonic() + SECONDS
        while (found := self.sql(statement)) != wanted:
            assert time.monotonic() < deadline, f"{statement}: {found}"
            time.sleep(0.05)


@contextmanager
def replicating() -> Iterator[tuple[Server, Server]]:
    """A primary, and a replica that has caught up with it."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(TemporaryDirectory(prefix="tw-mariadb-", dir="/tmp")))
        place.chmod(0o755)
        made = place / "made"
        _as_user(made)
        _run("mariadb-install-db", "--no-defaults", f"--datadir={made}", "--skip-test-db",
             "--auth-root-authentication-method=normal")  # fmt: skip
        primary, replica = (stack.enter_context(_serving(place, made, number)) for number in (1, 2))
        primary.sql("create user repl@'127.0.0.1' identified by 'secret'")
        primary.sql("grant replication slave on *.* to repl@'127.0.0.1'")
        primary.sql("create database app; create table app.t (n int)")
        replica.sql("change master to master_host='127.0.0.1', master_user='repl',"
                    f" master_password='secret', master_port={primary.port},"
                    " master_use_gtid=slave_pos; start slave")  # fmt: skip
        replica.until(
            "select count(*) from information_schema.tables where table_schema='app'", "1"
        )
        yield primary, replica


@contextmanager
def _serving(place: Path, made: Path, number: int) -> Iterator[Server]:
    directory = place / str(number)
    _run("cp", "-a", str(made), str(directory))
    server = Server(directory, _free_port())
    program = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin") or "mariadbd"
    with (place / f"{number}.log").open("w") as log:
        process = subprocess.Popen(
            [program, *SETTINGS, f"--datadir={directory}", f"--socket={server.socket}",
             f"--port={server.port}", f"--server-id={number}", f"--pid-file={directory}/pid"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, user=USER,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + SECONDS
        while not Path(server.socket).exists():
            assert process.poll() is None, (place / f"{number}.log").read_text()
            assert time.monotonic() < deadline, "mariadbd does not listen"
            time.sleep(0.05)
        yield server
    finally:
        process.kill()
        process.wait()


def _as_user(directory: Path) -> None:
    directory.mkdir()
    if USER is not None:
        shutil.chown(directory, USER)


def _run(*command: str) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS,
        check=False, user=USER if command[0] != "cp" else None,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def _free_port() -> int:
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
