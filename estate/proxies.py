"""What stands before the servers: HAProxy's backends, and who holds a service address."""

from __future__ import annotations

from dataclasses import dataclass

from estate.standing import Measured


@dataclass(frozen=True, slots=True)
class Backend:
    """One backend of a proxy: `up` of `servers` take work, `drained` of them by intent do not.

    `sessions` are those under way, `queued` the requests that wait for a server. `takes` is the
    proxy's own word on whether it gives work to anybody; None where it does not say. `out` are the
    names of drained servers; of very many not all.
    """

    name: str
    up: int
    servers: int
    drained: int = 0
    sessions: int | None = None
    queued: int | None = None
    down: tuple[str, ...] = ()  # the names of servers that should take work and don't
    takes: bool | None = None
    out: tuple[str, ...] = ()

    @property
    def serving(self) -> bool:
        """Whether anybody takes its work. One without servers has none to give."""
        if self.servers == 0:
            return True
        return self.up > 0 if self.takes is None else self.takes

    @property
    def emptied(self) -> bool:
        """Whether nobody takes its work because every server was taken out by intent."""
        return not self.serving and self.drained == self.servers


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyRow(Measured):
    """One HAProxy, as its stats socket tells it."""

    version: str = ""
    backends: tuple[Backend, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRow(Measured):
    """One service address as one host sees it: `held` is None where nobody knows.

    `state` is keepalived's own word (MASTER, BACKUP, FAULT), "" where it does not tell.
    """

    address: str
    held: bool | None = None
    interface: str = ""
    state: str = ""
    running: bool | None = None  # whether keepalived runs there
