"""What a run has changed so far: known while it goes on, also over a restart, and no longer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from estate.model import Estate
from estate.runs import ChangedHosts, RunRow
from runbooks.progress import facts
from runbooks.progress.facts import Task
from tests.watch.runs.alone import T0, estate, until, within
from watch.runs.desk import RunDesk

RUNBOOK = """\
runbook: move
title: Take servers out, ask, and put them back
version: 1
drill: Nothing is taken out
hosts: {proxy: {group: lb}, server: {group: web}}
steps:
  - check: The servers answer
    hosts: server
    sh: "true"
  - gate: May they be taken out?
    id: may
  - do: Take them out
    hosts: proxy
    only: real
    sh: touch out
    done_when: test -e out
    undo: rm out
  - gate: Put them back?
    id: back
"""


class Shown:
    """What the desk showed last."""

    def __init__(self) -> None:
        self.rows: tuple[RunRow, ...] = ()
        self.changed: tuple[ChangedHosts, ...] = ()

    def __call__(self, rows: tuple[RunRow, ...], changed: tuple[ChangedHosts, ...]) -> None:
        self.rows, self.changed = rows, changed

    async def at(self, question: str) -> list[frozenset[str]]:
        """The hosts that each run has changed, where the last one asks this; "" once it has ended.
        Waits 30 s at most."""
        async with asyncio.timeout(30):
            while not self.rows or not self._is_at(self.rows[0], question):
                await asyncio.sleep(0.02)
        return [each.hosts for each in self.changed]

    def _is_at(self, row: RunRow, question: str) -> bool:
        return row.question == question and (row.ended_at is None) == bool(question)


def two_hosts() -> Estate:
    return estate(lb1="lb", web1="web")


async def approve(desk: RunDesk, run: str, step: str) -> None:
    await until(desk, run, lambda row: row.state == "waiting")
    await desk.say(run, lambda: [facts.Approved(Task(step))], "kwong")


def test_a_host_is_changed_from_the_first_step_that_changes_it_to_the_end(tmp_path: Path) -> None:
    shown = Shown()

    async def begun(desk: RunDesk) -> None:
        run = (await desk.start("move", {}, "kwong")).id
        await shown.at("May they be taken out?")  # a check changes nothing, a question neither
        assert shown.changed == (ChangedHosts(run, "move", "kwong", T0, frozenset()),)
        await approve(desk, run, "may")
        assert await shown.at("Put them back?") == [{"lb1"}]

    async def resumed(desk: RunDesk) -> None:
        [row] = desk.rows()
        assert await shown.at("Put them back?") == [{"lb1"}]
        await approve(desk, row.id, "back")
        assert await shown.at("") == []

    within(tmp_path, begun, RUNBOOK, estate=two_hosts, show=shown)
    shown.rows = ()
    within(tmp_path, resumed, RUNBOOK, estate=two_hosts, show=shown)


@pytest.mark.parametrize("drill", [True, False])
def test_what_is_left_out_or_was_done_already_changes_nothing(tmp_path: Path, drill: bool) -> None:
    shown = Shown()

    async def play(desk: RunDesk) -> None:
        run = (await desk.start("move", {}, "kwong", drill=drill)).id
        await approve(desk, run, "may")
        assert await shown.at("Put them back?") == [frozenset()]

    if not drill:
        path = tmp_path / "hosts" / "lb1"
        path.mkdir(parents=True)
        (path / "out").touch()
    within(tmp_path, play, RUNBOOK, estate=two_hosts, show=shown)
