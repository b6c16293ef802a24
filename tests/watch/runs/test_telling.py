"""What becomes of runs is told once, over restarts too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from estate.document import Document, Event, Severity, WatchRow
from estate.runs import RunRow
from estate.told import from_plain, to_plain
from runbooks.reasons import Reason
from tests.watch.conftest import started, until
from tests.watch.runs.conftest import Estate, ended, killed
from watch.client import Client
from watch.error import WatchError
from watch.process import Place
from watch.runs.telling import RunTelling, no_run_begins

START = 1_795_140_715_000
RUN = RunRow("r-20261120-2340-0001", "count", "Count", "running", 1, START + 5, START + 5, "op")
OVER = replace(RUN, state="failed", ended_at=START + 9, why="no host is left")
BEFORE = Event(3, START - 9_000, Severity.OK, "watch", "stopped")


class Board:
    """A board that takes events as the records give them back."""

    def __init__(self, *events: Event) -> None:
        row = replace(WatchRow(), started_at=START)
        self.document = Document(1, START, "Test", "UTC", "en", 5_000, row, events=events)
        self.telling = RunTelling(self.say, lambda: self.document)

    def say(self, severity: Severity, where: str, what: str) -> None:
        kept = from_plain(to_plain(what), str(what))
        event = Event(len(self.document.events) + 9, START + 1, severity, where, kept)
        self.document = replace(self.document, events=(event, *self.document.events))

    @property
    def said(self) -> list[tuple[str, str]]:
        mine = [each for each in self.document.events if each.where == "runs"]
        return [(each.severity.value, str(each.what)) for each in reversed(mine)]


def test_a_run_is_told_when_it_begins_and_when_it_ends() -> None:
    board = Board(BEFORE)
    board.telling.look((RUN,))
    assert board.said == [], "nothing is told before it is known what was"
    board.telling.open(())
    for row in (RUN, RUN, OVER, OVER):
        board.telling.look((row,))
    assert board.said == [
        ("ok", f"count began, by op ({RUN.id})"),
        ("warning", f"count failed ({RUN.id}): no host is left"),
    ]


def test_after_a_restart_what_was_told_is_not_told_again() -> None:
    first = Board(BEFORE)
    first.telling.open((RUN,))
    again = Board(*first.document.events)
    again.telling.open((OVER,))
    assert [what for _, what in again.said] == [
        f"count began, by op ({RUN.id})",
        f"count failed ({RUN.id}): no host is left",
    ]


def test_what_a_kill_kept_off_the_records_is_told_and_what_is_of_long_ago_is_not() -> None:
    late = replace(OVER, started_at=BEFORE.at - 3_600_000, ended_at=BEFORE.at + 1)
    old = replace(OVER, id="r-20261120-0040-0002", started_at=1, ended_at=BEFORE.at - 3_600_000)
    board = Board(BEFORE)
    board.telling.open((late, old))
    assert [what for _, what in board.said] == [f"count failed ({RUN.id}): no host is left"]


def test_a_drill_and_a_run_that_is_well() -> None:
    board = Board()
    board.telling.open(())
    board.telling.look((replace(RUN, drill=True, state="succeeded", ended_at=START + 9),))
    assert board.said == [
        ("ok", f"drill of count began, by op ({RUN.id})"),
        ("ok", f"count succeeded ({RUN.id})"),
    ]


def test_one_that_was_taken_back() -> None:
    board = Board()
    board.telling.open(())
    board.telling.look((replace(OVER, state="rolled-back", why=""),))
    assert board.said[-1] == ("warning", f"count taken back ({RUN.id})")


def test_an_input_is_nobody_elses_to_read() -> None:
    board = Board()
    board.telling.refused("count", "op", [Reason("input", "password is no such: hunter2", "")])
    board.telling.refused("count", "op", [Reason("lock", "host/h0 is held by r-1", "")])
    assert board.said == [
        ("warning", "count was refused to op: its inputs are refused"),
        ("warning", "count was refused to op: host/h0 is held by r-1"),
    ]


def test_a_takeover_is_told_with_its_reason() -> None:
    board = Board()
    board.telling.taken_over(RUN, "the other watch is gone")
    (said,) = board.said
    assert said == (
        "warning",
        f"count took over the locks of others, by op ({RUN.id}): the other watch is gone",
    )


def test_locks_that_cant_be_read_stand_on_the_board() -> None:
    (problem,) = no_run_begins([Reason("records", "locks.json is damaged", "restore it")], START)
    assert (problem.what, problem.why) == ("no run can be started", "locks.json is damaged")
    assert list(no_run_begins((), START)) == []


def told_of(client: Client) -> list[str]:
    return [each["what"] for each in reversed(client.get("/v1/events")) if each["where"] == "runs"]


@pytest.mark.sshd
def test_over_kills_of_a_real_watch(
    client: Client, estate: Estate, place: Place, tmp_path: Path
) -> None:
    run = client.post("/v1/runs", {"runbook": "gated"})["id"]
    until(lambda: len(told_of(client)) == 1)
    with pytest.raises(WatchError):
        client.post("/v1/runs", {"runbook": "count"})
    until(lambda: len(told_of(client)) == 2)
    killed(client)
    client = started(place, estate.source)
    until(lambda: client.get(f"/v1/runs/{run}")["row"]["state"] == "waiting")
    client.post(f"/v1/runs/{run}/decide", {"step": "asked", "decision": "approve"})
    assert ended(client, run)["row"]["state"] == "succeeded"
    killed(client)  # whether its end was on record by then, nobody knows
    locks = place.records.parent / "runs" / "locks.json"
    locks.write_text("garbage")
    client = started(place, estate.source)
    until(lambda: "runs/locks" in {each["id"] for each in client.get("/v1/problems")})
    until(lambda: len(told_of(client)) == 3)
    began, refused, over = told_of(client)
    assert began.startswith("gated began, by ") and began.endswith(f"({run})")
    assert refused.startswith("count was refused to ") and f"held by {run}" in refused
    assert over == f"gated succeeded ({run})"
