"""Hosts are asked what a plan wants to know, by the engine's own hands, and nothing is changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from runbooks.planning.plan import Plan
from runbooks.planning.questions import Found, found, questions
from runbooks.progress.requests import Answer, Look, Looked, NoAnswer

#: So many hosts at once: each is a connection of its own.
AT_ONCE = 16


async def ask(plan: Plan, perform: Callable[[Look], Awaitable[Answer]]) -> Found:
    """What the hosts of `plan` answer to its questions, as `perform` makes them.

    Not to be asked of a plan with unfit inputs: scripts would lack them.
    """
    turn = asyncio.Semaphore(AT_ONCE)

    async def answer(question: Look) -> Looked | NoAnswer:
        async with turn:
            said = await perform(question)
        assert isinstance(said, Looked | NoAnswer)
        return said

    asked = questions(plan)
    answers = await asyncio.gather(*map(answer, asked))
    return found(plan, dict(zip(asked, answers, strict=True)))
