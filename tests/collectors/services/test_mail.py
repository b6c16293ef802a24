"""A message that goes in and comes out: against a server of each kind that is good, slow or lies.

The mailbox of the first tests is a real Dovecot, on loopback, with a configuration of its own.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from collectors.services.prober import Prober
from estate.ledger.observed import Probed
from estate.ledger.rounds import Seen
from estate.model import Estate, Service

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
DOVECOT = shutil.which("dovecot") or "/usr/sbin/dovecot"
PASSWORD = 'se"cret\\word'

CONFIGURATION = """\
base_dir = {base}/run
log_path = {base}/log
protocols = imap
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{base}/mail
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
default_internal_user = {user}
default_login_user = {login}
default_internal_group = {group}
passdb {{
  driver = passwd-file
  args = {base}/passwd
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


class Postman:
    """A small mail server that puts what it takes into a Maildir, or keeps it to itself."""

    def __init__(self, maildir: Path | None) -> None:
        self._maildir = maildir
        self.taken: list[bytes] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx.example ready\r\n")
        while line := await reader.readline():
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                said = await reader.readuntil(b"\r\n.\r\n")
                self._deliver(said.removesuffix(b".\r\n"))
            writer.write(b"250-mx.example\r\n250 SIZE\r\n" if verb == b"EHLO" else b"250 fine\r\n")
            if verb == b"QUIT":
                return

    def _deliver(self, message: bytes) -> None:
        self.taken.append(message)
        if self._maildir is not None:
            name = f"{time.time_ns()}.{len(self.taken)}.test"
            path = self._maildir / "new" / name
            path.write_bytes(message)
            path.chmod(0o666)


@asynccontextmanager
async def serving(talk: Talk):
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def asked(declared: dict[str, object]) -> Probed:
    """One round of a service whose probe this is."""
    service = Service("s", {"en": "S"}, probes=({"every": "60s", "timeout": "20s"} | declared,))
    estate = Estate("E", "UTC", "en", 1000, {}, {}, services={"s": service})
    prober = Prober(
        estate,
        lambda _: None,
        vantage="here",
        clock=lambda: 1_000,
        steady=asyncio.get_running_loop().time,
    )
    return (await prober.round(service)).probes[0]


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    path.chmod(0o600)
    return path


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def dovecot(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A real IMAP server: its port, and its Maildir."""
    if os.geteuid() != 0 or not Path(DOVECOT).exists():
        pytest.skip("a real IMAP server is not here: as root, apt-get install dovecot-imapd")
    base = Path(f"/tmp/tw-dovecot-{os.getpid()}-{time.time_ns() % 10**6}")
    base.mkdir(mode=0o755)
    port = free_port()
    try:
        for part in ("new", "cur", "tmp"):
            (base / "mail" / part).mkdir(parents=True)
        subprocess.run(["chown", "-R", "nobody:nogroup", str(base / "mail")], check=True)
        (base / "passwd").write_text(f"canary:{{PLAIN}}{PASSWORD}::::::\n")
        (base / "passwd").chmod(0o644)
        nobody, group = 65534, 65534
        configuration = base / "dovecot.conf"
        configuration.write_text(
            CONFIGURATION.format(
                base=base, port=port, uid=nobody, gid=group, user="dovecot", login="dovenull",
                group="dovecot",
            )
        )  # fmt: skip
        process = subprocess.Popen([DOVECOT, "-F", "-c", str(configuration)])
        try:
            _until_greets(port, process, base / "log")
            yield port, base / "mail"
        finally:
            process.terminate()
            process.wait(20)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _until_greets(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text() if log.exists() else "it said nothing"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as talk:
                if talk.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(log.read_text() if log.exists() else "dovecot does not greet")


def left(maildir: Path) -> list[Path]:
    return [each for part in ("new", "cur") for each in (maildir / part).iterdir()]


def probe(submit: int, fetch: int, password: Path, **more: object) -> dict[str, object]:
    return {
        "mail": "canary@example.org",
        "submit": f"127.0.0.1:{submit}",
        "fetch": f"127.0.0.1:{fetch}",
        "user": "canary",
        "password_file": str(password),
        "starttls": False,
        **more,
    }


def test_a_message_comes_round_and_is_deleted_and_others_stay(
    dovecot: tuple[int, Path], password: Path
) -> None:
    port, maildir = dovecot
    other = maildir / "new" / "1.other.test"
    other.write_bytes(b"From: a@b.c\r\nSubject: keep me\r\n\r\nHello\r\n")
    other.chmod(0o666)

    async def run() -> tuple[Probed, list[bytes]]:
        postman = Postman(maildir)
        async with serving(postman.talk) as submit:
            return await asked(probe(submit, port, password)), postman.taken

    found, taken = asyncio.run(run())
    assert (found.seen, found.cause) == (Seen.OK, "")
    assert len(taken) == 1 and b"Auto-Submitted: auto-generated" in taken[0]
    assert ["keep me" in each.read_text() for each in left(maildir)] == [True]


def test_one_that_is_never_delivered_says_who_took_it(
    dovecot: tuple[int, Path], password: Path
) -> None:
    port, maildir = dovecot

    async def run() -> Probed:
        async with serving(Postman(None).talk) as submit:
            return await asked(probe(submit, port, password, timeout="2s"))

    found = asyncio.run(run())
    assert found.cause.startswith("127.0.0.1:") and found.cause.endswith(
        "took it, and it was not delivered within 2 s"
    )
    assert left(maildir) == []


def test_another_vantages_message_is_not_taken_for_ours(
    dovecot: tuple[int, Path], password: Path
) -> None:
    port, maildir = dovecot
    foreign = maildir / "new" / "1.foreign.test"
    foreign.write_bytes(b"From: a@b.c\r\nX-Twinwatch-Canary: 0123456789abcdef\r\n\r\nHello\r\n")
    foreign.chmod(0o666)

    async def run() -> tuple[Probed, Probed]:
        async with serving(Postman(None).talk) as lost, serving(Postman(maildir).talk) as good:
            first = await asked(probe(lost, port, password, timeout="2s"))
            return first, await asked(probe(good, port, password))

    lost, good = asyncio.run(run())
    assert (lost.seen, good.seen) == (Seen.FAIL, Seen.OK)
    assert len(left(maildir)) == 1


def test_a_wrong_password_is_said_and_never_shown(
    dovecot: tuple[int, Path], password: Path
) -> None:
    port, _ = dovecot
    password.write_text("wrong-secret\n")

    async def run() -> Probed:
        async with serving(Postman(None).talk) as submit:
            return await asked(probe(submit, port, password))

    found = asyncio.run(run())
    assert "it answers LOGIN with" in found.cause and "wrong-secret" not in found.cause


def test_a_spool_is_asked_by_a_command_that_knows_the_token(tmp_path: Path) -> None:
    for part in ("new", "cur"):
        (tmp_path / part).mkdir()
    spool = f'f=$(grep -l "$TOKEN" {tmp_path}/new/*) && rm "$f"'

    async def run() -> Probed:
        async with serving(Postman(tmp_path).talk) as submit:
            declared = {"mail": "canary@example.org", "submit": f"127.0.0.1:{submit}"}
            return await asked({**declared, "spool": spool})

    found = asyncio.run(run())
    assert (found.seen, found.cause) == (Seen.OK, "")
    assert left(tmp_path) == []


def imap(*answers: bytes) -> Talk:
    """A mailbox that says these lines one by one, each after a line of the client's but the first."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number, answer in enumerate(answers):
            if number:
                await reader.readline()
            writer.write(answer)
            await writer.drain()
        await reader.read()

    return talk


async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    await asyncio.sleep(60)


async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"* x" * 20_000)
        await writer.drain()


LOGGED_IN = (b"* OK ready\r\n", b"t1 OK\r\n", b"t2 OK\r\n")


@pytest.mark.parametrize(
    ("talk", "cause"),
    [
        (hangs, "took it, and it was not delivered within 1.5 s"),
        (floods, "it said a line of more than 8192 bytes"),
        (imap(b"* BYE full\r\n"), "it greets with '* BYE full'"),
        (imap(b"* OK\r\n", b"t1 NO 'se\"cret\\word' is wrong\r\n"), "it answers LOGIN with"),
        (imap(*LOGGED_IN, b"* SEARCH 1 2 3;rm\r\nt3 OK\r\n"), "was not delivered within 1.5 s"),
        (imap(*LOGGED_IN, b"* nonsense\r\n" * 2_000), "more than 1000 lines"),
        (imap(*LOGGED_IN, b"* SEARCH 7\r\nt3 OK\r\n", b"t4 OK\r\n", b"t5 NO\r\n"), "STORE with"),
        (imap(*LOGGED_IN[:2], b""), "was not delivered within 1.5 s"),
    ],
)
def test_a_mailbox_that_hangs_floods_or_lies_costs_its_own_round(
    talk: Talk, cause: str, password: Path
) -> None:
    async def run() -> Probed:
        async with serving(Postman(None).talk) as submit, serving(talk) as fetch:
            return await asked(probe(submit, fetch, password, timeout="1.5s"))

    found = asyncio.run(run())
    assert found.seen is Seen.FAIL
    assert cause in found.cause and PASSWORD not in found.cause and "\n" not in found.cause


@pytest.mark.parametrize(
    ("talk", "cause"),
    [
        (hangs, "has not taken it in time"),
        (floods, "it said a line of more than 8192 bytes"),
        (imap(b"220 mx\r\n", b"250 mx\r\n", b"250 ok\r\n", b"550 nobody here\r\n"),
         "it answers RCPT with '550 nobody here'"),
        (imap(b"220 mx\r\n", b"250-mx\r\n250 STARTTLS\r\n", b"220 go\r\n", b"no TLS at all\r\n"),
         "TLS failed"),
    ],
)  # fmt: skip
def test_a_server_that_does_not_take_it_says_why(talk: Talk, cause: str, password: Path) -> None:
    async def run() -> Probed:
        async with serving(talk) as submit, serving(hangs) as fetch:
            return await asked(probe(submit, fetch, password, timeout="1.5s"))

    found = asyncio.run(run())
    assert found.seen is Seen.FAIL and cause in found.cause


def test_a_password_goes_out_in_the_clear_only_where_it_is_asked_for(password: Path) -> None:
    heard: list[bytes] = []

    async def listens(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        heard.append(await reader.readline())
        writer.write(b"t1 NO without me\r\n")

    async def run() -> Probed:
        async with serving(Postman(None).talk) as submit, serving(listens) as fetch:
            return await asked(probe(submit, fetch, password, starttls=True))

    assert "it answers STARTTLS with 'NO without me'" in asyncio.run(run()).cause
    assert heard == [b"t1 STARTTLS\r\n"]


def test_a_password_that_others_may_read_is_not_used(password: Path) -> None:
    password.chmod(0o644)

    async def run() -> Probed:
        async with serving(Postman(None).talk) as submit, serving(hangs) as fetch:
            return await asked(probe(submit, fetch, password))

    assert "may be read by others: chmod 600 it" in asyncio.run(run()).cause
