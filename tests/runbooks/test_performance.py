"""How long a host is waited for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest

from runbooks.performance import Parts, Performer
from runbooks.ports import Answer, Console, Hosts, Outputs, Situation, Unanswered
from runbooks.progress.facts import Planned, Task
from runbooks.progress.requests import Look, NoAnswer, Purpose
from runbooks.progress.run import RunProgress
from runbooks.runbook import Check, Runbook, Sh
from runbooks.scripts import Scripts


class NoWay:
    """Nobody answers; how long each call would have waited is remembered."""

    def __init__(self) -> None:
        self.deadlines: list[float] = []

    async def call(
        self, host: str, command: str, stdin: bytes, *, deadline_seconds: float, output_limit: int
    ) -> Answer:
        self.deadlines.append(deadline_seconds)
        raise Unanswered("no way")


@pytest.mark.parametrize(("given", "waited"), [(1, 2), (3, 6), (30, 42)])
def test_what_is_to_be_known_soon_is_not_waited_for_long(
    given: int, waited: int, tmp_path: Path
) -> None:
    check = Check(id="a", say="A", hosts=("h",), timeout_ms=given * 1000, ask=Sh("true"))
    runbook = Runbook(name="b", title="B", version=1, steps=(check,))
    planned = Planned("r-1", "b", "B", "", runbook.sha256, {"h": ("h1",)})
    scripts, hosts = Scripts(runbook, planned), NoWay()
    parts = Parts(
        cast(Hosts, hosts), cast(Outputs, None), cast(Console, None), cast(Situation, None)
    )
    progress = RunProgress(runbook, planned, scripts.payload)
    look = Look(Task("a", "h1"), Purpose.CHECK, given * 1000)
    answer = asyncio.run(Performer("r-1", "op", scripts, parts).perform(look, progress))
    assert answer == NoAnswer("no way")
    assert hosts.deadlines == [waited]
