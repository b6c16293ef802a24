"""A defect of ours costs the run that it is in, is shown there, and is got over; no other run knows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from estate.runs import RunRow
from storage.runs import RunFolder
from tests.watch.runs.alone import estate, until, within
from watch.runs.desk import RunDesk

BOOK = """\
runbook: {name}
title: Ask
version: 1
hosts:
  all: {{group: {group}, at_least: 1}}
steps:
  - gate: Now?
    id: asked
    wait: 10m
"""
FIRST, SECOND = BOOK.format(name="first", group="g"), BOOK.format(name="second", group="k")


async def at_its_gate(desk: RunDesk, name: str) -> str:
    run = (await desk.start(name, {}, "ann")).id
    await until(desk, run, lambda row: row.state == "waiting")
    return run


def add(folder: RunFolder, run: str, *told: dict[str, Any]) -> None:
    """Put lines into a run's journal that are whole, and that no run has written."""
    journal = folder.open(run)
    seq, at = journal.lines[-1]["seq"], journal.lines[-1]["at"]
    journal.append(
        [{"seq": seq + n, "at": at, "actor": "ann", **each} for n, each in enumerate(told, 1)]
    )
    journal.close()


def journals_held() -> list[str]:
    found = []
    for each in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(each.readlink()))
        except FileNotFoundError:
            continue  # the one that we looked with
    return [os.path.basename(each) for each in found if each.endswith(".jsonl")]  # noqa: PTH119


def test_a_journal_of_which_nothing_can_be_made_stops_no_other_run(tmp_path: Path) -> None:
    runs: list[str] = []

    async def begin(desk: RunDesk) -> None:
        runs.append(await at_its_gate(desk, "first"))
        runs.append(await at_its_gate(desk, "second"))

    async def again(desk: RunDesk) -> None:
        rows = {row.id: row for row in desk.rows()}
        assert rows[runs[0]].state == "needs-decision"
        assert rows[runs[0]].trouble == "a defect of twinwatch, see its log: KeyError: 'gone'"
        await until(desk, runs[1], lambda row: row.state == "waiting")
        assert journals_held() == [f"{runs[1]}.jsonl"]
        assert set(desk._locks.locks.held().values()) == set(runs), "nobody else has its hosts"

    def two() -> Any:
        return estate(h1="g", h2="k")

    within(tmp_path, begin, FIRST, SECOND, estate=two)
    task = {"step": "gone", "host": "h1"}
    add(
        RunFolder(tmp_path / "runs"),
        runs[0],
        {"fact": "judged", "task": task, "outcome": "failed"},
        {"fact": "retried", "task": task, "reason": "r"},
    )
    within(tmp_path, again, FIRST, SECOND, estate=two)


@pytest.mark.parametrize("where", ["there", "here", "put away"])
def test_a_run_that_stumbles_over_its_end_says_so_and_gets_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr("watch.runs.desk.DEFECT_REST_SECONDS", 0.2)
    stumbled: list[str] = []
    shown: list[RunRow] = []

    async def play(desk: RunDesk) -> None:
        of, name = {
            "there": (desk._fences, "free"),
            "here": (desk._register, "without_finished"),
            "put away": (desk._register.archive, "put"),
        }[where]
        run = await at_its_gate(desk, "first")
        really = getattr(of, name)

        def once(*given: object) -> object:
            if not stumbled:
                stumbled.append(where)
                raise RuntimeError("of ours")
            return really(*given)

        monkeypatch.setattr(of, name, once)
        await desk.abort(run, "ann", "enough", now=True)
        defect = "a defect of twinwatch, see its log: RuntimeError: of ours"
        await until(desk, run, lambda row: row.trouble == defect)
        assert desk._register.at_work
        await until(desk, run, lambda row: run in desk._register.archive)
        (row,) = desk.rows()
        assert (row.state, row.trouble) == ("aborted", "")
        assert desk._locks.locks.held() == {}

    within(tmp_path, play, FIRST, show=lambda rows, changed: shown.extend(rows))
    assert stumbled == [where]
    assert any(row.trouble for row in shown), "the board told of it"
