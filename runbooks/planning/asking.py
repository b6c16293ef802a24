"""Hosts are asked what a plan wants to know, by the engine's own hands, and nothing is changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from runbooks.performance import Parts, Performer
from runbooks.planning.plan import Plan
from runbooks.planning.questions import Found, found, questions
from runbooks.progress.facts import Entry
from runbooks.progress.requests import Look, Looked, NoAnswer
from runbooks.progress.run import replay
from runbooks.scripts import Scripts

#: So many hosts at once: each is a connection of its own.
AT_ONCE = 16


async def ask(
    plan: Plan, parts: Parts, files: Mapping[str, bytes], *, actor: str, now: int
) -> Found:
    """What the hosts of `plan` answer to its questions.

    Not to be asked of a plan with unfit inputs: scripts would lack them.
    """
    runbook = plan.runbook
    planned = plan.pinned("plan", epoch=0)
    scripts = Scripts(runbook, planned, files)
    secrets = plan.inputs.secrets
    progress = replay(runbook, [Entry(1, now, actor, planned)], scripts.payload, secrets)
    performer = Performer(planned.run, actor, scripts, parts, secrets)
    turn = asyncio.Semaphore(AT_ONCE)

    async def answer(question: Look) -> Looked | NoAnswer:
        async with turn:
            said = await performer.perform(question, progress)
        assert isinstance(said, Looked | NoAnswer)
        return said

    asked = questions(plan)
    answers = await asyncio.gather(*map(answer, asked))
    return found(plan, dict(zip(asked, answers, strict=True)))
