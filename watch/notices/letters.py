"""Letters to targets: each is tried a few times, beside the notices, which must not wait for it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from estate.document import Severity
from estate.told import told
from watch.notices.messages import Message
from watch.notices.rules import Target
from watch.notices.sending import service_of

#: Between the attempts; then it is given up, for the next handover says what is still open.
RESTS_SECONDS = (10.0, 60.0, 600.0, 1800.0)
#: Letters under way at once; a target that holds them all gets no more.
MOST_UNDER_WAY = 32

Attempt = Callable[[Target, Message], Awaitable[str]]


def as_sent_to(target: Target, letter: Message) -> dict[str, Any]:
    """`letter` as `target` would get it at the first attempt, for who wants to know before."""
    file = letter.attachment
    attached = {"name": file.name, "kind": file.kind, "bytes": len(file.content)} if file else None
    return {
        "target": target.name,
        "service": service_of(target),
        "title": letter.title,
        "body": letter.body,
        "attachment": attached,
        "sent": False,
    }


class Letters:
    """`attempt` sends a message and says why it was not taken, "" where it was."""

    def __init__(self, attempt: Attempt, say: Callable[[Severity, str, str], None]) -> None:
        self._attempt = attempt
        self._say = say
        self._under_way: set[asyncio.Task[None]] = set()
        self._waiting: Counter[Target] = Counter()
        self._why: dict[Target, str] = {}

    def waiting(self, target: Target) -> int:
        """How many are under way to `target`."""
        return self._waiting[target]

    def why_not(self, target: Target) -> str:
        """Why `target` did not take the last that was tried, given up or not; "" if it did."""
        return self._why.get(target, "")

    def post(self, target: Target, letter: Message) -> None:
        """Send `letter` to `target`; returns at once. That it never arrives is an event."""
        if len(self._under_way) >= MOST_UNDER_WAY:
            self._tell_of(target, letter, "too many are under way")
            return
        task = asyncio.create_task(self._deliver(target, letter), name=f"letter to {target.name}")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        self._waiting[target] += 1
        task.add_done_callback(lambda done: self._waiting.subtract((target,)))

    async def close(self) -> None:
        """Send nothing more; what was not taken by now is not sent again."""
        for task in (under_way := [*self._under_way]):
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _deliver(self, target: Target, letter: Message) -> None:
        for rest in (*RESTS_SECONDS, 0.0):
            # The last time without the file, which may be what the target can't bear.
            sent = letter if rest else letter._replace(attachment=None)
            why = await self._attempt(target, sent)
            if not why:
                self._why.pop(target, None)
                return
            self._why[target] = why
            await asyncio.sleep(rest)
        self._tell_of(target, letter, why)

    def _tell_of(self, target: Target, letter: Message, why: str) -> None:
        self._why[target] = why
        what = told("{target} did not get “{title}”: {why}", target=target.name,
                    title=letter.title, why=why)  # fmt: skip
        self._say(Severity.WARNING, "notices", what)
