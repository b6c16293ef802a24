"""The collection: every host of the estate, observed at the estate's cadence.

One sweep a cadence asks all live hosts at once; answers, losses and probes come back as
observations, on the event loop's thread, in the order in which they happened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from collectors.blocking import REMEDY, Reads, Unread
from collectors.contact import Contact, Surroundings
from collectors.pacing import Pace
from collectors.probes import PROBES, Probe
from collectors.ssh.config import ConfigError, Route, Settings, route_to, settings_for
from collectors.ssh.connection import Connection
from collectors.ssh.dial import Dialler
from collectors.ssh.failure import Failure
from collectors.ssh.jumps import Jumps
from collectors.ssh.transport import threads_gone
from estate.model import Estate, Host, Ssh
from estate.samples import Observation, Reach, Stage
from estate.told import told

#: ssh_config is read again for a reconnect if it was last read longer ago than this.
SETTINGS_FRESH_SECONDS = 5.0

CLOSE_SECONDS = 1.5


class Collection:
    """Observes the hosts of `estate` and calls `observe` on the event loop's thread.

    `clock` gives UTC milliseconds. All methods are for the event loop's thread.
    """

    def __init__(
        self,
        estate: Estate,
        observe: Callable[[Observation], None],
        *,
        clock: Callable[[], int],
        probes: Mapping[str, Probe] = PROBES,
    ) -> None:
        self._estate = estate
        self._observe = observe
        self._clock = clock
        self._probes = probes
        self._contacts: dict[str, tuple[Contact, asyncio.Task[None]]] = {}
        self._sweeps: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._jumps: Jumps | None = None
        self._settings: tuple[float, Settings] | None = None
        self._reads = Reads()

    async def start(self) -> None:
        """Begin. Returns at once; connecting goes on in the background."""
        self._jumps = Jumps(Dialler(self._clock, Pace(self._estate.ssh)))
        for host in self._collected().values():
            self._begin(host)
        self._sweeps = asyncio.create_task(self._sweep(), name="sweeps")

    async def close(self) -> None:
        """End every connection and thread; within two seconds."""
        tasks = [task for _, task in self._contacts.values()]
        tasks += [each for each in (self._sweeps, self._leaving) if each is not None]
        self._contacts.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_SECONDS)
        if self._jumps is not None:
            self._jumps.close()
        await threads_gone(CLOSE_SECONDS)

    def reconfigure(self, estate: Estate) -> None:
        """Go on with a changed estate: hosts that did not change keep their connections."""
        before, self._estate = self._estate, estate
        self._settings = None
        old, new = before.hosts, self._collected()
        rerouted = before.ssh != estate.ssh
        if rerouted and self._jumps is not None:
            self._jumps.close()
            self._jumps = Jumps(Dialler(self._clock, Pace(estate.ssh)))
        for name in list(self._contacts):
            if rerouted or new.get(name) is None or not _same_way(old[name], new[name]):
                _, task = self._contacts.pop(name)
                task.cancel()
        for name, host in new.items():
            if name in self._contacts:
                self._contacts[name][0].follow(host, estate.every_ms)
            else:
                self._begin(host)
        if self._leaving is not None:
            self._leaving.cancel()
        self._leaving = asyncio.create_task(self._leave_jumps(), name="jumps")

    def refresh(self, host: str | None = None) -> None:
        """Retry, tick and probe now: one host, or all of them. KeyError for an unknown name."""
        chosen = [self._contacts[host]] if host is not None else list(self._contacts.values())
        for contact, _ in chosen:
            contact.hurry()

    async def route(self, host: str) -> Route:
        """The way to a host of the estate, as it is now. Raises Failure."""
        found = self._estate.hosts.get(host)
        try:
            if found is not None:
                return await self._route(found)
            what, remedy = f"no host {host} in the estate", "Put it back into the estate file."
        except ConfigError as error:
            what, remedy = str(error), error.remedy
        except Unread as unread:
            what, remedy = str(unread), REMEDY
        raise Failure(Reach.UNREACHABLE, Stage.RESOLVE, what, remedy)

    async def reach(self, route: Route) -> Connection:
        """A connection of the caller's own, paced and through the same jump hosts as ours.

        Raises Failure.
        """
        if self._jumps is None:
            raise Failure(Reach.UNREACHABLE, Stage.CONNECT, told("the watch is not connecting yet"))
        return await self._jumps.reach(route)

    async def _leave_jumps(self) -> None:
        """Close connections to jump hosts that no host is behind any more."""
        routes: list[Route] = []
        for host in self._collected().values():
            try:
                routes.append(await self._route(host))
            except Unread:
                return  # nobody knows which ones are needed
            except ConfigError:
                pass  # its contact reports it
        if self._jumps is not None:
            self._jumps.keep_only(routes)

    def _collected(self) -> dict[str, Host]:
        return {name: host for name, host in self._estate.hosts.items() if host.collected}

    def _begin(self, host: Host) -> None:
        assert self._jumps is not None
        shared = Surroundings(self._observe, self._clock, self._route, self._jumps, self._probes)
        contact = Contact(host, self._estate.every_ms, shared)
        self._contacts[host.name] = (contact, asyncio.create_task(contact.run(), name=host.name))

    async def _route(self, host: Host) -> Route:
        ssh = self._estate.ssh
        return route_to(host, await self._ssh_config(ssh), ssh)

    async def _ssh_config(self, ssh: Ssh) -> Settings:
        loop = asyncio.get_running_loop()
        if self._settings is not None:
            read_at, settings = self._settings
            if loop.time() - read_at <= SETTINGS_FRESH_SECONDS:
                return settings
        seconds = ssh.connect_timeout_ms / 1000
        settings = await self._reads.read(ssh.config, lambda: settings_for(ssh), seconds)
        if ssh == self._estate.ssh:
            self._settings = (loop.time(), settings)
        return settings

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            every = self._estate.every_ms / 1000
            # A sweep that was missed (the machine slept) is not made up for.
            due = max(due + every, loop.time())
            await asyncio.sleep(due - loop.time())
            if self._jumps is not None:
                self._jumps.tick()
            for contact, _ in list(self._contacts.values()):
                contact.tick()


def _same_way(one: Host, other: Host) -> bool:
    return (one.address, one.port, one.user, one.jump, one.identity) == (
        other.address,
        other.port,
        other.user,
        other.jump,
        other.identity,
    )
