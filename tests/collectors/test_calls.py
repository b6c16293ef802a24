"""Calls over real sshds: what arrived is told from what did not, and nothing waits for ever."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paramiko
import pytest

from collectors import calls as module
from collectors.calls import Answer, Calls, Lost, Unreachable
from collectors.pacing import Pace
from collectors.ssh.config import Route, route_to, settings_for
from collectors.ssh.connection import Connection
from collectors.ssh.dial import Dialler
from collectors.ssh.jumps import Jumps
from collectors.ssh.transport import threads_gone
from estate.model import Host, Ssh
from estate.samples import Stage

from .conftest import Sshd, descendants
from .ssh.conftest import serve, serve_ssh  # noqa: F401 - fixtures

DEADLINE = {"deadline_seconds": 30, "output_limit": 100_000}


class Ways:
    """The ways by one ssh_config, as the collection knows them; counts the connections."""

    def __init__(self, ssh_config: Path) -> None:
        self.ssh = Ssh(config=str(ssh_config), connect_timeout_ms=5000)
        self.jumps = Jumps(Dialler(lambda: time.time_ns() // 1_000_000, Pace(self.ssh)))
        self.connections: list[Connection] = []
        self.reroute: Callable[[Route], Route] = lambda route: route

    async def route(self, host: str) -> Route:
        return self.reroute(route_to(Host(host, "a"), settings_for(self.ssh), self.ssh))

    async def reach(self, route: Route) -> Connection:
        self.connections.append(await self.jumps.reach(route))
        return self.connections[-1]


def calling(ssh_config: Path, use: Callable[[Calls, Ways], Any]) -> Any:
    """Run `use(calls, ways)`, and see that nothing is left behind."""

    async def bounded() -> Any:
        ways = Ways(ssh_config)
        calls = Calls(ways)
        try:
            async with asyncio.timeout(60):
                return await use(calls, ways)
        finally:
            calls.close()
            ways.jumps.close()
            await threads_gone(2)
            assert not any(connection.alive for connection in ways.connections)

    return asyncio.run(bounded())


async def call(calls: Calls, command: str, stdin: bytes = b"", **limits: Any) -> Answer:
    return await calls.call("web1", command, stdin, **{**DEADLINE, **limits})


def test_a_command_and_its_answer(start_sshd) -> None:
    async def use(calls: Calls, ways: Ways) -> Answer:
        return await call(calls, "cat; echo oh dear >&2; exit 3", b"\0\xff\n")

    answer = calling(start_sshd().ssh_config, use)
    assert answer == Answer(3, b"\0\xff\n", b"oh dear\n")


def test_much_input_arrives_and_ends(start_sshd) -> None:
    sent = os.urandom(1 << 20)

    async def use(calls: Calls, ways: Ways) -> Answer:
        return await call(calls, "cat", sent, output_limit=len(sent))

    assert calling(start_sshd().ssh_config, use).output == sent


def test_of_too_much_output_the_beginning_is_given(start_sshd) -> None:
    async def use(calls: Calls, ways: Ways) -> tuple[Answer, Answer]:
        cut = await call(calls, "seq 1 1000000", output_limit=10)
        return cut, await call(calls, "echo next")

    cut, following = calling(start_sshd().ssh_config, use)
    assert (cut.status, cut.output) == (None, b"1\n2\n3\n4\n5\n")
    assert following.output == b"next\n"


def test_a_command_killed_by_a_signal_has_no_status(start_sshd) -> None:
    async def use(calls: Calls, ways: Ways) -> Answer:
        return await call(calls, "echo begun; kill -9 $$")

    assert calling(start_sshd().ssh_config, use) == Answer(None, b"begun\n", b"")


def test_calls_share_a_connection(start_sshd) -> None:
    async def use(calls: Calls, ways: Ways) -> int:
        answers = await asyncio.gather(*(call(calls, f"sleep 0.1; echo {n}") for n in range(20)))
        assert [int(each.output) for each in answers] == list(range(20))
        return len(ways.connections)

    assert calling(start_sshd().ssh_config, use) == 1


@pytest.mark.parametrize("sessions", [1, 3])
def test_where_few_sessions_are_allowed_calls_take_turns(start_sshd, sessions) -> None:
    async def use(calls: Calls, ways: Ways) -> int:
        for _ in range(2):
            answers = await asyncio.gather(*(call(calls, f"echo {n}") for n in range(10)))
            assert [int(each.output) for each in answers] == list(range(10))
        return len(ways.connections)

    assert calling(start_sshd(MaxSessions=str(sessions)).ssh_config, use) == 1


def test_the_only_session_held_by_a_call_that_was_given_up(start_sshd) -> None:
    async def use(calls: Calls, ways: Ways) -> Answer:
        with pytest.raises(Lost):
            await call(calls, "exec sleep 20 >/dev/null 2>&1", deadline_seconds=1)
        return await call(calls, "echo next")

    assert calling(start_sshd(MaxSessions="1").ssh_config, use).output == b"next\n"


def test_a_call_that_is_cancelled_leaves_room_for_others(start_sshd) -> None:
    async def use(calls: Calls, ways: Ways) -> Answer:
        for _ in range(12):
            task = asyncio.create_task(call(calls, "sleep 60"))
            await asyncio.sleep(0.05)
            task.cancel()
        return await call(calls, "echo next")

    sshd = start_sshd()
    assert calling(sshd.ssh_config, use).output == b"next\n"


# ── not sent ──


def test_a_host_that_is_down_is_unreachable(start_sshd) -> None:
    sshd = start_sshd()
    sshd.stop()

    async def use(calls: Calls, ways: Ways) -> Unreachable:
        with pytest.raises(Unreachable) as caught:
            await call(calls, "true")
        return caught.value

    failure = calling(sshd.ssh_config, use)
    assert str(failure) == f"connection refused at 127.0.0.1:{sshd.port}"
    assert failure.cause.stage is Stage.CONNECT


def test_a_host_that_is_not_trusted_is_sent_nothing(start_sshd, tmp_path) -> None:
    sshd = start_sshd()
    sshd.trust("nobody ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJyYWNrZXQ")

    async def use(calls: Calls, ways: Ways) -> Unreachable:
        with pytest.raises(Unreachable) as caught:
            await call(calls, f"touch {tmp_path}/ran")
        return caught.value

    assert calling(sshd.ssh_config, use).cause.stage is Stage.HOST_KEY
    assert not (tmp_path / "ran").exists()


def test_a_deadline_before_it_was_sent(start_sshd) -> None:
    sshd = start_sshd()
    os.kill(sshd.server.pid, signal.SIGSTOP)

    async def use(calls: Calls, ways: Ways) -> Unreachable:
        with pytest.raises(Unreachable) as caught:
            await call(calls, "true", deadline_seconds=0.5)
        return caught.value

    assert str(calling(sshd.ssh_config, use)) == "not reached within 0.5 s"


def test_a_connection_that_was_lost_meanwhile_is_made_again(start_sshd) -> None:
    sshd = start_sshd()

    async def use(calls: Calls, ways: Ways) -> int:
        await call(calls, "true")
        kill_sessions(sshd)
        assert (await call(calls, "echo back")).output == b"back\n"
        return len(ways.connections)

    assert calling(sshd.ssh_config, use) == 2


def test_a_connection_that_died_without_a_word_is_made_again(start_sshd, monkeypatch) -> None:
    monkeypatch.setattr(module, "OPEN_SECONDS", 0.5)
    sshd = start_sshd()

    async def use(calls: Calls, ways: Ways) -> int:
        await call(calls, "true")
        for pid in descendants(sshd.server.pid)[:-1]:
            os.kill(pid, signal.SIGSTOP)
        assert (await call(calls, "echo back")).output == b"back\n"
        return len(ways.connections)

    assert calling(sshd.ssh_config, use) == 2


class RefusesCommands(paramiko.ServerInterface):
    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return paramiko.AUTH_SUCCESSFUL

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        return False


def test_a_host_that_runs_no_commands_is_unreachable_at_once(serve_ssh) -> None:  # noqa: F811
    async def use(calls: Calls, ways: Ways) -> Unreachable:
        with pytest.raises(Unreachable) as caught:
            await call(calls, "true")
        return caught.value

    failure = calling(serve_ssh(RefusesCommands).ssh_config, use)
    assert str(failure) == "logged in, and the host does not run commands for us"


def test_a_host_that_opens_no_session_is_unreachable(start_sshd) -> None:
    async def use(calls: Calls, ways: Ways) -> Unreachable:
        with pytest.raises(Unreachable) as caught:
            await call(calls, "true")
        return caught.value

    failure = calling(start_sshd(MaxSessions="0").ssh_config, use)
    assert str(failure).startswith("logged in, and the host opens no session")


# ── sent, and lost ──


def test_a_cut_after_it_was_sent_is_lost(start_sshd, tmp_path) -> None:
    sshd = start_sshd()

    async def use(calls: Calls, ways: Ways) -> Lost:
        task = asyncio.create_task(call(calls, f"touch {tmp_path}/ran; sleep 60"))
        while not (tmp_path / "ran").exists():
            await asyncio.sleep(0.01)
        kill_sessions(sshd)
        with pytest.raises(Lost) as caught:
            await task
        return caught.value

    failure = calling(sshd.ssh_config, use)
    assert failure.cause.what.startswith("connection lost: ")
    assert failure.cause.stage is Stage.CHANNEL


def test_a_cut_in_the_middle_of_the_answer_is_lost(start_sshd) -> None:
    sshd = start_sshd()

    async def use(calls: Calls, ways: Ways) -> None:
        with pytest.raises(Lost):
            await call(calls, "echo half; kill -9 $PPID; sleep 60")

    calling(sshd.ssh_config, use)


def test_a_host_that_freezes_is_lost_at_the_deadline(start_sshd, tmp_path) -> None:
    sshd = start_sshd()

    async def use(calls: Calls, ways: Ways) -> Lost:
        await call(calls, "true")
        task = asyncio.create_task(
            call(calls, f"touch {tmp_path}/ran; sleep 1", deadline_seconds=3)
        )
        while not (tmp_path / "ran").exists():
            await asyncio.sleep(0.01)
        for pid in descendants(sshd.server.pid):
            os.kill(pid, signal.SIGSTOP)
        with pytest.raises(Lost) as caught:
            await task
        return caught.value

    assert str(calling(sshd.ssh_config, use)) == "no answer within 3 s"


class Floods(RefusesCommands):
    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        return True


def test_a_host_that_floods_beside_its_answer_is_left(serve_ssh, monkeypatch) -> None:  # noqa: F811
    monkeypatch.setattr(module, "BYTES_BESIDE", 200_000)

    def flood(transport: paramiko.Transport) -> None:
        channel = transport.accept(10)
        while transport.is_active():
            transport.send_ignore(30_000)
            time.sleep(0.01)
        channel.close()  # held until here: paramiko closes what nobody holds

    async def use(calls: Calls, ways: Ways) -> Lost:
        with pytest.raises(Lost) as caught:
            await call(calls, "true")
        return caught.value

    failure = calling(serve_ssh(Floods, flood).ssh_config, use)
    assert str(failure) == "connection lost: it sends more than anybody asked for"


def test_a_jump_host_that_is_lost_is_named(start_sshd, tmp_path) -> None:
    outer, inner = start_sshd(), start_sshd()
    outer.configure(
        f"Host web1\n  HostName 127.0.0.1\n  Port {inner.port}\n  IdentityFile {inner.key}\n"
        f"  UserKnownHostsFile {inner.known_hosts}\n  ProxyJump gw1\n"
    )

    async def use(calls: Calls, ways: Ways) -> Lost:
        assert (await call(calls, "echo through")).output == b"through\n"
        task = asyncio.create_task(call(calls, f"touch {tmp_path}/ran; sleep 60"))
        while not (tmp_path / "ran").exists():
            await asyncio.sleep(0.01)
        kill_sessions(outer)
        with pytest.raises(Lost) as caught:
            await task
        return caught.value

    failure = calling(outer.ssh_config, use)
    assert (str(failure), failure.cause.hop) == (
        "jump host gw1: the connection to it was lost",
        "gw1",
    )


# ── which connection ──


def test_another_way_is_taken_from_the_next_call_on(start_sshd) -> None:
    here, there = start_sshd(), start_sshd()

    async def use(calls: Calls, ways: Ways) -> list[bytes]:
        task = asyncio.create_task(call(calls, "sleep 0.5; echo $SSH_CONNECTION"))
        await asyncio.sleep(0.2)
        ways.ssh = Ssh(config=str(there.ssh_config))
        second = await call(calls, "echo $SSH_CONNECTION")
        return [(await task).output, second.output]

    first, second = calling(here.ssh_config, use)
    assert int(first.split()[3]) == here.port
    assert int(second.split()[3]) == there.port


def test_a_configuration_that_cannot_be_read_does_not_end_a_connection(start_sshd) -> None:
    from collectors.ssh.failure import Failure
    from estate.samples import Reach

    async def use(calls: Calls, ways: Ways) -> None:
        await call(calls, "true")

        def broken(route: Route) -> Route:
            raise Failure(Reach.UNREACHABLE, Stage.RESOLVE, "ssh_config was not read in 5 s")

        ways.reroute = broken
        assert (await call(calls, "echo on")).output == b"on\n"
        with pytest.raises(Unreachable, match="was not read"):
            await calls.call("web2", "true", b"", **DEADLINE)

    calling(start_sshd().ssh_config, use)


def test_a_connection_that_nobody_uses_is_left(start_sshd, monkeypatch) -> None:
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.5)

    async def use(calls: Calls, ways: Ways) -> None:
        await call(calls, "sleep 1.5")  # longer than that, but not idle
        assert ways.connections[0].alive
        async with asyncio.timeout(20):
            while ways.connections[0].alive:
                await asyncio.sleep(0.05)

    calling(start_sshd().ssh_config, use)


def kill_sessions(sshd: Sshd) -> None:
    for pid in descendants(sshd.server.pid)[:-1]:
        os.kill(pid, signal.SIGKILL)
