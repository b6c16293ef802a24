"""Parking and unparking the transport's thread: no byte may be lost between the two readers."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import paramiko
import pytest

from collectors.ssh.packets import Incoming
from collectors.ssh.transport import Transport

CIPHERS = [
    {"Ciphers": "aes128-gcm@openssh.com"},
    {"Ciphers": "aes128-ctr", "MACs": "hmac-sha2-256-etm@openssh.com"},
    {"Ciphers": "aes256-ctr", "MACs": "hmac-sha2-512"},  # never parks
]


def transports() -> list[Transport]:
    return [each for each in threading.enumerate() if isinstance(each, Transport)]


@pytest.mark.parametrize("settings", CIPHERS, ids=["gcm", "etm", "mac"])
def test_new_keys_every_64_kilobytes_lose_nothing(start_sshd, route, reach, settings) -> None:
    sent = b"".join(b"%d %s\n" % (n, b"x" * (n * 37 % 3000)) for n in range(2000))  # 3 MB
    rekeyed: list[int] = []

    async def use(connection):
        transport = connection._transport
        renew = transport._parse_newkeys
        transport._handler_table[21] = lambda m: (rekeyed.append(1), renew(m))
        heard = bytearray()
        channel = await connection.session("cat", heard.extend, lambda: None)
        for start in range(0, len(sent), 4096):
            channel.write(sent[start : start + 4096])
            if start % 65536 == 0:
                await asyncio.sleep(0)
        async with asyncio.timeout(20):
            while len(heard) < len(sent):
                await asyncio.sleep(0.005)
        return bytes(heard)

    heard = reach(route(start_sshd(RekeyLimit="64K", **settings)), use)
    assert heard == sent
    assert len(rekeyed) > 10


def test_our_own_limit_renews_the_keys_too(start_sshd, route, reach, monkeypatch) -> None:
    monkeypatch.setattr(Incoming, "REKEY_BYTES", 20_000)
    sent = b"0123456789abcde\n" * 20_000
    rekeyed: list[int] = []

    async def use(connection):
        transport = connection._transport
        renew = transport._parse_newkeys
        transport._handler_table[21] = lambda m: (rekeyed.append(1), renew(m))
        heard = bytearray()
        channel = await connection.session("cat", heard.extend, lambda: None)
        for start in range(0, len(sent), 1000):
            channel.write(sent[start : start + 1000])
            await asyncio.sleep(0)
        async with asyncio.timeout(20):
            while len(heard) < len(sent):
                await asyncio.sleep(0.005)
        return bytes(heard)

    assert reach(route(start_sshd()), use) == sent
    assert len(rekeyed) >= 2


@pytest.mark.parametrize(
    ("settings", "parks"),
    list(zip(CIPHERS, [True, True, False], strict=True)),
    ids=["gcm", "etm", "mac"],
)
def test_the_thread_parks_where_lengths_are_in_clear(
    start_sshd, route, reach, settings, parks
) -> None:
    async def use(connection):
        heard = bytearray()
        channel = await connection.session("cat", heard.extend, lambda: None)
        for number in range(3):
            channel.write(b"t\n")
            async with asyncio.timeout(10):
                while len(heard) < 2 * (number + 1):
                    await asyncio.sleep(0.005)
        return [each._parked for each in transports()]

    assert reach(route(start_sshd(**settings)), use) == [parks]


def test_a_parked_thread_does_not_run(start_sshd, route, reach) -> None:
    """Its CPU clock stands still while ticks go back and forth."""
    import time

    async def use(connection):
        heard = bytearray()
        channel = await connection.session("cat", heard.extend, lambda: None)
        channel.write(b"t\n")
        while not heard:
            await asyncio.sleep(0.005)
        (thread,) = transports()
        assert thread._parked
        cpu = time.pthread_getcpuclockid(thread.ident)
        before = time.clock_gettime_ns(cpu)
        for number in range(200):
            channel.write(b"t\n")
            while len(heard) < 2 * (number + 2):
                await asyncio.sleep(0)
        return time.clock_gettime_ns(cpu) - before

    assert reach(route(start_sshd()), use) == 0


@pytest.mark.parametrize("bits", [1024, 2048, 8192])
def test_a_group_too_small_to_be_safe_or_too_large_to_compute_is_refused(bits: int) -> None:
    group = paramiko.Message()
    group.add_mpint((1 << bits) - 1)
    group.add_mpint(2)
    group.rewind()
    exchange = Transport._kex_info["diffie-hellman-group-exchange-sha256"](None)
    with pytest.raises(paramiko.SSHException, match=f"the host proposes a group of {bits} bits"):
        exchange._parse_kexdh_gex_group(group)


def test_a_group_of_the_host_s_choice_is_used(start_sshd, route, reach) -> None:
    reach(route(start_sshd(KexAlgorithms="diffie-hellman-group-exchange-sha256")))


def test_what_paramiko_would_load_for_nothing_is_not_loaded() -> None:
    code = "import collectors.collection, sys; sys.exit(bool(sys.modules.get('invoke')))"
    subprocess.run([sys.executable, "-c", code], check=True)
