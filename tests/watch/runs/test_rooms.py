"""The engine's ports over the real parts: what each promises, and what stands in the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from collectors.calls import Answer, Lost, Unreachable
from estate.availability import BudgetRow, ServiceRow
from estate.document import Document, HostRow, Problem, Severity, WatchRow
from estate.samples import Cause, Reach, Stage
from runbooks.planning.budget import Left
from runbooks.ports import Unanswered, Unwritable
from runbooks.progress.entries import Entry, entry_from_json
from runbooks.progress.facts import Paused
from runbooks.runbook import Check, Probe
from storage.journal import Journal
from storage.runs import RunFolder
from watch.runs.rooms import (
    BoardSituation,
    CalledHosts,
    RunJournal,
    RunOutputs,
    WatchConsole,
    months_left,
)

ROWS = {
    name: HostRow(name, "c", reach=reach)
    for name, reach in (("a", Reach.LIVE), ("b", Reach.LIVE), ("x", Reach.UNREACHABLE))
}
BOARD = Document(1, 1, "e", "UTC", "en", 5000, WatchRow(), hosts=ROWS)


def problem(severity: Severity, *hosts: str) -> Problem:
    return Problem("b/cpu", "b", "cpu at 99 %", "", severity, 1, kind="cpu", hosts=hosts)


def test_a_host_is_well_if_it_is_live_and_nothing_critical_is_wrong_with_it() -> None:
    board = replace(BOARD, problems=(problem(Severity.CRITICAL, "b"),))
    situation = BoardSituation(lambda: board, lambda: 10)
    assert situation.survey(["a", "b", "x", "unknown"], []) == (frozenset({"a"}), ())
    board = replace(BOARD, problems=(problem(Severity.WARNING, "b"),))
    assert situation.survey(["a", "b"], [])[0] == {"a", "b"}


def test_problems_that_match_stand_in_the_way_and_so_does_a_filter_that_cant_be_read() -> None:
    board = replace(BOARD, problems=(problem(Severity.WARNING, "b"),))
    situation = BoardSituation(lambda: board, lambda: 10)
    assert situation.survey([], ["cpu", "99"])[1] == ("b: cpu at 99 %",)
    assert situation.survey([], ["somewhere-else"])[1] == ()
    assert len(situation.survey([], ["nothing:like:this>"])[1]) == 1


def test_of_a_month_what_nobody_saw_is_not_left() -> None:
    def row(key: str) -> ServiceRow:
        month = {"month": "2026-11", "starts": 100, "ends": 200, "objective": "99.95%"}
        seen = {"flat_limit_ms": None, "down_ms": 5, "unknown_ms": 10, "degraded_ms": 0}
        said = {"maintenance_ms": 0, "best": None, "worst": None, "verdict": "open"}
        left = {"limit_ms": 60, "left_best_ms": 55, "left_worst_ms": 45}
        return ServiceRow(key, key, budget=BudgetRow(**month, **seen, **said, **left))  # type: ignore[arg-type]

    board = replace(BOARD, services=(row("mail"), ServiceRow("no-objective", "n")))
    assert months_left(board, 150) == {"mail": Left(60, 45)}
    assert months_left(board, 200) == {}, "last month's says nothing"


def test_what_is_on_record_is_known_and_what_is_not_is_not(tmp_path: Path) -> None:
    folder, entries = RunFolder(tmp_path), [Entry(1, 1, "op", Paused())]
    journal = RunJournal(folder.begin("r-1", {"seq": 1}), entries)
    second = Entry(2, 2, "op", Paused("ü"))
    asyncio.run(journal.append([second], durable=True))
    assert entries[1:] == [second] and entry_from_json(folder.read("r-1")[1]) == second
    journal.close()
    with pytest.raises(Unwritable, match="Bad file descriptor"):
        asyncio.run(journal.append([second], durable=True))
    assert len(entries) == 2
    assert Journal.open(tmp_path / "r-1.jsonl").torn_bytes == 0


def test_outputs_are_kept_and_sealed(tmp_path: Path) -> None:
    outputs = RunOutputs(RunFolder(tmp_path), "r-1")
    assert asyncio.run(outputs.keep("a.1", 0, b"abc")).size == 3
    assert asyncio.run(outputs.seal("a.1", 3)).size == 3
    with pytest.raises(Unwritable, match="is no name of a run"):
        asyncio.run(outputs.keep("../a", 0, b"abc"))


CAUSE = Cause(Stage.CONNECT, "no route\x1b[2J to host", "look")


@pytest.mark.parametrize("silence", [Unreachable(CAUSE), Lost(CAUSE)])
def test_silence_is_told_in_clean_words(silence: Exception) -> None:
    class Calls:
        async def call(self, *given: object, **more: object) -> Answer:
            raise silence

    hosts = CalledHosts(Calls())  # type: ignore[arg-type]
    with pytest.raises(Unanswered) as told:
        asyncio.run(hosts.call("a", "true", b"", deadline_seconds=1, output_limit=1))
    assert told.value.cause == "no route\\x1b[2J to host"


def test_what_this_watch_can_not_ask_is_no_answer() -> None:
    step = Check(
        id="c", say="Mail comes back", timeout_ms=1_000, ask=Probe("mail"), at_console=True
    )
    with pytest.raises(Unanswered, match="this watch has no way to ask for a probe"):
        asyncio.run(WatchConsole({}).ask(step, ""))
