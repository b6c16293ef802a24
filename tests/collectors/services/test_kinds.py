"""Each kind of probe against real servers on loopback: good, refusing, hanging, flooding, lying."""

from __future__ import annotations

import asyncio
import datetime
import ssl
import struct
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from socket import socket

import dns.message
import dns.rrset
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collectors.services.ask import ask_of
from collectors.services.prober import Prober
from estate.ledger.observed import Probed, ServiceRound
from estate.ledger.rounds import Seen
from estate.model import Estate, Service

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Silent:
    """Canaries that never testified: the vantage is believed."""

    async def look(self) -> None: ...
    async def close(self) -> None: ...
    async def blind(self) -> str:
        return ""


@asynccontextmanager
async def serving(talk: Talk, tls: ssl.SSLContext | None = None):
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(one, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def prober(*services: Service, observe=lambda _: None, canaries=None) -> Prober:
    estate = Estate("E", "UTC", "en", 1000, {}, {}, services={s.key: s for s in services})
    return Prober(
        estate,
        observe,
        vantage="here",
        clock=lambda: 1_000,
        steady=asyncio.get_running_loop().time,
        canaries=canaries or Silent(),
    )


async def asked(declared: dict[str, object]) -> Probed:
    declared.setdefault("timeout", "2s")
    service = Service("s", {"en": "S"}, probes=(declared,))
    found = await prober(service).round(service)
    assert found.at == 1_000 and found.vantage == "here"
    return found.probes[0]


def ask(talk: Talk, kind: str, tls: ssl.SSLContext | None = None, **more: object) -> Probed:
    async def run() -> Probed:
        async with serving(talk, tls) as port:
            text = {"http": f"http{'s' if tls else ''}://127.0.0.1:{port}/health"}
            return await asked({kind: text.get(kind, f"127.0.0.1:{port}"), **more})

    return asyncio.run(run())


def said(*lines: bytes) -> Talk:
    """A server that says these lines one by one, each after a line of the client's but the first."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number, line in enumerate(lines):
            if number:
                await reader.readline()
            writer.write(line)
            await writer.drain()
        await reader.read()

    return talk


async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    await asyncio.sleep(60)


async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    return


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """TLS as a server speaks it, under a certificate that no authority signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path: Path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_tcp_is_well_when_somebody_listens() -> None:
    found = ask(hangs, "tcp")
    assert found.seen is Seen.OK and found.cause == "" and found.milliseconds >= 0


def test_a_refused_connection_says_so() -> None:
    async def run() -> Probed:
        async with serving(hangs) as port:
            pass
        return await asked({"tcp": f"127.0.0.1:{port}"})

    found = asyncio.run(run())
    assert (found.seen, found.cause) == (Seen.FAIL, "connection refused")


KINDS_THAT_LISTEN = ["tls", "http", "smtp", "imap", "pop3", "ldap", "xmpp", "postgres"]


@pytest.mark.parametrize("kind", KINDS_THAT_LISTEN)
def test_a_peer_that_hangs_costs_its_deadline(kind: str) -> None:
    assert ask(hangs, kind, timeout="200ms").cause == "no answer within 0.2 s"


@pytest.mark.parametrize("kind", KINDS_THAT_LISTEN)
def test_a_peer_that_floods_is_no_service(kind: str) -> None:
    found = ask(floods, kind)
    assert found.seen is Seen.FAIL
    assert found.cause not in ("", "no answer within 2 s")


@pytest.mark.parametrize("kind", KINDS_THAT_LISTEN)
def test_a_peer_that_hangs_up_is_no_service(kind: str) -> None:
    found = ask(hangs_up, kind)
    assert found.seen is Seen.FAIL and found.cause


LIES = {
    "smtp": [b"220 mx\r\n", b"250-a\r\n" * 200],
    "imap": [b"* OK\r\n", b"* BYE\r\n"],
    "pop3": [b"+OK\r\n", b"-ERR\r\n"],
    "ldap": [b"\x30\x05\x02\x7f\x01\x61\x00"],
    "xmpp": [b"<stream:stream><stream:error><host-unknown/></stream:error>"],
    "postgres": [b"N"],
    "http": [b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"],
    "tls": [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
}


@pytest.mark.parametrize("kind", LIES)
def test_a_peer_that_lies_is_no_service(kind: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        speaks_first = kind in ("smtp", "imap", "pop3")
        for number, answer in enumerate(LIES[kind]):
            if number or not speaks_first:
                await reader.read(1)
            writer.write(answer)
            await writer.drain()
        await reader.read()

    found = ask(talk, kind, timeout="1s")
    assert found.seen is Seen.FAIL and found.cause and "\n" not in found.cause


@pytest.mark.parametrize("kind", ["imap", "pop3"])
def test_a_mailbox_under_tls_and_one_that_only_says_so(
    kind: str, certificate: ssl.SSLContext
) -> None:
    words = {
        "imap": (b"* OK\r\n", b"* CAPABILITY STARTTLS\r\nt1 OK\r\n", b"* 1 EXISTS\r\nt2 OK\r\n"),
        "pop3": (b"+OK\r\n", b"+OK\r\n", b"+OK bye\r\n"),
    }[kind]

    def server(*, really: bool) -> Talk:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(words[0])
            await reader.readline()
            writer.write(words[1])
            await writer.drain()
            if really:
                await writer.start_tls(certificate)
            await reader.readline()
            writer.write(words[2])
            await reader.read()

        return talk

    assert ask(server(really=True), kind, starttls=True, verify=False).cause == ""
    assert ask(server(really=False), kind, starttls=True, verify=False).seen is Seen.FAIL
    refused = ask(server(really=True), kind, starttls=True)
    assert refused.cause.startswith("its certificate is refused: self")


def test_smtp_greets_and_knows_its_extensions() -> None:
    good = said(b"220-mx.example\r\n220 ready\r\n", b"250-mx\r\n250 SIZE 9\r\n")
    assert ask(good, "smtp").seen is Seen.OK
    busy = said(b"421 too busy \x1b[31m\r\n")
    assert "421 too busy" in ask(busy, "smtp").cause
    assert "\x1b" not in ask(busy, "smtp").cause


def test_smtp_that_offers_no_starttls_is_down_where_it_is_asked_for() -> None:
    plain = said(b"220 mx\r\n", b"250 mx\r\n")
    assert ask(plain, "smtp", starttls=True).cause == "it offers no STARTTLS"


def test_smtp_goes_on_under_tls(certificate: ssl.SSLContext) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx\r\n")
        await reader.readline()
        writer.write(b"250-mx\r\n250 STARTTLS\r\n")
        assert await reader.readline() == b"STARTTLS\r\n"
        writer.write(b"220 go\r\n")
        await writer.drain()
        await writer.start_tls(certificate)
        await reader.readline()
        writer.write(b"250 mx under TLS\r\n")
        await reader.read()

    assert ask(talk, "smtp", starttls=True).cause == ""
    refused = ask(talk, "smtp", starttls=True, verify=True)
    assert refused.cause.startswith("its certificate is refused: self")


def test_a_certificate_that_clients_refuse_is_a_failure(certificate: ssl.SSLContext) -> None:
    refused = ask(hangs, "tls", certificate)
    assert refused.cause.startswith("its certificate is refused: self")
    assert ask(hangs, "tls", certificate, verify=False).seen is Seen.OK


def test_imap_greets_and_answers() -> None:
    assert ask(said(b"* OK ready\r\n", b"t2 OK done\r\n"), "imap").seen is Seen.OK
    assert "* BYE full" in ask(said(b"* BYE full\r\n"), "imap").cause


def test_pop3_greets_and_takes_its_leave() -> None:
    assert ask(said(b"+OK ready\r\n", b"+OK bye\r\n"), "pop3").seen is Seen.OK
    assert "-ERR" in ask(said(b"-ERR no\r\n"), "pop3").cause


def http(answer: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return talk


def test_http_is_judged_by_its_status_and_what_it_holds() -> None:
    good = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nall ok\n"
    assert ask(http(good), "http").seen is Seen.OK
    assert ask(http(good), "http", expect="ok").seen is Seen.OK
    assert ask(http(good), "http", expect="fine").cause == "its answer does not hold 'fine'"
    bad = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
    assert ask(http(bad), "http").cause == "it answers 503 Service Unavailable"
    assert ask(http(b"SSH-2.0-OpenSSH\r\n\r\n"), "http").cause.startswith("it speaks no HTTP")


def test_http_under_tls(certificate: ssl.SSLContext) -> None:
    good = b"HTTP/1.1 204 No Content\r\n\r\n"
    assert ask(http(good), "http", certificate, verify=False).seen is Seen.OK


def postgres(answer: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length, version = struct.unpack("!ii", await reader.readexactly(8))
        assert version == 196_608
        await reader.readexactly(length - 8)
        writer.write(answer)
        await writer.drain()

    return talk


def refusal(code: bytes, message: bytes) -> bytes:
    fields = b"SFATAL\0C" + code + b"\0M" + message + b"\0\0"
    return b"E" + struct.pack("!i", len(fields) + 4) + fields


def test_postgres_that_does_not_know_us_serves_its_users() -> None:
    assert ask(postgres(b"R\0\0\0\x08\0\0\0\x05"), "postgres").seen is Seen.OK
    assert ask(postgres(refusal(b"28000", b"no pg_hba.conf entry")), "postgres").seen is Seen.OK


def test_postgres_that_starts_up_does_not() -> None:
    starting = refusal(b"57P03", b"the database system is starting up")
    assert ask(postgres(starting), "postgres").cause == (
        "the database system is starting up (57P03)"
    )
    assert ask(postgres(b"E\x7f\xff\xff\xff"), "postgres").cause == (
        "it announces an error of 2147483647 bytes"
    )


def test_ldap_answers_a_bind() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(14)
        writer.write(bytes.fromhex("300c02010161070a010004000400"))
        await writer.drain()
        await reader.read()

    assert ask(talk, "ldap").seen is Seen.OK


def test_xmpp_opens_a_stream() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b">")
        writer.write(b"<stream:stream><stream:features></stream:features>")
        await writer.drain()
        await reader.read()

    assert ask(talk, "xmpp").seen is Seen.OK


@asynccontextmanager
async def name_server(rcode: int = 0, records: str = "192.0.2.7"):
    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.DatagramTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
            query = dns.message.from_wire(data)
            answer = dns.message.make_response(query)
            answer.set_rcode(rcode)
            if records:
                name = query.question[0].name
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "A", records))
            self.transport.sendto(answer.to_wire(), address)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Server, ("127.0.0.1", 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


@pytest.mark.parametrize(
    ("rcode", "records", "expect", "cause"),
    [
        (0, "192.0.2.7", "", ""),
        (0, "192.0.2.7", "192.0.2.7", ""),
        (0, "192.0.2.7", "192.0.2.8", "it answers 192.0.2.7, not 192.0.2.8"),
        (2, "", "", "it answers SERVFAIL"),
        (0, "", "", "it has no A of mx.example"),
    ],
)
def test_dns(rcode: int, records: str, expect: str, cause: str) -> None:
    async def run() -> Probed:
        async with name_server(rcode, records) as port:
            return await asked({"dns": f"mx.example A @127.0.0.1:{port}", "expect": expect})

    assert asyncio.run(run()).cause == cause


@pytest.mark.parametrize(
    ("before", "answers", "cause"),
    [
        ([], False, "no answer within 1 s"),
        ([b"", b"\0" * 11, b"junk" * 200], False, "no answer within 1 s"),
        ([b"", b"\0" * 11, b"junk" * 200], True, ""),
    ],
)
def test_a_name_server_that_is_silent_or_whose_place_somebody_takes(
    before: list[bytes], answers: bool, cause: str
) -> None:
    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.DatagramTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
            query = dns.message.from_wire(data)
            answer = dns.message.make_response(query)
            answer.answer.append(
                dns.rrset.from_text(query.question[0].name, 60, "IN", "A", "192.0.2.7")
            )
            forged = answer.to_wire()
            wrong = bytes([forged[0] ^ 0xFF]) + forged[1:]  # an answer to another question
            for junk in (*before, *([wrong] if before else [])):
                self.transport.sendto(junk, address)
            if answers:
                self.transport.sendto(forged, address)

    async def run() -> Probed:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Server, ("127.0.0.1", 0))
        try:
            port = transport.get_extra_info("sockname")[1]
            return await asked({"dns": f"mx.example A @127.0.0.1:{port}", "timeout": "1s"})
        finally:
            transport.close()

    assert asyncio.run(run()).cause == cause


@pytest.mark.parametrize(
    ("command", "cause"),
    [
        ("echo fine", ""),
        ("echo broken >&2; exit 3", "exit status 3: broken"),
        ("sleep 60", "no answer within 2 s"),
        ("yes", "no answer within 2 s"),
    ],
)
def test_command(command: str, cause: str) -> None:
    assert asyncio.run(asked({"command": command})).cause == cause


def test_a_command_takes_what_it_started_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    found = asyncio.run(
        asked({"command": f"sleep 60 & echo $! > {mark}; wait", "timeout": "500ms"})
    )
    assert found.cause == "no answer within 0.5 s"
    stat = Path(f"/proc/{mark.read_text().strip()}/stat")
    until = time.monotonic() + 20
    while state(stat) not in ("", "Z"):
        assert time.monotonic() < until, "what the command started is still there"
        time.sleep(0.05)


def state(stat: Path) -> str:
    try:
        return stat.read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def test_a_name_that_is_not_resolved_says_so() -> None:
    found = asyncio.run(asked({"tcp": "nobody.invalid:25"}))
    assert found.seen is Seen.FAIL and "nobody.invalid" in found.cause


def test_mail_between_servers_is_not_verified_and_the_rest_is() -> None:
    def verifies(kind: str) -> bool:
        return ask_of({kind: "a:1"}, kind, None).verify  # type: ignore[arg-type]

    assert (verifies("smtp"), verifies("imap"), verifies("http")) == (False, True, True)


def test_one_bad_peer_costs_only_its_own_service() -> None:
    async def run() -> dict[str, list[ServiceRound]]:
        found: dict[str, list[ServiceRound]] = {"good": [], "bad": []}
        enough = asyncio.Event()

        def observe(round_: ServiceRound) -> None:
            found[round_.service].append(round_)
            if len(found["good"]) >= 3:
                enough.set()

        async with serving(hangs) as there, serving(floods) as flooding:
            good = Service("good", {}, probes=({"tcp": f"127.0.0.1:{there}", "every": "1s"},))
            bad = Service("bad", {}, probes=({"smtp": f"127.0.0.1:{flooding}", "every": "1s"},))
            working = prober(good, bad, observe=observe)
            await working.start()
            try:
                await asyncio.wait_for(enough.wait(), 30)
            finally:
                await working.close()
        return found

    found = asyncio.run(run())
    assert all(each.seen is Seen.OK for each in found["good"])
    assert found["bad"] and all(each.seen is Seen.FAIL for each in found["bad"])


def test_a_blind_vantage_does_not_blame_the_service() -> None:
    class Blind(Silent):
        async def blind(self) -> str:
            return "blind: no canary answers (gw:22)"

    async def run() -> ServiceRound:
        async with serving(hangs) as port:
            pass
        service = Service("s", {}, probes=({"tcp": f"127.0.0.1:{port}"},))
        return await prober(service, canaries=Blind()).round(service)

    found = asyncio.run(run())
    assert (found.seen, found.cause) == (Seen.NOTHING, "blind: no canary answers (gw:22)")


def test_what_the_estate_names_is_a_canary_beside_the_gateway() -> None:
    async def run() -> tuple[str, int]:
        async with serving(hangs) as port:
            named = (f"localhost:{port}", "nobody.invalid:22")
            estate = Estate("E", "UTC", "en", 1000, {}, {}, canaries=named)
            working = Prober(
                estate, lambda _: None, vantage="v", clock=lambda: 0, steady=lambda: 0.0
            )
            await working._canaries.look()
            return await working._canaries.blind(), working._canaries.count

    blind, heard = asyncio.run(run())
    assert blind == "" and heard >= 1


@pytest.mark.parametrize(
    "declared",
    [
        {"tcp": "127.0.0.1:99999"},
        {"tls": "127.0.0.1:99999"},
        {"http": "http://127.0.0.1:99999/"},
        {"http": "http://[/"},
        {"http": "http:///x"},
        {"dns": "a.example A @127.0.0.1:99999"},
        {"dns": "a.example NONSENSE @127.0.0.1"},
        {"dns": "one two three four"},
        {"tcp": "127.0.0.1:0"},
    ],
)
def test_what_cannot_be_asked_is_unknown_with_a_reason(declared: dict[str, object]) -> None:
    found = asyncio.run(asked(declared))
    assert found.seen is Seen.NOTHING and found.cause and "\n" not in found.cause


def test_a_name_that_none_can_have_is_a_failure_with_a_reason() -> None:
    found = asyncio.run(asked({"tls": ".:443"}))
    assert found.seen is Seen.FAIL and found.cause and "\n" not in found.cause


@pytest.mark.parametrize(
    ("other", "seen"), [("127.0.0.1:{port}", Seen.NOTHING), ("127.0.0.1:{closed}", Seen.FAIL)]
)
def test_a_round_with_a_probe_that_cannot_be_asked_is_never_well(other: str, seen: Seen) -> None:
    """What the other probe saw counts where it is bad, and is not all where it is good."""

    async def run() -> Seen:
        async with serving(hangs) as port:
            with socket() as closed:
                closed.bind(("127.0.0.1", 0))
                target = other.format(port=port, closed=closed.getsockname()[1])
                probes = ({"tcp": target}, {"tcp": "127.0.0.1:99999"})
                service = Service("s", {"en": "S"}, probes=probes)
                return (await prober(service).round(service)).seen

    assert asyncio.run(run()) is seen
