"""`--at`: which verbs know a past, and of which moment their answers are."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from estate.backups import BackupRow
from estate.document import Document
from estate.replication import ReplicationRow
from tests.tui.commands.conftest import Kept, Run, StandingStill, board
from tui.commands.verbs import OF_THE_PAST, VERBS
from watch.past.keeping import Past

MINUTE = 60_000
AGO = 10 * MINUTE


def after(still: Document, minutes: int) -> str:
    """The moment `minutes` after the board that is kept, written so that none passes until asked."""
    return str(still.at - AGO + minutes * MINUTE)


@pytest.mark.parametrize("verb", sorted(set(VERBS) - OF_THE_PAST))
def test_a_verb_that_knows_no_past_refuses_it_before_anything_is_done(run: Run, verb: str) -> None:
    done = run("--at", "15m ago", verb)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"twinwatch: it knows no past — twinwatch {verb} — ")
    assert "leave --at out, or ask backups, budget, certs, hosts" in done.stderr


@pytest.mark.parametrize("words", [("notify", "test"), ("runbook", "list"), ("records", "check")])
def test_so_does_what_is_below_it(run: Run, words: tuple[str, ...]) -> None:
    assert run("--at", "15m ago", *words).returncode == 2


def test_an_empty_moment_is_not_now(run: Run, watch_socket: Path) -> None:
    done = run("--socket", watch_socket, "--at", "", "hosts")
    assert (done.returncode, done.stdout) == (2, "")
    assert "the moment is refused — --at" in done.stderr


@pytest.fixture(autouse=True)
def _a_past(monkeypatch: pytest.MonkeyPatch, still: Document) -> None:
    then = board(still.at - AGO)
    past = Past(Kept(then), lambda: still)  # type: ignore[arg-type]
    monkeypatch.setattr(StandingStill, "past", past, raising=False)


def test_a_table_says_of_which_moment_it_is(run: Run, watch_socket: Path, still: Document) -> None:
    done = run("--socket", watch_socket, "--at", after(still, 1), "problems")
    assert (done.returncode, done.stderr) == (0, "")
    first, *table = done.stdout.splitlines()
    assert first.startswith("As of ")
    assert first.endswith(" HKT: the last board that was kept, 1:00 before the moment asked about.")
    assert table[0].startswith("SEVERITY")


@pytest.mark.parametrize(
    "words", [("pause", "r-1"), ("decide", "r-1", "held", "waive"), ("abort", "r-1")]
)
def test_what_is_past_is_not_changed(
    run: Run, watch_socket: Path, still: Document, words: tuple[str, ...]
) -> None:
    moment = after(still, 1)
    done = run("--socket", watch_socket, "--at", moment, "runs", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"twinwatch: nothing was changed — --at {moment} — what is past can't be changed"
        " — leave --at out\n"
    )


def test_a_time_in_which_no_board_was_kept_is_named(
    run: Run, watch_socket: Path, still: Document
) -> None:
    done = run("--socket", watch_socket, "--at", after(still, 3), "problems")
    assert "None was kept after it: nobody may have watched." in done.stdout.splitlines()[0]


def test_a_moment_of_so_long_ago_is_counted_from_when_it_was_asked(
    run: Run, watch_socket: Path
) -> None:
    done = run("--socket", watch_socket, "--at", "9m ago", "problems")
    apart = re.search(r" kept, (\d+):(\d\d) before the moment asked about", done.stdout)
    assert apart is not None
    minutes, seconds = map(int, apart.groups())
    assert 60 <= minutes * 60 + seconds < AGO // 1000  # the test may have to wait for its turn


def test_json_stays_json_and_stderr_says_it(run: Run, watch_socket: Path, still: Document) -> None:
    done = run("--socket", watch_socket, "--at", after(still, 1), "hosts", "--json")
    assert len(json.loads(done.stdout)) == 3
    assert done.stderr.startswith("twinwatch: As of ")


def test_the_board_as_text_is_as_old_as_it_is(
    run: Run, watch_socket: Path, still: Document
) -> None:
    done = run("--socket", watch_socket, "--at", after(still, 3))
    assert done.stdout.startswith("As of ")
    assert "Board of 3:00 ago." in done.stdout


@pytest.mark.parametrize("verb", ["replication", "backups"])
def test_what_stood_on_hosts_is_told_of_then(
    run: Run, watch_socket: Path, still: Document, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """The console showed it of the past, and the command line refused."""
    whose: dict[str, Any] = {"host": "mdb-c01", "site": "central", "at": still.at - AGO}
    then = replace(
        board(still.at - AGO),
        replication=(ReplicationRow(**whose, role="primary", system="mysql"),),
        backups=(BackupRow(**whose, name="mail"),),
    )
    past = Past(Kept(then), lambda: still)  # type: ignore[arg-type]
    monkeypatch.setattr(StandingStill, "past", past)
    told = run("--socket", watch_socket, "--at", after(still, 1), verb, "--json")
    assert told.returncode == 0
    assert told.stderr.startswith("twinwatch: As of ")
    assert [row["host"] for row in json.loads(told.stdout)] == ["mdb-c01"]
    assert json.loads(run("--socket", watch_socket, verb, "--json").stdout) == []
