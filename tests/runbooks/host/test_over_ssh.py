"""The failure table: the real agent over a real sshd, and everything between them cut, frozen,
restarted and asked again. Whatever happens, the payload runs once and its output is whole."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from collectors import calls as module
from collectors.calls import Calls, Lost, Unreachable
from collectors.pacing import Pace
from collectors.ssh.config import Route, route_to, settings_for
from collectors.ssh.connection import Connection
from collectors.ssh.dial import Dialler
from collectors.ssh.jumps import Jumps
from collectors.ssh.transport import threads_gone
from estate.model import Host, Ssh
from runbooks.host.attempt import Attempt
from runbooks.host.protocol import HostAgent, Request, Signal
from runbooks.host.replies import Gone, NoReply, Observed, Reply, State, read_reply
from tests.collectors.conftest import Sshd, descendants, start_sshd  # noqa: F401 - a fixture
from tests.watch.runs.reliability import Figures

from .cable import Cable, Cut, cable_to
from .conftest import SHELLS, going, tools_of

AGENT = HostAgent()
ATTEMPT = Attempt("r-20261120-1302-ab12", "promoted", "mdb-r01", 1)


@dataclass
class Far:
    """A host behind a cable."""

    calls: Calls
    sshd: Sshd
    cable: Cable

    @property
    def home(self) -> Path:
        return self.sshd.folder

    @property
    def counted(self) -> str:
        """An x for each time that a payload was run."""
        count = self.home / "count"
        return count.read_text() if count.exists() else ""

    async def call(self, request: Request, seconds: float = 30) -> Reply:
        """The reply, NoReply too; Unreachable and Lost as the transport raises them."""
        answer = await self.calls.call(
            "web1",
            request.command,
            request.stdin,
            deadline_seconds=seconds,
            output_limit=request.output_limit,
        )
        return read_reply(request, answer.output, answer.error, answer.status)

    async def observe(self, request: Request, seconds: float = 30) -> Observed:
        reply = await self.call(request, seconds)
        assert isinstance(reply, Observed), reply
        return reply

    async def insist(self, request: Request, seconds: float = 3) -> Reply:
        """Ask until the host answers, as every request may be asked again."""
        while True:
            try:
                reply = await self.call(request, seconds)
            except (Unreachable, Lost):
                await asyncio.sleep(0.05)
                continue
            if not isinstance(reply, NoReply):
                return reply

    async def carry_through(self, payload: bytes) -> tuple[Observed, bytes]:
        """What the engine does, by the failure table: ask the host how it is, and go on there."""
        output = b""
        while True:
            seen = await self.insist(AGENT.poll(ATTEMPT, len(output), wait_seconds=0.2))
            assert isinstance(seen, Observed)
            output += seen.output
            if seen.state is State.ABSENT:
                await self.insist(AGENT.put(ATTEMPT, payload))
            elif seen.state is State.PREPARED:
                await self.insist(going(ATTEMPT, payload))
            elif seen.state is not State.RUNNING and len(output) >= seen.size:
                return seen, output


class Ways:
    """To one sshd, past ssh_config's own port."""

    def __init__(self, sshd: Sshd, port: int) -> None:
        self.sshd, self.port = sshd, port
        self.ssh = Ssh(config=str(sshd.ssh_config), connect_timeout_ms=2000)
        self.jumps = Jumps(Dialler(lambda: time.time_ns() // 1_000_000, Pace(self.ssh)))

    async def route(self, host: str) -> Route:
        there = Host(host, "a", port=self.port)
        return route_to(there, settings_for(self.ssh), self.ssh)

    async def reach(self, route: Route) -> Connection:
        return await self.jumps.reach(route)


def over_ssh(sshd: Sshd, use: Callable[[Far], Awaitable[Any]]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(100), cable_to(sshd.port) as (cable, port):
            sshd.trust(f"{sshd.target} {sshd.host_key}", f"[127.0.0.1]:{port} {sshd.host_key}")
            ways = Ways(sshd, port)
            calls = Calls(ways)
            try:
                return await use(Far(calls, sshd, cable))
            finally:
                calls.close()
                ways.jumps.close()
                await threads_gone(2)

    return asyncio.run(bounded())


@pytest.fixture(params=SHELLS)
def sshd(request: pytest.FixtureRequest, start_sshd, tmp_path: Path) -> Sshd:  # noqa: F811
    """An sshd whose sessions find one kind of shell and tools."""
    tools_of(request.param, tmp_path)
    return home_at(start_sshd, tmp_path)


@pytest.fixture
def plain(start_sshd, tmp_path: Path) -> Sshd:  # noqa: F811
    """An sshd whose sessions find what this machine has."""
    (tmp_path / "bin").mkdir()
    return home_at(start_sshd, tmp_path)


def home_at(start, folder: Path, **settings: str) -> Sshd:
    path = f"{folder}/bin:/usr/bin:/bin"
    return start(SetEnv=f"SHLVL=1 HOME={folder} TWINWATCH_ROOT={folder} PATH={path}", **settings)


def counting(home: Path, rest: str = "") -> bytes:
    return f"echo x >>{home}/count; {rest}".encode()


def kill_sessions(sshd: Sshd) -> None:
    for pid in descendants(sshd.server.pid)[:-1]:
        os.kill(pid, signal.SIGKILL)


# ── a life without accidents ──


def test_a_step_from_put_to_gc(sshd, tmp_path) -> None:
    async def use(far: Far) -> None:
        payload = counting(tmp_path, "echo hi; echo oops >&2; exit 7")
        assert (await far.observe(AGENT.put(ATTEMPT, payload))).state is State.PREPARED
        await far.observe(going(ATTEMPT, payload))
        seen, output = await far.carry_through(payload)
        assert (seen.state, seen.status, output) == (State.DONE, 7, b"hi\noops\n")
        assert await far.call(AGENT.gc(ATTEMPT)) == Gone()
        assert (await far.observe(AGENT.poll(ATTEMPT, 0))).state is State.ABSENT
        assert far.cable.connections == 1

    over_ssh(sshd, use)
    assert (tmp_path / "count").read_text() == "x\n"


def test_where_one_session_is_allowed(start_sshd, tmp_path) -> None:  # noqa: F811
    (tmp_path / "bin").mkdir()

    async def use(far: Far) -> None:
        payload = counting(tmp_path, "echo hi")
        seen, output = await far.carry_through(payload)
        assert (seen.status, output) == (0, b"hi\n")

    over_ssh(home_at(start_sshd, tmp_path, MaxSessions="1"), use)
    assert (tmp_path / "count").read_text() == "x\n"


def test_of_thirty_goes_at_once_one_starts_it(sshd, tmp_path) -> None:
    async def use(far: Far) -> None:
        payload = counting(tmp_path, "sleep 0.5")
        await far.observe(AGENT.put(ATTEMPT, payload))
        await asyncio.gather(*(far.observe(going(ATTEMPT, payload)) for _ in range(30)))
        seen, _ = await far.carry_through(payload)
        assert seen.status == 0

    over_ssh(sshd, use)
    assert (tmp_path / "count").read_text() == "x\n"


# ── cut ──


@pytest.mark.parametrize("how", list(Cut))
def test_cut_in_put(plain, tmp_path, how) -> None:
    payload = counting(tmp_path, "echo hi; : '" + "x" * 300_000 + "'")

    async def use(far: Far) -> None:
        far.cable.how, far.cable.after = how, 150_000
        with pytest.raises(Lost):
            await far.call(AGENT.put(ATTEMPT, payload), 2)
        assert far.cable.cuts == 1
        assert far.counted == ""
        seen, output = await far.carry_through(payload)
        assert (seen.status, output) == (0, b"hi\n")

    over_ssh(plain, use)
    assert (tmp_path / "count").read_text() == "x\n"


def test_the_acknowledgement_of_go_lost(sshd, tmp_path) -> None:
    async def use(far: Far) -> None:
        payload = counting(tmp_path, "echo begun; sleep 1; echo ended")
        await far.observe(AGENT.put(ATTEMPT, payload))
        going_on = asyncio.create_task(far.call(going(ATTEMPT, payload)))
        while not (tmp_path / ".twinwatch/steps" / ATTEMPT.id / "claim").is_symlink():
            await asyncio.sleep(0.001)
        far.cable.cut_all()
        try:
            await going_on
        except Lost:
            pass  # unless it was already here
        await far.insist(going(ATTEMPT, payload))
        seen, output = await far.carry_through(payload)
        assert (seen.status, output) == (0, b"begun\nended\n")

    over_ssh(sshd, use)
    assert (tmp_path / "count").read_text() == "x\n"


def test_a_go_that_was_given_up_and_arrives_late(plain, tmp_path, monkeypatch) -> None:
    """The host froze before go reached the agent; it is thawed when the gate is shut."""
    monkeypatch.setattr(module, "OPEN_SECONDS", 0.5)

    async def use(far: Far) -> None:
        payload = counting(tmp_path)
        await far.observe(AGENT.put(ATTEMPT, payload))
        frozen = descendants(far.sshd.server.pid)[:-1]
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        with pytest.raises((Unreachable, Lost)):
            await far.call(going(ATTEMPT, payload), 0.4)
        assert (await far.observe(AGENT.void(ATTEMPT))).state is State.VOID
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
        await asyncio.sleep(0.5)
        assert (await far.observe(AGENT.poll(ATTEMPT, 0))).state is State.VOID

    over_ssh(plain, use)
    assert not (tmp_path / "count").exists()


def test_cut_in_poll_the_same_offset_gives_the_same_bytes(sshd, tmp_path) -> None:
    async def use(far: Far) -> None:
        payload = b"seq 1 200000"
        await far.observe(AGENT.put(ATTEMPT, payload))
        await far.observe(going(ATTEMPT, payload))
        whole = (await far.carry_through(payload))[1]
        for delay in (0.0, 0.005, 0.01, 0.02, 0.04):
            poll = asyncio.create_task(far.call(AGENT.poll(ATTEMPT, 1001)))
            await asyncio.sleep(delay)
            far.cable.cut_all()
            try:
                reply = await poll
            except (Lost, Unreachable):
                reply = await far.insist(AGENT.poll(ATTEMPT, 1001))
            assert isinstance(reply, Observed)
            assert reply.output == whole[1001 : 1001 + 1024 * 1024]

    over_ssh(sshd, use)


def test_cut_in_stop(sshd, tmp_path) -> None:
    async def use(far: Far) -> None:
        payload = counting(tmp_path, "sleep 600")
        await far.observe(AGENT.put(ATTEMPT, payload))
        await far.observe(going(ATTEMPT, payload))
        stop = asyncio.create_task(far.call(AGENT.stop(ATTEMPT, Signal.TERM)))
        await asyncio.sleep(0.02)
        far.cable.cut_all()
        try:
            await stop
        except (Lost, Unreachable):
            await far.insist(AGENT.stop(ATTEMPT, Signal.TERM))
        seen, _ = await far.carry_through(payload)
        assert (seen.stopped, seen.status) == (True, 128 + signal.SIGTERM)

    over_ssh(sshd, use)
    assert (tmp_path / "count").read_text() == "x\n"


#: Lives of a step in which every connection is cut; `make faults` asks for more.
LIVES = int(os.environ.get("TWINWATCH_CUTS", "3"))
SEED = int(os.environ.get("TWINWATCH_SEED", str(time.time_ns() % 1_000_000)))


@pytest.fixture(scope="module")
def figures() -> Iterator[Figures]:
    made = Figures("every connection of a step cut at any byte", SEED)
    yield made
    made.publish()


@pytest.mark.parametrize("life", range(LIVES))
@pytest.mark.parametrize("how", list(Cut))
def test_cut_anywhere_again_and_again(
    plain, tmp_path, monkeypatch, figures: Figures, how: Cut, life: int
) -> None:
    """Connections are cut after some bytes, until eight were; the step is carried through."""
    monkeypatch.setattr(module, "OPEN_SECONDS", 0.5)
    chance = random.Random(f"{SEED} {how} {life}")

    async def use(far: Far) -> tuple[Observed, bytes]:
        payload = counting(tmp_path, "echo begun; seq 1 3000; sleep 0.3; echo ended")

        async def torment() -> None:
            far.cable.how = how
            while far.cable.cuts < 8:
                # A handshake has some three kilobytes, a call up to ten.
                far.cable.after = chance.randrange(2_000, 25_000)
                before = far.cable.cuts
                while far.cable.cuts == before:
                    await asyncio.sleep(0.005)

        tormentor = asyncio.create_task(torment())
        try:
            done = await far.carry_through(payload)
            assert far.cable.cuts > 0
            return done
        finally:
            tormentor.cancel()

    seen, output = over_ssh(plain, use)
    expected = "".join(f"{number}\n" for number in range(1, 3001))
    assert (seen.state, seen.status) == (State.DONE, 0), f"seed {SEED}"
    assert output == f"begun\n{expected}ended\n".encode()
    assert (tmp_path / "count").read_text() == "x\n"
    figures.count(f"{how}, of up to eight connections", "done once, output whole")


# ── the host itself ──


def test_the_step_restarts_sshd(sshd, tmp_path) -> None:
    async def use(far: Far) -> None:
        payload = counting(
            tmp_path, f"echo stopping; kill {far.sshd.server.pid}; kill -9 $(cat {tmp_path}/pids);"
            " sleep 1; echo still here"
        )  # fmt: skip
        await far.observe(AGENT.put(ATTEMPT, payload))
        pids = descendants(far.sshd.server.pid)[:-1]
        (tmp_path / "pids").write_text(" ".join(map(str, pids)))
        try:
            await far.call(going(ATTEMPT, payload))
        except Lost:
            pass  # it was quick
        far.sshd.server.wait(20)
        with pytest.raises((Unreachable, Lost)):  # its sessions end a moment after it
            await far.call(AGENT.poll(ATTEMPT, 0), 5)
        far.sshd.start()
        seen, output = await far.carry_through(payload)
        assert (seen.status, output) == (0, b"stopping\nstill here\n")

    over_ssh(sshd, use)
    assert (tmp_path / "count").read_text() == "x\n"


def test_the_console_dies_and_comes_back(sshd, tmp_path) -> None:
    payload = counting(tmp_path, "echo begun; sleep 1; echo ended")

    async def begin(far: Far) -> None:
        await far.observe(AGENT.put(ATTEMPT, payload))
        await far.observe(going(ATTEMPT, payload))

    async def resume(far: Far) -> None:
        seen, output = await far.carry_through(payload)
        assert (seen.status, output) == (0, b"begun\nended\n")

    over_ssh(sshd, begin)
    kill_sessions(sshd)
    over_ssh(sshd, resume)
    assert (tmp_path / "count").read_text() == "x\n"


def test_much_output_while_it_comes(plain, tmp_path) -> None:
    async def use(far: Far) -> None:
        payload = b"yes 0123456789abcdef | head -c 30000000; echo; echo last"
        await far.observe(AGENT.put(ATTEMPT, payload))
        await far.observe(going(ATTEMPT, payload))
        offset, digest, tail = 0, sha256(), b""
        while True:
            seen = await far.observe(AGENT.poll(ATTEMPT, offset, limit=1_000_003))
            digest.update(seen.output)
            offset += len(seen.output)
            tail = (tail + seen.output)[-10:]
            if seen.state is State.DONE and seen.drained:
                break
        line = b"0123456789abcdef\n"
        expected = (line * (30_000_000 // 17 + 1))[:30_000_000] + b"\nlast\n"
        assert (offset, tail[-5:]) == (len(expected), b"last\n")
        assert digest.digest() == sha256(expected).digest()

    over_ssh(plain, use)
