"""Another vantage over a real sshd: heard, lost, found again; one that lies or floods is let go."""

from __future__ import annotations

import asyncio
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from collectors import vantages as module
from collectors.pacing import Pace
from collectors.ssh.config import Route, route_to, settings_for
from collectors.ssh.connection import Connection
from collectors.ssh.dial import Dialler
from collectors.ssh.jumps import Jumps
from collectors.ssh.transport import threads_gone
from collectors.vantages import Vantages
from estate.ledger.observed import FellSilent, Heard, Spoke
from estate.ledger.rounds import Seen
from estate.ledger.sightings import Sighting
from estate.ledger.telling import Present, line
from estate.model import Host, Ssh, Vantage

from .conftest import Sshd

NOW = 1_790_000_000_000
RUN = Sighting("mail", "recovery", NOW - 60_000, NOW, 10_000, Seen.FAIL, 7, 1.5, "refused")


class Ways:
    def __init__(self, ssh_config: Path) -> None:
        self.ssh = Ssh(config=str(ssh_config), connect_timeout_ms=5000)
        self.jumps = Jumps(Dialler(lambda: time.time_ns() // 1_000_000, Pace(self.ssh)))

    async def route(self, host: str) -> Route:
        return route_to(Host(host, "a"), settings_for(self.ssh), self.ssh)

    async def reach(self, route: Route) -> Connection:
        return await self.jumps.reach(route)


def listen(
    sshd: Sshd,
    command: str,
    enough: Callable[[list[Heard]], bool],
    *,
    meanwhile: Callable[[list[Heard]], None] = lambda heard: None,
) -> list[Heard]:
    """What is heard of a vantage whose twinwatch is `command`, until that is enough."""

    async def run() -> list[Heard]:
        heard: list[Heard] = []
        came = asyncio.Event()
        known = 0

        def observe(each: Heard) -> None:
            nonlocal known
            heard.append(each)
            if isinstance(each, Spoke):
                known = max([known, *(run.seq for run in each.sightings)])
            came.set()

        ways = Ways(sshd.ssh_config)
        vantages = Vantages(ways, observe, since=lambda _: known, clock=lambda: NOW, us="c/1/2")
        vantages.follow({"recovery": Vantage("recovery", "web1", command)})
        try:
            async with asyncio.timeout(60):
                while not enough(heard):
                    await came.wait()
                    came.clear()
                    meanwhile(heard)
        finally:
            await vantages.close()
            ways.jumps.close()
            await threads_gone(2)
        return heard

    return asyncio.run(run())


def prints(*lines: str, then: str = "sleep 60") -> str:
    """A twinwatch that says these lines, whatever it is asked, and goes on."""
    said = shlex.quote("\n".join(lines) + "\n")
    return f"sh -c {shlex.quote(f'printf %s {said}; {then}')}"


def told(heard: list[Heard]) -> list[Sighting]:
    return [run for each in heard if isinstance(each, Spoke) for run in each.sightings]


def silences(heard: list[Heard]) -> list[str]:
    return [each.cause for each in heard if isinstance(each, FellSilent)]


def test_what_it_saw_is_heard_and_how_its_clock_goes(start_sshd: Callable[..., Sshd]) -> None:
    command = prints(line(Present(NOW + 400, 7)), line(RUN))
    heard = listen(start_sshd(), command, lambda heard: bool(told(heard)))
    assert told(heard) == [RUN]
    assert next(each.ahead_ms for each in heard if isinstance(each, Spoke)) == 400


def test_one_that_is_lost_is_asked_again_for_what_came_since(
    start_sshd: Callable[..., Sshd], tmp_path: Path
) -> None:
    asked = tmp_path / "asked"
    script = tmp_path / "twinwatch"
    script.write_text(
        f"#!/bin/sh\necho \"$*\" >>{asked}\nprintf '%s\\n' '{line(RUN)}'\nsleep 0.2\n"
        "echo 'no watch is running' >&2; exit 1\n"
    )
    script.chmod(0o755)
    heard = listen(start_sshd(), str(script), lambda heard: len(silences(heard)) >= 2)
    assert asked.read_text().splitlines()[:2] == [
        "vantage --follow --since 0",
        "vantage --follow --since 7",
    ]
    assert silences(heard)[0] == "twinwatch vantage ended there with status 1: no watch is running"


def test_a_connection_that_dies_is_dialled_again(start_sshd: Callable[..., Sshd]) -> None:
    sshd = start_sshd()
    killed: list[int] = []

    def cut(heard: list[Heard]) -> None:
        if told(heard) and not killed:
            killed.extend(sshd.sessions())
            sshd.stop()
            sshd.start()

    command = prints(line(RUN))
    heard = listen(sshd, command, lambda heard: len(told(heard)) >= 2, meanwhile=cut)
    assert killed and any("connection lost" in each for each in silences(heard))


def test_a_login_shell_may_talk_before_the_journal(start_sshd: Callable[..., Sshd]) -> None:
    command = prints("Welcome!", "\x1b[31mauthorized use only", line(Present(NOW, 0)), line(RUN))
    heard = listen(start_sshd(), command, lambda heard: bool(told(heard)))
    assert (told(heard), silences(heard)) == ([RUN], [])


@pytest.mark.parametrize(
    ("command", "cause"),
    [
        ("yes #", "its journal can't be read: not a line of a journal: 'y'"),
        ("sh -c 'cat /dev/zero' #", "its journal can't be read: a line of more than 4096 bytes"),
        (prints(line(Present(NOW, 0)), "what?"), "not a line of a journal: 'what?'"),
        (
            prints(line(Present(NOW, 0)), line(RUN).replace('"x"', '"perhaps"')),
            "a round that saw neither good nor bad",
        ),
        (
            prints(line(Present(NOW, 0)), line(replace(RUN, seq=1 << 62))),
            f"a round is number {1 << 62}, and none can be yet",
        ),
        (prints(line(Present(NOW, 0, "c/1/2")), line(RUN)), "it is this very watch"),
        ("/no/such/twinwatch", "twinwatch vantage ended there with status 127"),
    ],
)
def test_one_that_lies_or_floods_is_let_go_with_a_reason(
    start_sshd: Callable[..., Sshd], command: str, cause: str
) -> None:
    heard = listen(start_sshd(), command, lambda heard: bool(silences(heard)))
    assert cause in silences(heard)[0]
    assert told(heard) == []


def test_one_that_falls_silent_is_not_waited_for(
    start_sshd: Callable[..., Sshd], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.5)
    heard = listen(start_sshd(), prints(line(RUN)), lambda heard: bool(silences(heard)))
    assert silences(heard) == ["silent for 0.5 s"]


def test_one_that_says_more_than_can_be_taken_in_is_let_go(
    start_sshd: Callable[..., Sshd], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every line of it may be true: memory is not without end."""
    monkeypatch.setattr(module, "MOST_WAITING_BYTES", 1_000)
    lines = [line(Present(NOW, 0))] * 100
    heard = listen(
        start_sshd(), prints(*lines, then="sleep 5"), lambda heard: bool(silences(heard))
    )
    assert silences(heard)[0] == "it floods"


def test_a_long_journal_comes_whole(start_sshd: Callable[..., Sshd]) -> None:
    """Some 3 MB in one breath, as after a cut of days."""
    program = (
        "import json\n"
        "for n in range(20000):\n"
        "    print(json.dumps({'seq': n + 1, 'service': 'mail', 'at': n * 10000, 'until': n * 10000,"
        " 'every_ms': 10000, 'seen': 'ox'[n % 2], 'cause': 'refused' * (n % 2)}))\n"
        "import time; print(flush=True, end=''); time.sleep(60)\n"
    )
    command = f"{sys.executable} -c {shlex.quote(program)}"
    heard = listen(start_sshd(), command, lambda heard: len(told(heard)) >= 20_000)
    assert [each.seq for each in told(heard)] == list(range(1, 20_001))
    assert silences(heard) == []
