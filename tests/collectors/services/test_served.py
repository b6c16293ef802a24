"""What is served is asked of real servers on loopback: TLS, STARTTLS, and peers that misbehave."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from collectors.certificates import reading_of
from collectors.services import served
from collectors.services.ask import ProbeFailed
from collectors.services.served import Served
from estate.asked import Asked, Certificate
from estate.model import Estate, Host
from estate.samples import Probed, Reading

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate with its key in one file, made by openssl and signed by nobody else."""
    made = tmp_path_factory.mktemp("tls") / "pair.pem"
    key = made.with_name("key.pem")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
            *("ec_paramgen_curve:prime256v1", "-nodes", "-days", "3", "-keyout", str(key)),
            *("-out", str(made), "-subj", "/CN=mail.example"),
            *("-addext", "subjectAltName=DNS:mail.example,DNS:mx.example"),
        ],
        check=True,
        capture_output=True,
        timeout=30,
    )
    made.write_text(made.read_text() + key.read_text())
    return made


def context(pair: Path, names: list[str | None] | None = None) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(pair)
    if names is not None:
        made.sni_callback = lambda _socket, name, _context: names.append(name)
    return made


def asked(
    talk: Talk,
    *,
    tls: ssl.SSLContext | None = None,
    deadline: float = 5.0,
    **more: str,
) -> Reading:
    """What is read of one server that talks so."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    async def where(_host: str) -> str:
        return "127.0.0.1"

    async def run() -> Reading:
        server = await asyncio.start_server(one, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        certificate = Certificate("mail", serves=str(port), **more)
        host = Host("mbx1", "a", asked=Asked(certificates=(certificate,)))
        asker = Served(estate(host), lambda _: None, address_of=where, clock=lambda: 1)
        try:
            [reading] = await asker.ask(host)
        finally:
            server.close()
        return replace(reading, attributes={**reading.attributes, "place": ""})

    before, served.DEADLINE_SECONDS = served.DEADLINE_SECONDS, deadline
    try:
        return asyncio.run(run())
    finally:
        served.DEADLINE_SECONDS = before


def estate(*hosts: Host) -> Estate:
    return Estate("E", "UTC", "en", 1000, {}, {host.name: host for host in hosts})


async def listens(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


def in_the_file(pair: Path) -> Reading:
    return reading_of(pair.read_bytes().split(b"-----BEGIN PRIVATE")[0], "mail", "served", "")


def test_what_is_served_is_what_lies_in_the_file(pair: Path) -> None:
    names: list[str | None] = []
    assert asked(listens, tls=context(pair, names), ask_for="mx.example") == in_the_file(pair)
    assert names == ["mx.example"]
    assert in_the_file(pair).attributes["names"] == "mail.example,mx.example"


def test_a_host_is_asked_by_its_own_name_where_the_estate_says_no_other(pair: Path) -> None:
    names: list[str | None] = []
    asked(listens, tls=context(pair, names))
    assert names == ["mbx1"]


def test_starttls_of_smtp(pair: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx ESMTP\r\n")
        await reader.readline()
        writer.write(b"250-mx\r\n250-STARTTLS\r\n250 SIZE\r\n")
        await reader.readline()
        writer.write(b"220 go on\r\n")
        await writer.start_tls(context(pair))
        await reader.read()

    assert asked(talk, starttls="smtp") == in_the_file(pair)


def test_starttls_of_imap(pair: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        tag = (await reader.readline()).split()[0]
        writer.write(tag + b" OK begin\r\n")
        await writer.start_tls(context(pair))
        await reader.read()

    assert asked(talk, starttls="imap") == in_the_file(pair)


async def hangs(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def floods(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def lies(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mx\r\n")
    await reader.readline()
    writer.write(b"250 mx \x1b[2J\r\n")
    await reader.read()


@pytest.mark.parametrize(
    ("talk", "starttls", "why"),
    [
        (hangs, "", "no answer within 0.3 s"),
        (hangs, "smtp", "no answer within 0.3 s"),
        (floods, "imap", "it said a line of more than 8192 bytes"),
        (lies, "smtp", "it offers no STARTTLS"),
        (lies, "imap", "it greets with '220 mx'"),
    ],
)
def test_a_peer_that_misbehaves_costs_its_own_reading(talk: Talk, starttls: str, why: str) -> None:
    reading = asked(talk, deadline=0.3, starttls=starttls)
    assert (reading.text, reading.attributes["gap"]) == ("", why)


def test_what_is_no_tls_is_said() -> None:
    assert str(asked(floods).attributes["gap"]).startswith("TLS failed: ")


def test_nobody_listens_and_nobody_knows_the_host() -> None:
    async def nowhere(host: str) -> str:
        raise ProbeFailed(f"no host {host} in the estate")

    async def here(_host: str) -> str:
        return "127.0.0.1"

    async def run() -> list[object]:
        host = Host("h", "a", asked=Asked(certificates=(Certificate("m", serves="1"),)))
        both = [Served(estate(host), print, address_of=a, clock=lambda: 1) for a in (nowhere, here)]
        return [(await each.ask(host))[0].attributes["gap"] for each in both]

    assert asyncio.run(run()) == ["no host h in the estate", "connection refused"]


def test_it_asks_at_once_when_a_person_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "_FIRST_SECONDS", 3600.0)

    async def here(_host: str) -> str:
        return "127.0.0.1"

    async def run() -> list[str]:
        seen: list[str] = []
        news = asyncio.Event()

        def observe(probed: Probed) -> None:
            seen.append(probed.host)
            news.set()

        asked = Asked(certificates=(Certificate("m", serves="1"),))
        asker = Served(
            estate(Host("a", "s", asked=asked), Host("b", "s", asked=asked)),
            observe, address_of=here, clock=lambda: 7,
        )  # fmt: skip
        await asker.start()
        for host in ("b", None):
            asker.refresh(host)
            while len(seen) < (1 if host else 3):
                await asyncio.wait_for(news.wait(), 10)
                news.clear()
        await asker.close()
        return seen

    first, *others = asyncio.run(run())
    assert first == "b"
    assert sorted(others) == ["a", "b"]


def test_it_asks_again_and_follows_the_estate(pair: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "_FIRST_SECONDS", 0.0)
    monkeypatch.setattr(served, "CADENCE_MS", 20)
    monkeypatch.setattr(served, "spread", lambda _host, _name: 0.0)

    async def here(_host: str) -> str:
        return "127.0.0.1"

    async def run() -> list[Probed]:
        seen: list[Probed] = []
        news = asyncio.Event()

        def observe(probed: Probed) -> None:
            seen.append(probed)
            news.set()

        first = Host("a", "s", asked=Asked(certificates=(Certificate("m", serves="1"),)))
        asker = Served(estate(first), observe, address_of=here, clock=lambda: 7)
        await asker.start()
        while len(seen) < 2:
            await asyncio.wait_for(news.wait(), 10)
            news.clear()
        asker.reconfigure(estate(replace(first, name="b"), Host("quiet", "s")))
        while seen[-1].host != "b":
            await asyncio.wait_for(news.wait(), 10)
            news.clear()
        await asker.close()
        return seen

    seen = asyncio.run(run())
    assert {each.host for each in seen} == {"a", "b"}
    assert {(each.probe, each.at) for each in seen} == {("served", 7)}
