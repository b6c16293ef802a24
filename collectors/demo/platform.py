"""The demo's platform as a whole: its hosts' lives, files and servers, moved by one loop."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from zlib import crc32

from collectors.demo import papers
from collectors.demo.frontdoor import FrontDoor
from collectors.demo.life import PROFILES, Life, Queue, Strain, demand
from collectors.demo.root import Root, write_commands
from collectors.demo.roster import Member, select
from collectors.demo.scenario import (
    Act,
    Burden,
    ChangeHostKey,
    Delay,
    Door,
    FailUnit,
    Fate,
    Fill,
    RefuseKeys,
    Vanish,
)
from collectors.demo.server import Porter, Server
from collectors.demo.standing import Standing

#: The standby site keeps warm; the active one carries the day.
_SHARE = {"central": 1.0, "recovery": 0.3}
_ETC_EVERY = 10  # rounds between rewrites of what commands print, spread over the hosts


class Platform:
    """Hosts that listen, live and suffer their scenario until closed.

    Everything is inside `directory`, which is made here. `advance` is called about twice a second
    with the time since the last call; it never sleeps and never asks the clock.
    """

    def __init__(self, directory: Path, members: Sequence[Member], script: Sequence[Act]) -> None:
        self.directory = directory
        self.members = tuple(members)
        self._pending = sorted(script, key=lambda act: act.at)
        self._visited = threading.Event()
        self._running = 0.0  # seconds since somebody first connected
        self._turn = 0
        self._lost: set[str] = set()
        keys = {member.name: papers.new_key() for member in members}
        own = papers.new_key()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_commands(directory / "bin")
        self.roots = {m.name: self._root(m) for m in members}
        self.servers = {m.name: self._server(m, keys[m.name], own) for m in members}
        self._porter = Porter()
        self._doors = {key: FrontDoor(kind) for key, kind in papers.FRONT_DOORS.items()}
        self._write_papers(keys, own)
        self._play(0.0)
        self._porter.open(tuple(self.servers.values()))

    @property
    def estate(self) -> Path:
        return self.directory / "estate.yaml"

    @property
    def ssh_config(self) -> Path:
        return self.directory / "ssh_config"

    def advance(self, seconds: float, hour: float) -> None:
        """Let every host live for `seconds` at a local `hour` of day, then play what is due."""
        self._turn += 1
        for number, root in enumerate(self.roots.values()):
            root.life.advance(seconds, demand(hour))
            root.write_proc()
            if (number + self._turn) % _ETC_EVERY == 0:
                root.write_etc()
        if self._visited.is_set():
            self._running += seconds
            self._play(self._running)

    def close(self) -> None:
        """End all connections and listeners. Commands that still run are the caller's to end."""
        self._porter.close()
        for door in self._doors.values():
            door.close()
        for server in self.servers.values():
            server.close()

    def _play(self, until: float) -> None:
        while self._pending and self._pending[0].at <= until:
            act = self._pending.pop(0)
            if isinstance(act.what, Door):
                self._doors[act.whom].open = act.what.open
                continue
            for member in select(self.members, act.whom):
                self._befall(member.name, act.what)

    def _befall(self, name: str, fate: Fate) -> None:
        server, life = self.servers[name], self.roots[name].life
        match fate:
            case Vanish():
                server.vanish()
                self._lost |= {name, *(m.name for m in self.members if m.behind == name)}
            case ChangeHostKey():
                server.change_host_key(papers.new_key().private)
            case RefuseKeys():
                server.refuse_keys()
            case Burden(cpu, memory, net, write):
                life.goal = Strain(cpu, memory, net, write)
            case Fill(mount, percent, per_minute):
                life.volumes[mount].percent = percent
                life.volumes[mount].per_minute = per_minute
            case Delay(deferred, per_minute):
                life.queue = Queue(deferred, per_minute)
            case FailUnit(unit, minutes_ago):
                life.failed[unit] = max(life.uptime - 60 * minutes_ago, 0.0)
        self.roots[name].write_etc()

    def _root(self, member: Member) -> Root:
        # crc32, because Python's own hash of a text differs from run to run.
        life = Life(
            member.name,
            PROFILES[member.group],
            seed=crc32(member.name.encode()),
            share=_SHARE[member.site],
        )
        standing = Standing(member, self.members, self._lost)
        return Root(self.directory / "hosts" / member.name, self.directory / "bin", life, standing)

    def _server(self, member: Member, key: papers.Key, own: papers.Key) -> Server:
        directory = self.roots[member.name].directory
        behind = [each.name for each in self.members if each.behind == member.name]
        return Server(
            member.name,
            key.private,
            own.public,
            directory,
            {"TWINWATCH_ROOT": str(directory), "HOME": str(directory)},
            reaches=lambda port: any(self.servers[name].port == port for name in behind),
            visited=self._visited,
        )

    def _write_papers(self, keys: Mapping[str, papers.Key], own: papers.Key) -> None:
        ports = {name: server.port for name, server in self.servers.items()}
        doors = {key: door.port for key, door in self._doors.items()}
        for name, text in {
            "id_ed25519": own.private,
            "known_hosts": papers.known_hosts(ports, keys),
            "ssh_config": papers.ssh_config(self.members, ports, self.directory),
            "estate.yaml": papers.estate(self.members, self.directory, doors),
        }.items():
            _write(self.directory / name, text)
        shelf = self.directory / "runbooks"  # beside the estate, where they are looked for first
        shelf.mkdir(mode=0o700)
        useless = {name for name, _ in papers.RUNBOOKS.values()}
        useless -= set(papers.runbooks(self.members).values())
        for runbook in (files("collectors.demo") / "runbooks").iterdir():
            if Path(runbook.name).stem not in useless:
                _write(shelf / runbook.name, runbook.read_text())

    def ready(self) -> str:
        """The line that tells whoever started us that all hosts listen."""
        return json.dumps(
            {
                "estate": str(self.estate),
                "ssh_config": str(self.ssh_config),
                "pid": os.getpid(),
                "hosts": len(self.members),
            }
        )


def _write(path: Path, text: str) -> None:
    """A file for nobody but us."""
    path.touch(mode=0o600)
    path.write_text(text)
