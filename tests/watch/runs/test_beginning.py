"""What a run needs to be its own before it begins, in an office without a watch around it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from estate.file import read_estate
from runbooks.execution import Clocks
from runbooks.reading.file import read_runbook
from storage.runs import RunFolder
from tests.runbooks.local import Calm, LocalHosts
from watch.error import WatchError
from watch.runs.office import Office, Offices

ESTATE = read_estate(
    "estate: x\ntimezone: UTC\nsites: {a: {role: primary}}\nhosts:\n  h1: {site: a, groups: [g]}\n",
    "estate.yaml",
)
BOOK = """\
runbook: asks
title: Ask, then do
version: 1
hosts:
  all: {group: g, at_least: 1}
steps:
  - gate: Now?
    id: asked
    wait: 10m
  - do: Nothing
    id: done
    hosts: all
    sh: ":"
    done_when: test -e never
    timeout: 20s
    undo: none
"""
T0 = 1_800_000_000_000


def within(
    tmp_path: Path, nonces: Iterator[str], play: Callable[[Office], Awaitable[None]]
) -> None:
    """Play in an office over an empty folder of runs, at one moment."""

    async def opened() -> None:
        offices = Offices(
            RunFolder(tmp_path / "runs"),
            LocalHosts(tmp_path / "hosts"),
            Calm(),
            Clocks(lambda: T0, asyncio.get_running_loop().time),
            lambda: ESTATE,
            lambda name: (read_runbook(BOOK, "asks.yaml"), {"site.yml": b"mine"}),
            lambda: next(nonces),
        )
        office = Office(offices)
        await office.resume_all()
        try:
            await play(office)
        finally:
            await office.close()

    asyncio.run(opened())


def test_a_run_that_comes_upon_anothers_id_is_refused_and_leaves_it_its_locks(
    tmp_path: Path,
) -> None:
    async def play(office: Office) -> None:
        run = (await office.start("asks", {}, "ann")).id
        with pytest.raises(WatchError, match="nothing was started"):
            await office.start("asks", {}, "bob", reason="mine now", take_over=True)
        with pytest.raises(WatchError, match=f"host/h1 is held by {run}"):
            await office.start("asks", {}, "bob")
        (row,) = office.rows()
        assert row.id == run

    within(tmp_path, itertools.repeat("abcd0123"), play)


def test_where_the_locks_cant_be_read_a_plan_says_so_and_nothing_begins(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "locks.json"
    path.parent.mkdir()
    path.write_text('{"host/h1": {"epo')

    async def play(office: Office) -> None:
        made, _ = await office.plan("asks", {}, drill=False, ask=False)
        assert [each.rule for each in made.reasons] == ["records"]
        for over in (False, True):
            with pytest.raises(WatchError, match=r"locks\.json is damaged"):
                await office.start("asks", {}, "ann", reason="now", take_over=over)
        assert office.rows() == ()

    within(tmp_path, itertools.repeat("abcd0123"), play)
    assert path.read_text() == '{"host/h1": {"epo'
