"""Steps on whole hosts: systemd as PID 1, reboots, a pulled plug, sudo, odd shells, busybox alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from collectors.calls import Calls, Lost, Unreachable
from collectors.pacing import Pace
from collectors.ssh.config import Route, route_to, settings_for
from collectors.ssh.connection import Connection
from collectors.ssh.dial import Dialler
from collectors.ssh.jumps import Jumps
from collectors.ssh.transport import threads_gone
from estate.model import Host, Ssh
from runbooks.host.attempt import Attempt
from runbooks.host.protocol import READ_SECRETS, HostAgent, Request, carried
from runbooks.host.replies import Checked, NoReply, Observed, Refused, Reply, State, read_reply
from tests.lab import consoles
from tests.lab.rig import Lab
from tests.runbooks.host.conftest import going_as

#: Login shells and servers that an estate has: what they pass on is the same.
ALIKE = (
    "pri-web2", "pri-bb", "odd-plain", "odd-noisy", "odd-one-session", "odd-zsh", "odd-fish", "odd-csh",
    "odd-ash", "odd-dropbear", "odd-host-authority",
)  # fmt: skip


@dataclass
class Operator:
    """Who stands in the operations network and calls hosts by their names."""

    calls: Calls

    async def call(self, host: str, request: Request, seconds: float = 30) -> Reply:
        answer = await self.calls.call(
            host,
            request.command,
            request.stdin,
            deadline_seconds=seconds,
            output_limit=request.output_limit,
        )
        return read_reply(request, answer.output, answer.error, answer.status)

    async def insist(self, host: str, request: Request) -> Observed:
        """Until the host is there and answers."""
        while True:
            try:
                reply = await self.call(host, request, 5)
            except (Lost, Unreachable):
                await asyncio.sleep(0.2)
                continue
            assert isinstance(reply, Observed), reply
            return reply

    async def run(
        self, host: str, agent: HostAgent, attempt: Attempt, script: bytes, **how: Any
    ) -> tuple[Observed, bytes]:
        """Put, go, and poll to the end; the last that is seen, and all of the output."""
        await self.insist(host, agent.put(attempt, script))
        await self.insist(host, going_as(agent, attempt, script, **how))
        return await self.follow(host, agent, attempt)

    async def follow(self, host: str, agent: HostAgent, attempt: Attempt) -> tuple[Observed, bytes]:
        output = b""
        while True:
            seen = await self.insist(host, agent.poll(attempt, len(output), wait_seconds=0.5))
            output += seen.output
            if seen.state not in (State.RUNNING, State.PREPARED) and len(output) >= seen.size:
                return seen, output


class Ways:
    def __init__(self, lab: Lab) -> None:
        console = consoles.write(lab.directory, lab.places.values(), lab.credentials)
        self.ssh = Ssh(
            config=str(console.ssh_config),
            known_hosts=(str(console.known_hosts),),
            connect_timeout_ms=3000,
        )
        self.jumps = Jumps(Dialler(lambda: time.time_ns() // 1_000_000, Pace(self.ssh)))

    async def route(self, host: str) -> Route:
        return route_to(Host(host, "pri"), settings_for(self.ssh), self.ssh)

    async def reach(self, route: Route) -> Connection:
        return await self.jumps.reach(route)


def operating(lab: Lab, use: Callable[[Operator], Awaitable[Any]]) -> Any:
    async def bounded() -> Any:
        ways = Ways(lab)
        calls = Calls(ways)
        try:
            async with asyncio.timeout(120):
                return await use(Operator(calls))
        finally:
            calls.close()
            ways.jumps.close()
            await threads_gone(2)

    with lab.in_network("ops"):
        return asyncio.run(bounded())


def attempt(host: str, step: str, number: int = 1) -> Attempt:
    """One of its own for each test and moment: the lab outlives tests."""
    return Attempt(f"r-{time.time_ns()}", step, host, number)


AGENT = HostAgent()


@pytest.fixture(scope="module")
def homes(rig: Lab) -> None:
    """Users who own their home directories; what a step leaves needs one."""
    rig.host("pri-odd").run('for home in /home/*; do chown "${home##*/}:" "$home"; done')


@pytest.mark.usefixtures("homes")
@pytest.mark.parametrize("host", ALIKE)
def test_a_step_is_the_same_whatever_logs_us_in(lab: Lab, host: str) -> None:
    this = attempt(host, "plain")

    async def use(operator: Operator) -> None:
        script = (
            READ_SECRETS.encode() + b"echo \"$token\"; printf '\\303\\0'; echo oops >&2; exit 3"
        )
        secrets = carried({"token": "it's $(secret)"})
        seen, output = await operator.run(host, AGENT, this, script, secrets=secrets)
        assert (seen.state, seen.status) == (State.DONE, 3)
        assert output == b"it's $(secret)\n\xc3\0oops\n"
        check = AGENT.check(b"echo yes; exit 4", timeout_seconds=10, limit=100)
        assert await operator.call(host, check) == Checked(4, b"yes\n", False)

    operating(lab, use)


@pytest.mark.usefixtures("homes")
def test_by_sudo_it_is_somebody_else(lab: Lab) -> None:
    async def use(operator: Operator) -> None:
        for user, home in (("root", "/root"), ("noisy", "/home/noisy")):
            agent, this = HostAgent(user), attempt("odd-sudo", "by-sudo")
            seen, output = await operator.run(
                "odd-sudo", agent, this, b'id -un; echo "$HOME"; exec sleep 0.1'
            )
            assert (seen.status, output.decode().split()) == (0, [user, home])
            assert lab.host("pri-odd").run(f"ls -d {home}/.twinwatch/steps/{this.id}")

    operating(lab, use)


def test_a_sudo_that_asks_for_a_password_is_quoted(lab: Lab) -> None:
    async def use(operator: Operator) -> Reply:
        return await operator.call(
            "odd-sudo-password", HostAgent("root").put(attempt("x", "x"), b"")
        )

    assert operating(lab, use) == NoReply(
        "it ended with status 1 and gave no reply, saying “sudo: a password is required”"
    )


def test_under_systemd_a_step_is_no_part_of_the_ssh_service(lab: Lab) -> None:
    """An sshd that takes its sessions along when it is stopped: the step restarts it, and lives."""
    host, this = lab.host("pri-web2"), attempt("pri-web2", "restart-ssh")
    unit = "/run/systemd/system/ssh.service.d/lab.conf"
    host.write(unit, "[Service]\nKillMode=control-group\n")
    host.run("systemctl daemon-reload")

    async def use(operator: Operator) -> None:
        script = b"grep ^0:: /proc/self/cgroup; systemctl restart ssh; echo still here"
        seen, output = await operator.run("pri-web2", AGENT, this, script)
        assert (seen.state, seen.status) == (State.DONE, 0)
        group, said = output.decode().splitlines()
        assert group.startswith("0::/system.slice/run-")
        assert said == "still here"

    try:
        operating(lab, use)
    finally:
        host.run(f"rm {unit}; systemctl daemon-reload; systemctl restart ssh")
    assert host.run("systemctl --failed --no-legend") == ""
    assert host.run(f"journalctl -t twinwatch -o cat | grep {this.id}") == (
        f"run {this.run}, step restart-ssh, by op1: attempt {this.id} begins"
    )
    scope = host.run(f"journalctl -o cat _PID=1 | grep '[.]scope.*{this.id}'")
    assert f"twinwatch:{this.id}" in scope and len(scope) < 400, "our text is not in the journal"
    assert host.ask("journalctl -o cat _PID=1 | grep -F _record").status == 1


def test_a_reboot_within_a_step_is_lost_and_not_repeated(lab: Lab) -> None:
    host, this = lab.host("pri-web2"), attempt("pri-web2", "reboot")
    before = host.boot_id()
    script = b"echo x >>/var/lib/count; sync; systemctl reboot; sleep 600"

    async def use(operator: Operator) -> None:
        prepared = await operator.insist("pri-web2", AGENT.put(this, script))
        assert prepared.boot == before
        await operator.insist("pri-web2", going_as(AGENT, this, script))
        while True:
            seen = await operator.insist("pri-web2", AGENT.poll(this, 0))
            if seen.boot != before:
                break
        assert seen.state in (State.LOST, State.DONE)  # done: ended by the shutdown, and recorded
        if seen.state is State.DONE:
            assert seen.status == 128 + 15
        again = await operator.insist("pri-web2", going_as(AGENT, this, script))
        assert again.state is seen.state

    operating(lab, use)
    lab.wait(["pri-web2"])
    assert host.run("cat /var/lib/count; rm /var/lib/count") == "x"


def test_a_pulled_plug_is_lost_and_not_repeated(lab: Lab) -> None:
    host, this = lab.host("pri-web2"), attempt("pri-web2", "plug")
    script = b"echo x >>/var/lib/count; sync; echo begun; sleep 600"

    async def begin(operator: Operator) -> None:
        await operator.insist("pri-web2", AGENT.put(this, script))
        await operator.insist("pri-web2", going_as(AGENT, this, script))
        await operator.insist("pri-web2", AGENT.poll(this, 0, wait_seconds=5))

    async def resume(operator: Operator) -> None:
        seen, output = await operator.follow("pri-web2", AGENT, this)
        assert (seen.state, output) == (State.LOST, b"begun\n")
        again = await operator.insist("pri-web2", going_as(AGENT, this, script))
        assert again.state is State.LOST

    operating(lab, begin)
    host.restart()
    operating(lab, resume)
    lab.wait(["pri-web2"])
    assert lab.host("pri-web2").run("cat /var/lib/count; rm /var/lib/count") == "x"


def test_a_frozen_host_is_silent_and_then_goes_on(lab: Lab) -> None:
    host, this = lab.host("pri-web2"), attempt("pri-web2", "freeze")

    async def use(operator: Operator) -> None:
        script = b"echo begun; sleep 1; echo ended"
        await operator.insist("pri-web2", AGENT.put(this, script))
        await operator.insist("pri-web2", going_as(AGENT, this, script))
        host.freeze()
        try:
            with pytest.raises((Lost, Unreachable)):
                await operator.call("pri-web2", AGENT.poll(this, 0), 2)
        finally:
            host.thaw()
        seen, output = await operator.follow("pri-web2", AGENT, this)
        assert (seen.status, output) == (0, b"begun\nended\n")

    operating(lab, use)


def test_an_order_that_stood_still_with_its_host_is_stale(lab: Lab) -> None:
    """Go arrives, the host freezes before it is read, and is thawed when nobody wants it any more."""
    host, this = lab.host("pri-web2"), attempt("pri-web2", "stale")
    script = b"touch /var/lib/ran"

    async def use(operator: Operator) -> None:
        prepared = await operator.insist("pri-web2", AGENT.put(this, script))
        limit = prepared.uptime_seconds + 2
        host.freeze()
        try:
            order = going_as(AGENT, this, script, not_after=limit)
            pending = asyncio.create_task(operator.call("pri-web2", order, 40))
            await asyncio.sleep(4)
        finally:
            host.thaw()
        try:
            reply = await pending
        except (Lost, Unreachable):
            return
        assert isinstance(reply, Refused)
        assert reply.what == "the order to start came too late, or after a restart of the host"

    operating(lab, use)
    assert lab.host("pri-web2").ask("test -e /var/lib/ran").status == 1
