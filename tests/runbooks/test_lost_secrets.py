"""A watch is restarted and its memory of secrets is gone: nothing is begun or kept without them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from runbooks.execution import Execution
from runbooks.progress import facts
from runbooks.progress.decisions import decided
from runbooks.progress.facts import Fact, Task
from runbooks.progress.questions import Decision
from runbooks.progress.requests import Question
from runbooks.progress.states import RunState
from runbooks.runbook import Step
from tests.runbooks.progress.test_run import BACK
from tests.runbooks.test_execution import Bench, answering, now, once

SECRET = "hunter2-hunter2"
GOT = 'printf "<%s>" "$OPS_TOKEN" >>"$HOME/got"; echo "pin is $OPS_TOKEN"'


class Watched(Bench):
    """A run that somebody looks at again and again, though nothing is put on record."""

    def reborn(
        self, at_point: Callable[[str, Fact], None], changed: Callable[[], None]
    ) -> Execution:
        def look() -> None:
            changed()
            asyncio.get_running_loop().call_later(0.1, look)

        asyncio.get_running_loop().call_soon(look)
        return super().reborn(at_point, changed)


def forgetful(tmp_path: Path, kill: type[Fact], *steps: Step) -> Bench:
    """A run whose watch was killed after `kill` was on record; its secret went with it."""
    bench = Watched(tmp_path, *steps, secrets={"token": SECRET})

    def at(when: str, fact: Fact) -> None:
        if when == "after" and isinstance(fact, kill):
            bench.die()

    with pytest.raises(asyncio.CancelledError):
        bench.live(at, seconds=20)
    bench.secrets = {}
    return bench


def given_again(bench: Bench, asked: list[str]) -> Callable[[], None]:
    """A person gives the secret half a second after they are asked for it."""

    def give(execution: Execution, question: Question) -> None:
        asked.append(question.text)
        asyncio.get_running_loop().call_later(0.5, given, execution)

    def given(execution: Execution) -> None:
        assert SECRET.encode() not in kept(bench)
        execution._performer.secrets = {"token": SECRET}
        execution.progress.secrets = frozenset({"token"})
        execution.wake()

    return answering(bench, give)


def refusing(bench: Bench) -> Callable[[], None]:
    """A person who does not have it."""
    pending: list[asyncio.Task[object]] = []

    def say(execution: Execution, question: Question) -> None:
        def decide() -> tuple[Fact, ...]:
            step = question.task.step
            return decided(execution.progress, step, Decision.REFUSE, "it is gone", now())

        pending.append(asyncio.get_running_loop().create_task(execution.record(decide, "ann")))

    return answering(bench, say)


def kept(bench: Bench) -> bytes:
    files = (path for path in bench.folder.directory.rglob("*") if path.is_file())
    return b"".join(path.read_bytes() for path in files)


def got(bench: Bench) -> str:
    path = bench.hosts.root / "db2" / "got"
    return path.read_text() if path.exists() else ""


@pytest.mark.parametrize("kill", [facts.Intended, facts.GoIntended, facts.Started])
def test_it_is_asked_for_and_nothing_begins_or_is_kept_without_it(
    tmp_path: Path, kill: type[Fact]
) -> None:
    bench = forgetful(tmp_path, kill, once("a", then=f"{GOT}; sleep 0.3", secrets=("token",)))
    asked: list[str] = []
    assert bench.live(changed=given_again(bench, asked), seconds=20) is RunState.SUCCEEDED
    assert len(asked) == 1 and "needs token again" in asked[0]
    assert got(bench) == f"<{SECRET}>"
    assert SECRET.encode() not in kept(bench)
    number = bench.progress.task(Task("a", "db2")).number
    assert bench.output(Task("a", "db2"), number) == b"pin is [redacted]\n"


@pytest.mark.parametrize("purpose", ["done_when", "undo"])
def test_it_is_asked_for_before_an_oracle_and_before_the_way_back(
    tmp_path: Path, purpose: str
) -> None:
    oracle = 'test "${#OPS_TOKEN}" = 15 && test -e "$HOME/a"'
    undo = 'test -n "$OPS_TOKEN" && rm "$HOME/a"'
    a = once("a", done_when=oracle, undo=undo, secrets=("token",))
    b = once("b", sh="exit 1", done_when="false", if_fails=BACK)
    kill = facts.Resulted if purpose == "done_when" else facts.Turned
    bench = forgetful(tmp_path, kill, a, b)
    asked: list[str] = []
    assert bench.live(changed=given_again(bench, asked), seconds=20) is RunState.ROLLED_BACK
    assert len(asked) == 1 and not (bench.hosts.root / "db2" / "a").exists()


def test_who_does_not_have_it_gives_up_what_was_printed_and_not_how_it_ended(
    tmp_path: Path,
) -> None:
    # What ends at once is told with its start, and was printed before anybody could be killed.
    step = once("a", then=f"sleep 2; {GOT}", done_when="", secrets=("token",))
    bench = forgetful(tmp_path, facts.Started, step)
    assert bench.live(changed=refusing(bench), seconds=20) is RunState.SUCCEEDED
    result = next(line for line in bench.folder.read("r-1") if line["fact"] == "resulted")
    assert (result["status"], result["whole"]) == (0, False) and "size" not in result
    assert SECRET.encode() not in kept(bench)


@pytest.mark.parametrize("kill", [facts.Begun, facts.Prepared, facts.GoIntended])
def test_who_does_not_have_it_ends_the_run_before_it_begins(
    tmp_path: Path, kill: type[Fact]
) -> None:
    bench = forgetful(tmp_path, kill, once("a", then=GOT, secrets=("token",)))
    assert bench.live(changed=refusing(bench), seconds=20) is RunState.FAILED
    assert bench.hosts.count("db2", "a") == 0
    assert "refused by ann" in bench.progress.task(Task("a", "db2")).why
