"""Locks that can't be taken over stay whose they are: in the watch's record, and on every host."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from storage.database import Fault, RecordsError
from storage.runs import RunFolder
from tests.watch.runs.alone import estate, until, within
from watch.error import WatchError
from watch.runs.desk import RunDesk

#: On h2 it is at work until it is let go; on h1 it is done at once.
SLOW = """\
runbook: slow
title: Work long
version: 1
locks: [service/mail]
hosts:
  all: {group: g, at_least: 2}
steps:
  - do: Work
    id: work
    hosts: all
    sh: |
      echo begun >"$HOME/begun"
      test "$OPS_HOST" = h1 || until test -e "$HOME/go-on"; do sleep 0.1; done
      echo done >"$HOME/done"
    done_when: test -e "$HOME/done"
    timeout: 60s
    undo: none
  - gate: Now?
    id: asked
    wait: 10m
"""
QUICK = """\
runbook: quick
title: Work shortly
version: 1
locks: [service/mail]
hosts:
  all: {group: g, at_least: 2}
steps:
  - do: Work
    id: work
    hosts: all
    sh: echo quick >"$HOME/quick"
    repeat: safe
    timeout: 20s
"""


def on_hosts(tmp_path: Path) -> dict[str, str]:
    """Who holds the lock of the service on each host, by its own word; "free" where it was freed."""
    found = {}
    for lock in sorted((tmp_path / "hosts").glob("*/.twinwatch/locks/service.mail")):
        latest = max(int(path.name) for path in lock.iterdir() if path.name.isdecimal())
        owner = (lock / str(latest)).read_text().split()[0]
        host = lock.parts[-4]
        found[host] = "free" if (lock / f"free.{latest}").exists() else owner
    return found


async def at_work(desk: RunDesk, tmp_path: Path) -> str:
    """A run that holds its locks on both hosts, and works on h2."""
    run = (await desk.start("slow", {}, "ann")).id
    async with asyncio.timeout(20):
        while not all((tmp_path / "hosts" / host / "begun").exists() for host in ("h1", "h2")):
            await asyncio.sleep(0.05)
    return run


def test_whoever_is_at_work_keeps_all_its_locks(tmp_path: Path) -> None:
    async def play(desk: RunDesk) -> None:
        first = await at_work(desk, tmp_path)
        held = dict.fromkeys(("service/mail", "host/h1", "host/h2"), first)
        assert desk._locks.locks.held() == held
        before = on_hosts(tmp_path)
        assert before == {"h1": first, "h2": first}
        with pytest.raises(WatchError, match="h2: still at work there"):
            await desk.start("quick", {}, "bob", reason="mine", take_over=True)
        assert desk._locks.locks.held() == held
        assert on_hosts(tmp_path) == before
        with pytest.raises(WatchError, match=f"service/mail is held by {first}"):
            await desk.start("quick", {}, "eve")
        (tmp_path / "hosts/h2/go-on").touch()
        await until(desk, first, lambda row: row.state == "waiting")
        assert not list((tmp_path / "hosts").glob("*/quick"))

    within(tmp_path, play, SLOW, QUICK, estate=lambda: estate(h1="g", h2="g"))


def test_what_can_not_be_kept_gives_all_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: RunFolder, run: str, first: object) -> None:
        raise RecordsError(Fault.FULL, "no space", "free some")

    async def play(desk: RunDesk) -> None:
        first = await at_work(desk, tmp_path)
        (tmp_path / "hosts/h2/go-on").touch()
        await until(desk, first, lambda row: row.state == "waiting")
        held = desk._locks.locks.held()
        monkeypatch.setattr(RunFolder, "begin", full)
        with pytest.raises(WatchError, match="no space"):
            await desk.start("quick", {}, "bob", reason="mine", take_over=True)
        assert desk._locks.locks.held() == held
        assert on_hosts(tmp_path) == {"h1": "free", "h2": "free"}

    within(tmp_path, play, SLOW, QUICK, estate=lambda: estate(h1="g", h2="g"))
