"""What a run left behind that nobody knows of: the next one on that host is told, and must ask."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from estate.runs import RunRow
from runbooks.planning.unsettled import unsettled
from storage.runs import RunFolder
from tests.watch.runs.alone import T0, estate, until, within
from watch.error import WatchError
from watch.runs import asked
from watch.runs.archive import Archive
from watch.runs.desk import RunDesk
from watch.runs.permission import Person

OWNER = Person("ann", owns=True)
#: The host forgets that it ever began: nobody can tell whether it was done.
VANISHES = """\
runbook: vanishes
title: Leave no trace
version: 1
hosts:
  all: {group: g, at_least: 1}
steps:
  - do: Leave no trace
    id: gone
    hosts: all
    sh: rm -rf "$HOME/.twinwatch"
    done_when: test -e never
    timeout: 20s
    undo: none
"""
FINE = """\
runbook: fine
title: Do nothing
version: 1
hosts:
  all: {group: g, at_least: 1}
steps:
  - do: Nothing
    id: nothing
    hosts: all
    sh: ":"
    repeat: safe
    timeout: 20s
"""
UNASKED = """\
runbook: unasked
title: Ask what can't be answered
version: 1
hosts:
  all: {group: g, at_least: 1}
steps:
  - check: It is well
    id: well
    hosts: all
    sh: "true"
    timeout: 1s
    if_unreachable: ask
"""


def asks(row: RunRow) -> bool:
    return row.state == "needs-decision"


def ended(row: RunRow) -> bool:
    return bool(row.ended_at)


async def left_behind(desk: RunDesk) -> str:
    """A run that was ended by a person while nobody knew how its step did."""
    run = (await desk.start("vanishes", {}, "ann")).id
    await until(desk, run, asks)
    refusal = {"step": "gone", "decision": "refuse", "reason": "enough for tonight"}
    await asked.steer(desk, run, "decide", OWNER, refusal)
    assert (await until(desk, run, ended)).state == "failed"
    return run


async def tidied(desk: RunDesk, run: str) -> None:
    """Until it is put away, and its hosts are tidy."""
    async with asyncio.timeout(30):
        while True:
            try:
                desk.open_run(run)
            except WatchError:
                return
            await asyncio.sleep(0.02)


async def told(desk: RunDesk, runbook: str = "fine") -> list[str]:
    made, _ = await desk.plan(runbook, {}, drill=False, ask=False)
    return [each.what for each in made.reasons]


def test_the_next_run_on_the_host_is_told_of_it_and_begins_only_once_it_was_waived(
    tmp_path: Path,
) -> None:
    runs: list[str] = []
    clock = [T0]

    async def first(desk: RunDesk) -> None:
        runs.append(await left_behind(desk))
        said = f"run {runs[0]} left gone on h1 with outcome unknown"
        assert await told(desk) == [said]
        with pytest.raises(WatchError) as refused:
            await desk.start("fine", {}, "bob")
        assert refused.value.why == said
        assert refused.value.do == "find out on h1 whether it was done, and have this waived"
        with pytest.raises(WatchError, match="no reason is given"):
            await desk.start("fine", {}, "bob", waive=True)
        await tidied(desk, runs[0])
        assert await told(desk) == [said], "it is in the archive now"

    async def second(desk: RunDesk) -> None:
        clock[0] += 60_000
        assert await told(desk) == [f"run {runs[0]} left gone on h1 with outcome unknown"]
        run = (await desk.start("fine", {}, "bob", waive=True, reason="it was not done")).id
        assert (await until(desk, run, ended)).state == "succeeded"
        async with asyncio.timeout(30):
            while await told(desk):
                await asyncio.sleep(0.02)

    within(tmp_path, first, VANISHES, FINE, now=lambda: clock[0])
    within(tmp_path, second, VANISHES, FINE, now=lambda: clock[0])


def test_nobody_is_told_again_after_a_restart_that_still_has_to_tidy(tmp_path: Path) -> None:
    clock = [T0]

    async def first(desk: RunDesk) -> None:
        run = (await desk.start("vanishes", {}, "ann")).id
        await until(desk, run, asks)
        desk._means.hosts.away.add("h1")  # type: ignore[attr-defined]
        refusal = {"step": "gone", "decision": "refuse", "reason": "enough for tonight"}
        await asked.steer(desk, run, "decide", OWNER, refusal)
        await tidied(desk, run)
        desk._means.hosts.away.clear()  # type: ignore[attr-defined]
        clock[0] += 60_000
        (said,) = await told(desk)
        assert said.startswith(f"run {run} left gone on h1")
        again = (await desk.start("fine", {}, "bob", waive=True, reason="it was not done")).id
        assert await told(desk) == [f"host/h1 is held by {again}"], "told once, and not again"
        assert (await until(desk, again, ended)).state == "succeeded"
        await tidied(desk, again)

    async def second(desk: RunDesk) -> None:
        assert len(desk._register.at_work) == 1, "it still has to tidy"
        assert await told(desk) == []

    within(tmp_path, first, VANISHES, FINE, now=lambda: clock[0])
    within(tmp_path, second, VANISHES, FINE, now=lambda: clock[0], away={"h1"})


def test_runs_on_other_hosts_are_not_held_up(tmp_path: Path) -> None:
    in_force = [estate(h1="g", h2="other")]

    async def play(desk: RunDesk) -> None:
        await left_behind(desk)
        in_force[0] = estate(h1="other", h2="g")
        assert await told(desk) == []

    within(tmp_path, play, VANISHES, FINE, estate=lambda: in_force[0])


def test_a_lost_index_forgets_nothing(tmp_path: Path) -> None:
    async def first(desk: RunDesk) -> None:
        await left_behind(desk)

    async def second(desk: RunDesk) -> None:
        async with asyncio.timeout(30):
            while any(not each.ended_at for each in desk.rows()):
                await asyncio.sleep(0.02)
        (said,) = await told(desk)
        assert said.endswith("left gone on h1 with outcome unknown")

    within(tmp_path, first, VANISHES, FINE)
    (tmp_path / "runs" / "index.db").unlink()
    within(tmp_path, second, VANISHES, FINE)


def test_what_only_asked_has_left_nothing_behind(tmp_path: Path) -> None:
    async def play(desk: RunDesk) -> None:
        run = (await desk.start("unasked", {}, "ann")).id
        await until(desk, run, asks)
        refusal = {"step": "well", "decision": "refuse", "reason": "no"}
        await asked.steer(desk, run, "decide", OWNER, refusal)
        assert (await until(desk, run, ended)).state == "failed"
        (task,) = (await desk.view(run)).steps[0].tasks
        assert task.outcome == "unknown"
        assert await told(desk) == []

    within(tmp_path, play, UNASKED, FINE, away={"h1"})


def test_an_index_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    async def play(desk: RunDesk) -> None:
        run = await left_behind(desk)
        await tidied(desk, run)

    within(tmp_path, play, VANISHES)
    archive = Archive(RunFolder(tmp_path / "runs"))
    asyncio.run(archive.load())
    assert [each.host for each in unsettled(archive.footprints().values())] == ["h1"]
    for indexed in archive._ended.values():
        del indexed.row["unknown"], indexed.row["hosts"]
    assert archive.footprints() and unsettled(archive.footprints().values()) == ()
