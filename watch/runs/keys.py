"""Locks on the hosts themselves: taken over with a person's reason, given back at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from runbooks.host.protocol import Fence, HostAgent, Request
from runbooks.host.replies import Held, Refused, Reply, read_reply
from runbooks.locks import HELD_MS, Locks
from runbooks.ports import Hosts, Unanswered
from runbooks.progress.facts import Planned
from runbooks.progress.run import RunProgress
from runbooks.reasons import Reason
from runbooks.runbook import OnHosts, Runbook

_SECONDS = 12.0


class FenceKeeper:
    """Sees to the locks of a run on its hosts."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    async def take_over(self, planned: Planned, runbook: Runbook, before: Locks) -> list[Reason]:
        """Have every host hold the locks for this run; why that can't be, where it can't.

        A host that does not answer is no reason: it holds whoever had the locks to its own epoch,
        and refuses this run until it has heard of the takeover.
        """
        hosts = _every(planned)
        users = {"", *(step.as_user for step in runbook.all_steps() if isinstance(step, OnHosts))}
        return [
            reason
            for found in await asyncio.gather(
                *(self._take_over(h, user, planned, before) for h in hosts for user in users)
            )
            for reason in found
        ]

    async def _take_over(
        self, host: str, user: str, planned: Planned, before: Locks
    ) -> list[Reason]:
        reasons: list[Reason] = []
        for name in planned.locks:
            known = before.locks.get(name)
            fence = Fence(planned.epoch, planned.run, (name,))
            over = known.epoch if known else 0
            asked = HostAgent(user).lock(fence, seconds=HELD_MS // 1000, over=over)
            try:
                reply = await self._ask(host, asked)
            except Unanswered:
                return []
            if isinstance(reply, Refused):
                reasons.append(Reason("lock", f"{host}: {reply.what}", reply.todo))
            elif isinstance(reply, Held) and reply.busy:
                what = f"{host}: still at work there: {', '.join(reply.busy)}"
                reasons.append(Reason("lock", what, "wait for its end, or stop it there"))
        return reasons

    async def free(self, progress: RunProgress) -> None:
        """Give the locks back wherever the run was; a host that does not answer is left alone.

        Its lock ends by itself, and a later run of this watch takes it from one that has ended.
        """
        planned = progress.planned
        if not planned.locks:
            return
        fence = Fence(max(1, progress.epoch), planned.run, planned.locks)
        await asyncio.gather(
            *(
                self._free(host, user, fence)
                for host, user in _touched(progress, progress.course.runbook)
            )
        )

    async def _free(self, host: str, user: str, fence: Fence) -> None:
        try:
            await self._ask(host, HostAgent(user).unlock(fence))
        except Unanswered:
            pass

    async def _ask(self, host: str, asked: Request) -> Reply:
        answer = await self._hosts.call(
            host,
            asked.command,
            asked.stdin,
            deadline_seconds=_SECONDS,
            output_limit=asked.output_limit,
        )
        return read_reply(asked, answer.output, answer.error, answer.status)


def _every(planned: Planned) -> tuple[str, ...]:
    return tuple(dict.fromkeys(host for hosts in planned.hosts.values() for host in hosts))


def _touched(progress: RunProgress, runbook: Runbook) -> Iterable[tuple[str, str]]:
    """Hosts where something was put, and as whom: each user has locks of its own there."""
    found: dict[tuple[str, str], None] = {}
    for task in progress.course.all_tasks():
        step = progress.course.step(task.step)
        if isinstance(step, OnHosts) and progress.task(task).touched:
            found[task.host, step.as_user] = None
    return found
