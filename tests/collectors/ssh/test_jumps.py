"""Jump hosts: real sshds in a row, shared connections, and whose fault it was."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from collectors.pacing import Pace
from collectors.ssh.config import route_to, settings_for
from collectors.ssh.dial import Dialler
from collectors.ssh.failure import Failure
from collectors.ssh.jumps import Jumps
from estate.model import Host, Ssh
from estate.samples import Reach, Stage


@pytest.fixture
def row(start_sshd):
    """Three sshds, and an ssh_config in which inner is behind middle, and middle behind outer."""
    outer, middle, inner = start_sshd(), start_sshd(), start_sshd()

    def block(name, sshd, jump):
        return (
            f"Host {name}\n  HostName 127.0.0.1\n  Port {sshd.port}\n  IdentityFile {sshd.key}\n"
            f"  UserKnownHostsFile {sshd.known_hosts}\n  ProxyJump {jump}\n"
        )

    outer.configure(
        block("inner*", inner, "middle")
        + block("middle", middle, "outer")
        + block("outer", outer, "none")
    )
    return outer, middle, inner


def ssh_of(outer, **fields) -> Ssh:
    return Ssh(config=str(outer.ssh_config), **fields)


def way(outer, name="inner", **fields):
    ssh = ssh_of(outer, **fields)
    return route_to(Host(name, "a"), settings_for(ssh), ssh)


def run(use) -> object:
    async def bounded():
        jumps = Jumps(Dialler(lambda: time.time_ns() // 1_000_000, Pace(Ssh())))
        try:
            async with asyncio.timeout(30):
                return await use(jumps)
        finally:
            jumps.close()

    return asyncio.run(bounded())


async def echo(connection, words: bytes) -> bytes:
    heard = bytearray()
    channel = await connection.session("cat", heard.extend, lambda: None)
    for start in range(0, len(words), 3000):
        channel.write(words[start : start + 3000])
    async with asyncio.timeout(15):
        while len(heard) < len(words):
            await asyncio.sleep(0.005)
    return bytes(heard)


def test_two_hops_carry_every_byte(row) -> None:
    words = bytes(range(256)) * 2000  # 512 kB

    async def use(jumps):
        connection = await jumps.reach(way(row[0]))
        try:
            return await echo(connection, words)
        finally:
            connection.close()

    assert run(use) == words


def test_two_hops_survive_new_keys_on_each(start_sshd) -> None:
    limit = {"RekeyLimit": "64K"}
    outer, inner = start_sshd(**limit), start_sshd(**limit)
    outer.configure(
        f"Host inner\n  HostName 127.0.0.1\n  Port {inner.port}\n  IdentityFile {inner.key}\n"
        f"  UserKnownHostsFile {inner.known_hosts}\n  ProxyJump outer\n"
    )
    words = b"0123456789" * 50_000

    async def use(jumps):
        connection = await jumps.reach(way(outer))
        try:
            return await echo(connection, words)
        finally:
            connection.close()

    assert run(use) == words


def test_hosts_behind_one_jump_share_its_connection(row) -> None:
    outer, middle, _ = row

    async def use(jumps):
        connections = await asyncio.gather(
            *(jumps.reach(way(outer, f"inner{n}")) for n in range(6))
        )
        answers = await asyncio.gather(*(echo(each, b"hello\n") for each in connections))
        counts = len(outer.sessions()), len(middle.sessions())
        for each in connections:
            each.close()
        return answers, counts

    answers, counts = run(use)
    assert answers == [b"hello\n"] * 6
    assert counts == (1, 1)


def test_an_untrusted_jump_host_is_named(row) -> None:
    outer, _, _ = row
    outer.trust("# nobody")

    async def use(jumps):
        with pytest.raises(Failure) as caught:
            await jumps.reach(way(outer))
        return caught.value

    failure = run(use)
    assert failure.reach is Reach.UNREACHABLE  # of the host behind it nothing is known
    assert failure.cause.stage is Stage.HOST_KEY
    assert failure.cause.hop == "outer"
    assert failure.cause.what == "jump host outer: host key is not in known_hosts"


def test_a_jump_host_that_is_down_is_named_by_the_hosts_behind(row) -> None:
    _, middle, _ = row
    middle.stop()

    async def use(jumps):
        return await asyncio.gather(
            *(jumps.reach(way(row[0], f"inner{n}")) for n in range(3)), return_exceptions=True
        )

    for failure in run(use):
        assert failure.cause.hop == "middle"
        assert failure.cause.what.startswith("jump host middle: the jump host cannot reach it: ")


def test_a_host_that_is_down_behind_a_good_jump_is_its_own_fault(row) -> None:
    _, _, inner = row
    inner.stop()

    async def use(jumps):
        with pytest.raises(Failure) as caught:
            await jumps.reach(way(row[0]))
        return caught.value

    failure = run(use)
    assert (failure.reach, failure.cause.stage, failure.cause.hop) == (
        Reach.UNREACHABLE,
        Stage.CONNECT,
        "",
    )
    assert failure.cause.what == "the jump host cannot reach it: Connection refused"
    assert failure.cause.remedy.startswith(f"127.0.0.1:{inner.port} is down, ")


def test_a_jump_that_forbids_forwarding_is_named(start_sshd) -> None:
    outer, inner = start_sshd(AllowTcpForwarding="no"), start_sshd()
    outer.configure(f"Host inner\n  HostName 127.0.0.1\n  Port {inner.port}\n  ProxyJump outer\n")

    async def use(jumps):
        with pytest.raises(Failure) as caught:
            await jumps.reach(way(outer))
        return caught.value

    failure = run(use)
    assert failure.cause.stage is Stage.JUMP
    assert failure.cause.what == "the jump host does not forward: open failed"
    assert failure.cause.remedy.startswith(f"Allow 127.0.0.1:{inner.port} there: ")


def test_a_jump_that_died_without_a_word_is_found_out(row, monkeypatch) -> None:
    monkeypatch.setattr(Jumps, "ANSWER_SECONDS", 0.3)
    outer, _, _ = row

    async def use(jumps):
        (await jumps.reach(way(outer, "middle"))).close()
        for pid in outer.sessions():
            _stop_family(pid, signal.SIGSTOP)
        await asyncio.sleep(0.4)
        # the listening sshd is alive: a new connection to the jump host goes through
        connection = await jumps.reach(way(outer, "middle"))
        try:
            return await echo(connection, b"again\n")
        finally:
            connection.close()

    assert run(use) == b"again\n"


def _stop_family(pid: int, number: int) -> None:
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        _stop_family(int(child), number)
    os.kill(pid, number)


def test_a_jump_host_that_failed_is_not_asked_at_once_by_everybody_behind_it(
    start_sshd, serve
) -> None:
    asked: list[int] = []

    def hangs_up(client: socket.socket) -> None:
        asked.append(1)
        client.close()

    outer = start_sshd()
    port = serve(hangs_up)
    outer.configure(f"Host jump\n  Port {port}\nHost inner*\n  ProxyJump jump\n")

    async def use(jumps):
        return await asyncio.gather(
            *(jumps.reach(way(outer, f"inner{n}")) for n in range(5)), return_exceptions=True
        )

    for failure in run(use):
        assert failure.cause.what == "jump host jump: closes the connection before its SSH banner"
    assert len(asked) == 1
