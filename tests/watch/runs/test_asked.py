"""What people ask of runs is allowed by who they are: what was printed, and who shuts a gate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.watch.runs.alone import until, within
from watch.error import WatchError
from watch.runs import asked
from watch.runs.desk import RunDesk
from watch.runs.permission import Person

BOOK = """\
runbook: asks
title: Say something, then ask
version: 1
run_by: oncall
approve_by: duty
SENSITIVE
hosts:
  all: {group: g, at_least: 1}
steps:
  - do: Say something
    id: said
    hosts: all
    sh: echo of a person
    repeat: safe
    timeout: 20s
  - gate: Now?
    id: asked
    wait: 10m
"""
ANN = Person("ann", groups=frozenset({"oncall"}))
BOB = Person("bob", groups=frozenset({"oncall"}))
CHAN = Person("chan", groups=frozenset({"duty"}))
EVE = Person("eve", groups=frozenset({"oncall", "duty"}), in_house=False)


async def at_its_gate(desk: RunDesk) -> str:
    row = await asked.start(desk, ANN, {"runbook": "asks"})
    run = str(row["id"])
    await until(desk, run, lambda row: row.state == "waiting")
    return run


@pytest.mark.parametrize("sensitive", [True, False])
def test_what_a_sensitive_run_printed_is_read_in_house(tmp_path: Path, sensitive: bool) -> None:
    async def play(desk: RunDesk) -> None:
        run = await at_its_gate(desk)
        (task,) = (await desk.view(run)).steps[0].tasks

        async def read(person: Person) -> bytes:
            return await asked.output(desk, run, person, task.output, offset=0, limit=99)

        assert await read(BOB) == b"of a person\n"
        if not sensitive:
            assert await read(EVE) == b"of a person\n"
            return
        for person in (EVE, replace(EVE, owns=True)):
            with pytest.raises(WatchError) as refused:
                await read(person)
            told = refused.value
            assert (told.status, told.why) == (403, "its output is for in-house staff only")
            assert told.do == "ask somebody in-house"

    said = "data: sensitive" if sensitive else ""
    within(tmp_path, play, BOOK.replace("SENSITIVE", said))


def test_a_gate_is_shut_by_whoever_may_open_it(tmp_path: Path) -> None:
    """To refuse ends the run: who steers it has `abort`, and the gate is its approvers'."""
    shut = {"step": "asked", "decision": "refuse", "reason": "not now"}

    async def play(desk: RunDesk) -> None:
        run = await at_its_gate(desk)
        with pytest.raises(WatchError) as refused:
            await asked.steer(desk, run, "decide", BOB, shut)
        assert refused.value.why == "only members of duty may approve asks"
        with pytest.raises(WatchError, match="nobody approves their own"):
            await asked.steer(desk, run, "decide", ANN, shut)
        assert (await desk.view(run)).row.state == "waiting"
        await asked.steer(desk, run, "decide", CHAN, shut)
        row = await until(desk, run, lambda row: row.ended_at is not None)
        assert row.state == "failed"

    within(tmp_path, play, BOOK.replace("SENSITIVE", ""))
