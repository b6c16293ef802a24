"""How long a host is waited for, whose locks are ours there, and what a check says of secrets."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest

from runbooks.host.protocol import Fence, HostAgent
from runbooks.host.replies import Refused, read_reply
from runbooks.performance import Parts, Performer
from runbooks.ports import Answer, Console, Hosts, Outputs, Situation, Unanswered
from runbooks.progress.facts import Planned, Task
from runbooks.progress.requests import Look, NoAnswer, Purpose
from runbooks.progress.run import RunProgress
from runbooks.progress.states import RunState
from runbooks.runbook import Check, Runbook, Sh
from runbooks.scripts import Scripts
from tests.runbooks.progress.test_run import check
from tests.runbooks.test_execution import Bench, hold, once


class NoWay:
    """Nobody answers; how long each call would have waited is remembered."""

    def __init__(self) -> None:
        self.deadlines: list[float] = []

    async def call(
        self, host: str, command: str, stdin: bytes, *, deadline_seconds: float, output_limit: int
    ) -> Answer:
        self.deadlines.append(deadline_seconds)
        raise Unanswered("no way")


@pytest.mark.parametrize(("given", "waited"), [(1, 2), (3, 6), (30, 42)])
def test_what_is_to_be_known_soon_is_not_waited_for_long(
    given: int, waited: int, tmp_path: Path
) -> None:
    check = Check(id="a", say="A", hosts=("h",), timeout_ms=given * 1000, ask=Sh("true"))
    runbook = Runbook(name="b", title="B", version=1, steps=(check,))
    planned = Planned("r-1", "b", "B", "", runbook.sha256, {"h": ("h1",)})
    scripts, hosts = Scripts(runbook, planned), NoWay()
    parts = Parts(
        cast(Hosts, hosts), cast(Outputs, None), cast(Console, None), cast(Situation, None)
    )
    progress = RunProgress(runbook, planned, scripts.payload)
    look = Look(Task("a", "h1"), Purpose.CHECK, given * 1000)
    answer = asyncio.run(Performer("r-1", "op", scripts, parts).perform(look, progress))
    assert answer == NoAnswer("no way")
    assert hosts.deadlines == [waited]


def test_what_another_run_holds_is_not_inherited_though_it_is_idle_and_of_an_earlier_epoch(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, once("a"), locks=("service/mail",))
    bench.epoch = 9
    theirs, ours = (Fence(epoch, run, ("service/mail",)) for epoch, run in ((7, "r-0"), (9, "r-1")))
    hold(bench, "db2", theirs, give_back=False)
    bench.has_ended = lambda run: run == "r-elsewhere"
    assert bench.live() is RunState.FAILED
    assert bench.hosts.count("db2", "a") == 0
    assert "is r-0's since epoch 7" in bench.progress.task(Task("a", "db2")).why

    asked = HostAgent().lock(ours, seconds=600)
    call = bench.hosts.call(
        "db2", asked.command, asked.stdin, deadline_seconds=9, output_limit=9_999
    )
    answer = asyncio.run(call)
    reply = read_reply(asked, answer.output, answer.error, answer.status)
    assert isinstance(reply, Refused) and (reply.owner, reply.epoch) == ("r-0", 7)


@pytest.mark.parametrize("status", [0, 1])
def test_what_a_check_says_last_is_told_without_secrets(tmp_path: Path, status: int) -> None:
    secret, told = "hunter2-hunter2", "pin is [redacted]"
    ask = Sh(f'echo first; echo "pin is $OPS_TOKEN"; exit {status}')
    bench = Bench(tmp_path, check("c", ask=ask, secrets=("token",)), secrets={"token": secret})
    shown: list[str] = []

    def look() -> None:
        shown.append(bench.progress.task(Task("c", "db2")).why)

    assert bench.live(changed=look) is (RunState.FAILED if status else RunState.SUCCEEDED)
    assert bench.progress.task(Task("c", "db2")).why == told and told in shown
    assert secret not in (tmp_path / "runs" / "r-1.jsonl").read_text()
