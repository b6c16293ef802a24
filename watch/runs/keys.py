"""Locks on the hosts themselves: taken over with a person's reason, given back at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeGuard

from runbooks.host.protocol import Fence, HostAgent, Request
from runbooks.host.replies import Held, Refused, Reply, read_reply
from runbooks.host.replies import Reason as Refusal
from runbooks.locks import HELD_MS
from runbooks.planning.plan import Plan
from runbooks.ports import Hosts, Unanswered
from runbooks.progress.run import RunProgress
from runbooks.reasons import Reason
from runbooks.runbook import OnHosts, Runbook

_SECONDS = 12.0


class FenceKeeper:
    """Sees to the locks of a run on its hosts."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    async def take_over(self, run: str, made: Plan, epoch: int) -> tuple[int, list[Reason]]:
        """Have every host hold the plan's locks for `run`, whoever has them there.

        Gives the epoch from which on they are ours, above every one that a host knew. With reasons
        why that can't be, such as somebody at work there, none is ours: every host is looked at
        before any is told. A host that does not answer is no reason: it goes on to know its old
        owner, and refuses this run's steps.
        """
        doors = _doors(made)
        looked = await asyncio.gather(*(self._look(door, Fence(epoch, run)) for door in doors))
        if reasons := [each for each in looked if each is not None]:
            return epoch, reasons
        while True:
            reasons, later = [], epoch
            for found in await asyncio.gather(
                *(self._knock(door, Fence(epoch, run, made.locks).on(door.host)) for door in doors)
            ):
                if isinstance(found, Reason):
                    reasons.append(found)
                elif found is not None:
                    later = max(later, found + 1)
            if reasons:
                await self.give_back(run, made, epoch)
                return epoch, reasons
            if later == epoch:
                return epoch, []
            epoch = later

    async def give_back(self, run: str, made: Plan, epoch: int) -> None:
        """Give the locks back that were taken for a `run` that does not begin."""
        fence = Fence(epoch, run, made.locks)
        doors = _doors(made)
        await asyncio.gather(*(self._free(each.host, each.user, fence) for each in doors))

    async def _look(self, door: _Door, nothing: Fence) -> Reason | None:
        """Why nobody's locks may be taken there, asked by holding `nothing`."""
        try:
            reply = await self._ask(door.host, _lock(door, nothing, over=0))
        except Unanswered:
            return None
        return _against(door, reply)

    async def _knock(self, door: _Door, fence: Fence) -> Reason | int | None:
        """None once the locks are ours there, else an epoch above ours, or why they can't be."""
        for name in fence.locks:
            one = Fence(fence.epoch, fence.owner, (name,))
            over = door.over.get(name, 0)
            try:
                reply = await self._ask(door.host, _lock(door, one, over))
                if _is_fenced(reply) and reply.epoch != over:
                    door.over[name] = reply.epoch
                    if reply.epoch >= fence.epoch:
                        return reply.epoch
                    reply = await self._ask(door.host, _lock(door, one, reply.epoch))
            except Unanswered:
                return None
            if isinstance(reply, Held):
                door.over[name] = fence.epoch
            if against := _against(door, reply):
                return against
        return None

    async def free(self, progress: RunProgress) -> None:
        """Give the locks back wherever the run was; a host that does not answer is left alone.

        Its lock ends by itself, and a later run of this watch takes it from one that has ended,
        once nothing runs there. So it is where nobody knows whether something still does.
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
            await self._ask(host, HostAgent(user).unlock(fence.on(host)))
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


@dataclass(slots=True)
class _Door:
    """One user's locks on a host; `over` are the epochs that they were found with."""

    host: str
    user: str
    over: dict[str, int] = field(default_factory=dict)


def _is_fenced(reply: Reply) -> TypeGuard[Refused]:
    return isinstance(reply, Refused) and reply.reason is Refusal.FENCED


def _lock(door: _Door, fence: Fence, over: int) -> Request:
    # With locks to take, what came to work there since it was looked at stands in the way first.
    idle = bool(fence.locks)
    return HostAgent(door.user).lock(fence, seconds=HELD_MS // 1000, over=over, only_idle=idle)


def _against(door: _Door, reply: Reply) -> Reason | None:
    """What in a host's reply stands against having its locks."""
    if isinstance(reply, Refused):
        return Reason("lock", f"{door.host}: {reply.what}", reply.todo)
    if isinstance(reply, Held) and reply.busy:
        what = f"{door.host}: still at work there: {', '.join(reply.busy)}"
        return Reason("lock", what, "wait for its end, or stop it there")
    return None


def _doors(made: Plan) -> list[_Door]:
    """Every host of a plan, as everybody that its steps act as there."""
    steps = (step for step in made.runbook.all_steps() if isinstance(step, OnHosts))
    users = sorted({"", *(step.as_user for step in steps)})
    hosts = dict.fromkeys(host for names in made.hosts.values() for host in names)
    return [_Door(host, user) for host in hosts for user in users]


def _touched(progress: RunProgress, runbook: Runbook) -> Iterable[tuple[str, str]]:
    """Hosts where something was put, and as whom: each user has locks of its own there."""
    found: dict[tuple[str, str], None] = {}
    for task in progress.course.all_tasks():
        step = progress.course.step(task.step)
        if isinstance(step, OnHosts) and progress.task(task).touched:
            found[task.host, step.as_user] = None
    in_doubt = {each.task.host for each in progress.in_doubt()}
    return [door for door in found if door[0] not in in_doubt]
