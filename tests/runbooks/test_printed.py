"""What a step prints is kept once, and gone on with from where the journal says."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from runbooks.progress import facts
from runbooks.progress.facts import Fact, Task
from runbooks.progress.states import RunState
from tests.runbooks.test_execution import Bench, once

WAIT = 'until [ -e "$HOME/on" ]; do sleep 0.05; done'


@pytest.mark.parametrize("killed", [False, True])
def test_what_is_on_record_is_not_asked_for_again(tmp_path: Path, killed: bool) -> None:
    bench = Bench(tmp_path, once("a", then=f"echo said; {WAIT}; echo more", timeout_ms=60_000))

    def heard(when: str, fact: Fact) -> None:
        if when == "after" and isinstance(fact, facts.OutputKept):
            (tmp_path / "hosts" / "db2" / "on").touch()
            if killed and fact.offset == len("said\n"):
                bench.die()

    with contextlib.suppress(asyncio.CancelledError):
        bench.live(heard)
    assert bench.live() is RunState.SUCCEEDED
    assert bench.output(Task("a", "db2")) == b"said\nmore\n"
    kept = [line["offset"] for line in bench.folder.read("r-1") if line["fact"] == "output-kept"]
    assert kept == [len("said\n"), len("said\nmore\n")]
    assert bench.hosts.count("db2", "a") == 1
