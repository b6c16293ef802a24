"""Channels over a real connection: order, windows, floods, ends."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import paramiko
import pytest

from collectors.ssh.connection import WINDOW_BYTES
from collectors.ssh.failure import ChannelRefused
from collectors.ssh.transport import Transport


class Heard:
    """What came out of a channel, and whether it closed."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.closed = asyncio.Event()

    async def until(self, size: int) -> bytes:
        async with asyncio.timeout(15):
            while len(self.data) < size:
                await asyncio.sleep(0.005)
        return bytes(self.data)


def test_bytes_come_back_as_they_went(start_sshd, route, reach) -> None:
    sent = bytes(range(256)) * 4096  # 1 MiB: eight windows, in both directions

    async def use(connection):
        heard = Heard()
        channel = await connection.session("cat", heard.data.extend, heard.closed.set)
        for start in range(0, len(sent), 50_000):
            channel.write(sent[start : start + 50_000])
        return await heard.until(len(sent))

    assert reach(route(start_sshd()), use) == sent


def test_a_closed_channel_says_how_it_ended(start_sshd, route, reach) -> None:
    async def use(connection):
        heard = Heard()
        channel = await connection.session(
            "echo oh dear >&2; exit 3", heard.data.extend, heard.closed.set
        )
        await asyncio.wait_for(heard.closed.wait(), 10)
        return channel.status, channel.stderr, await channel.accepted

    assert reach(route(start_sshd()), use) == (3, b"oh dear\n", True)


def test_a_flood_that_nobody_wants_stops_with_the_channel(start_sshd, route, reach) -> None:
    async def use(connection):
        heard = Heard()
        channel = None
        late: list[bytes] = []

        def received(data: bytes) -> None:
            if channel is not None and not channel.open:
                late.append(data)
            heard.data.extend(data)
            if channel is not None and len(heard.data) > 300_000:
                channel.close()

        channel = await connection.session("yes", received, heard.closed.set)
        await asyncio.wait_for(heard.closed.wait(), 10)
        assert late == []
        size = len(heard.data)
        echo = Heard()
        await connection.session("echo still here", echo.data.extend, echo.closed.set)
        await asyncio.wait_for(echo.closed.wait(), 10)
        return size, bytes(echo.data)

    size, echo = reach(route(start_sshd()), use)
    assert size < 300_000 + WINDOW_BYTES
    assert echo == b"still here\n"


def test_a_second_session_where_one_is_allowed_is_refused(start_sshd, route, reach) -> None:
    async def use(connection):
        heard = Heard()
        first = await connection.session("cat", heard.data.extend, heard.closed.set)
        with pytest.raises(ChannelRefused):
            await connection.session("cat", heard.data.extend, heard.closed.set)
        first.write(b"fine\n")
        return await heard.until(5)

    assert reach(route(start_sshd(MaxSessions="1")), use) == b"fine\n"


def test_the_connection_s_end_is_told_once_and_ends_its_channels(start_sshd, route, reach) -> None:
    sshd = start_sshd()
    told: list[str] = []

    async def use(connection):
        heard = Heard()
        await connection.session("cat", heard.data.extend, heard.closed.set)
        connection.ended = told.append
        sshd.stop()
        await asyncio.wait_for(heard.closed.wait(), 10)
        await asyncio.sleep(0.1)
        with pytest.raises(ChannelRefused):
            await connection.session("cat", heard.data.extend, heard.closed.set)
        return connection.alive

    assert reach(route(sshd), use) is False
    assert len(told) == 1


def test_closing_tells_the_channels_and_not_the_owner(start_sshd, route, reach) -> None:
    told: list[str] = []

    async def use(connection):
        heard = Heard()
        await connection.session("cat", heard.data.extend, heard.closed.set)
        connection.ended = told.append
        connection.close()
        connection.close()
        await asyncio.wait_for(heard.closed.wait(), 1)
        await asyncio.sleep(0.05)

    reach(route(start_sshd()), use)
    assert told == []


def test_a_sign_of_life_is_answered(start_sshd, route, reach) -> None:
    async def use(connection):
        async with asyncio.timeout(5):
            await connection.answer()
        return True

    assert reach(route(start_sshd()), use)


class Welcoming(paramiko.ServerInterface):
    """Lets everybody in, and takes any command for granted."""

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return paramiko.AUTH_SUCCESSFUL

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        return True


def test_a_host_may_not_open_channels_towards_us(serve_ssh, route, reach) -> None:
    refused: list[Exception] = []
    done = threading.Event()

    def talk(transport: paramiko.Transport) -> None:
        transport.accept(5)
        for kind in ("auth-agent@openssh.com", "forwarded-tcpip", "session"):
            try:
                if kind == "forwarded-tcpip":
                    transport.open_forwarded_tcpip_channel(("a", 1), ("b", 2))
                else:
                    transport.open_channel(kind, timeout=5)
            except paramiko.SSHException as error:
                refused.append(error)
        done.set()

    async def use(connection):
        heard = Heard()
        await connection.session("x", heard.data.extend, heard.closed.set)
        await asyncio.to_thread(done.wait, 15)
        return connection.alive

    assert reach(route(serve_ssh(Welcoming, talk)), use) is True
    assert len(refused) == 3


@pytest.mark.parametrize(
    "packet",
    [
        bytes([94]),  # data without a channel
        bytes([94]) + b"\0\0\0\0" + b"\xff\xff\xff\xff",  # data longer than the packet
        bytes([91]) + b"\0\0\0\x09" + b"\0" * 12,  # a channel we never asked for
        bytes([97]) + b"\0\0\0\x63",  # the end of a channel that is not
        bytes([98]) + b"\0\0\0\0",  # half a request
        bytes([80]),  # half a global request
        bytes([200]) + b"??",  # a message nobody knows
        bytes([31]) + b"\0" * 40,  # key exchange out of the blue
        bytes([52]),  # authenticated once more
    ],
)
def test_a_malformed_packet_ends_at_most_this_connection(serve_ssh, route, reach, packet) -> None:
    def talk(transport: paramiko.Transport) -> None:
        channel = transport.accept(5)
        transport._send_message(paramiko.Message(packet))
        channel.sendall(b"after\n")

    async def use(connection):
        heard = Heard()
        over = asyncio.Event()
        connection.ended = lambda why: over.set()
        await connection.session("x", heard.data.extend, heard.closed.set)
        async with asyncio.timeout(10):
            while b"after" not in heard.data and not over.is_set():
                await asyncio.sleep(0.01)
        return True

    assert reach(route(serve_ssh(Welcoming, talk)), use)


@pytest.mark.parametrize("macs", [True, False], ids=["thread", "parked"])
def test_what_paramiko_would_answer_on_its_thread_ends_the_connection(
    serve_ssh, route, reach, monkeypatch, macs
) -> None:
    if macs:
        monkeypatch.setattr(Transport, "_preferred_ciphers", ("aes128-ctr",))
        monkeypatch.setattr(Transport, "_preferred_macs", ("hmac-sha2-256",))

    def talk(transport: paramiko.Transport) -> None:
        transport.accept(5)
        for _ in range(1000):
            transport._send_message(paramiko.Message(bytes([6]) + b"\0\0\0\x0cssh-userauth"))

    async def use(connection):
        over = asyncio.get_running_loop().create_future()
        connection.ended = over.set_result
        await connection.session("x", lambda data: None, lambda: None)
        return await asyncio.wait_for(over, 10)

    assert reach(route(serve_ssh(Welcoming, talk)), use) == "a message of kind 6 out of the blue"


def test_a_host_that_changes_its_key_in_mid_session_is_left(serve_ssh, route, reach) -> None:
    def talk(transport: paramiko.Transport) -> None:
        transport.accept(5)
        transport.server_key_dict.clear()
        transport.add_server_key(paramiko.ECDSAKey.generate())
        with contextlib.suppress(paramiko.SSHException, EOFError):
            transport.renegotiate_keys()

    async def use(connection):
        over = asyncio.get_running_loop().create_future()
        connection.ended = over.set_result
        with contextlib.suppress(ChannelRefused):  # it may be over before the channel is heard of
            await connection.session("x", lambda data: None, lambda: None)
        return await asyncio.wait_for(over, 30)

    why = reach(route(serve_ssh(Welcoming, talk)), use)
    assert why == "the host key changed during the session"


def test_why_a_channel_is_refused_is_cleaned(serve_ssh, route, reach) -> None:
    asked, answered = threading.Event(), threading.Event()

    class Slow(Welcoming):
        def check_channel_request(self, kind: str, chanid: int) -> int:
            asked.set()
            answered.wait(5)
            return paramiko.OPEN_SUCCEEDED

    def talk(transport: paramiko.Transport) -> None:
        asked.wait(5)
        words = b"\0\0\0\x04\x1b[2J\0\0\0\0"
        transport._send_message(paramiko.Message(bytes([92]) + b"\0\0\0\0\0\0\0\x01" + words))
        answered.set()

    async def use(connection):
        with pytest.raises(ChannelRefused) as caught:
            await connection.session("x", lambda data: None, lambda: None)
        return str(caught.value)

    assert reach(route(serve_ssh(Slow, talk)), use) == "\\x1b[2J"


def test_who_complains_without_end_is_stopped_by_the_window(
    start_sshd, route, reach, tmp_path
) -> None:
    async def use(connection):
        heard = Heard()
        await connection.session(
            f"head -c 10000000 /dev/zero >&2; touch {tmp_path}/all", heard.data.extend, lambda: None
        )
        for _ in range(20):  # the host has had time for it
            other = Heard()
            await connection.session("sleep 0.05; echo x", other.data.extend, other.closed.set)
            await asyncio.wait_for(other.closed.wait(), 10)
        return (tmp_path / "all").exists()

    assert reach(route(start_sshd()), use) is False


def test_complaints_leave_the_window_open_for_the_answer(start_sshd, route, reach) -> None:
    async def use(connection):
        heard = Heard()
        await connection.session(
            "head -c 100000 /dev/zero >&2; head -c 1000000 /dev/zero",
            heard.data.extend,
            lambda: None,
        )
        return len(await heard.until(1_000_000))

    assert reach(route(start_sshd()), use) == 1_000_000


def test_what_a_host_says_when_it_disconnects_is_cleaned(serve_ssh, route, reach) -> None:
    def talk(transport: paramiko.Transport) -> None:
        transport.accept(5)
        message = paramiko.Message()
        message.add_byte(b"\x01")
        message.add_int(11)
        message.add_string("bye \x1b[2J\u202e")
        message.add_string("")
        transport._send_message(message)  # and no more: a reset could overtake it

    async def use(connection):
        over = asyncio.get_running_loop().create_future()
        connection.ended = over.set_result
        await connection.session("x", lambda data: None, lambda: None)
        return await asyncio.wait_for(over, 10)

    assert reach(route(serve_ssh(Welcoming, talk)), use) == "bye \\x1b[2J\\u202e"


def test_end_of_input_comes_after_all_of_it(start_sshd, route, reach) -> None:
    sent = bytes(range(256)) * 4096

    async def use(connection):
        heard = Heard()
        channel = await connection.session("wc -c", heard.data.extend, heard.closed.set)
        channel.write(sent)
        channel.finish()
        await asyncio.wait_for(heard.closed.wait(), 15)
        return int(heard.data), channel.status

    assert reach(route(start_sshd()), use) == (len(sent), 0)
