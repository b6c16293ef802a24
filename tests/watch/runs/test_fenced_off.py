"""A run that another watch took over half-way asks a person, though its locks are free again."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbooks.host.protocol import Fence, HostAgent, Request
from runbooks.host.replies import Freed, Held, Reply, read_reply
from tests.watch.runs.alone import until, within
from watch.runs import asked
from watch.runs.desk import RunDesk
from watch.runs.permission import Person

OWNER = Person("ann", owns=True)
AGENT = HostAgent()
BETWEEN = """\
runbook: between
title: A gate between two steps
version: 1
locks: [service/mail]
hosts:
  all: {group: g, at_least: 1}
steps:
  - do: The first
    id: first
    hosts: all
    sh: FIRST
    repeat: safe
    timeout: 20s
  - gate: Now the second?
    id: asked
    wait: 10m
  - do: The second
    id: second
    hosts: all
    sh: echo second >"$HOME/second"
    repeat: safe
    timeout: 20s
"""
ACTS = BETWEEN.replace("FIRST", 'echo first >"$HOME/first"')
ASKS = ACTS.replace("  - do: The first\n", "  - do: The first\n    when: 'test -e never'\n")


async def told(desk: RunDesk, asked: Request) -> Reply:
    seen = await desk._means.hosts.call(
        "h1", asked.command, asked.stdin, deadline_seconds=20, output_limit=asked.output_limit
    )
    return read_reply(asked, seen.output, seen.error, seen.status)


async def taken_over_and_given_back(desk: RunDesk, *, over: int) -> None:
    """What a watch of another bastion does there, with records of its own."""
    other = Fence(3, "r-other", ("service/mail", "host/h1"))
    assert isinstance(await told(desk, AGENT.lock(other, seconds=600, over=over)), Held)
    assert isinstance(await told(desk, AGENT.unlock(other)), Freed)


async def decide(desk: RunDesk, run: str, step: str, decision: str) -> None:
    body = {"step": step, "decision": decision, "reason": "looked there"}
    await asked.steer(desk, run, "decide", OWNER, body)


async def at_the_gate(desk: RunDesk, *, over: int) -> str:
    run = (await desk.start("between", {}, "ann")).id
    await until(desk, run, lambda row: row.state == "waiting")
    await taken_over_and_given_back(desk, over=over)
    await decide(desk, run, "asked", "approve")
    return run


@pytest.mark.parametrize(("decision", "end"), [("approve", "succeeded"), ("refuse", "failed")])
def test_a_run_that_has_acted_goes_on_only_by_a_persons_word(
    tmp_path: Path, decision: str, end: str
) -> None:
    async def play(desk: RunDesk) -> None:
        run = await at_the_gate(desk, over=1)
        row = await until(
            desk, run, lambda row: row.state == "waiting" and "second" in row.question
        )
        assert "r-other's since epoch 3" in row.question
        assert not (tmp_path / "hosts/h1/second").exists()
        await decide(desk, run, "second", decision)
        assert (await until(desk, run, lambda row: bool(row.ended_at))).state == end
        assert (tmp_path / "hosts/h1/second").exists() is (decision == "approve")

    within(tmp_path, play, ACTS)


def test_a_run_that_has_done_nothing_has_free_locks_for_the_asking(tmp_path: Path) -> None:
    async def play(desk: RunDesk) -> None:
        run = await at_the_gate(desk, over=0)
        row = await until(desk, run, lambda row: bool(row.ended_at))
        assert row.state == "succeeded"
        assert (await desk.view(run)).epoch == 4

    within(tmp_path, play, ASKS)
