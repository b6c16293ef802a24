"""`python -m bench.played_watch`: a real watch and its real API, whose hosts are played.

Board, judge, stream and socket are the product's; only SSH and the records are left out, so that
a console can be measured on a machine that does nothing else. Samples are deterministic: load,
memory, traffic and pressure move at every cadence, disks slowly, as on a busy platform.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import signal
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from estate.attention import Kept
from estate.document import Event
from estate.file import read_estate
from estate.metrics import METRICS
from estate.model import Estate, Retention
from estate.past import Moment
from estate.queues import QueueFigures
from estate.samples import FileSystem, Hello, Interface, Observation, Reach, Reached, Sample
from estate.schedule import KeptSchedule
from watch.api.listening import Listening
from watch.clock import now_ms
from watch.core import Watch
from watch.means import Inbox, Means
from watch.process import Place, place_of
from watch.source import Source

#: Hosts a site of an estate of 80, by group: the platform of the pictures.
SHAPE = {"mta": 16, "mbx": 8, "mdb": 2, "im": 5, "lb": 2, "dir": 2, "mq": 2, "gw": 2, "ops": 1}
GIB = float(2**30)


def environ_of(directory: Path) -> dict[str, str]:
    """The environment in which `twinwatch` finds the watch that is played in `directory`."""
    return {
        "TWINWATCH_ESTATE": str(directory / "played.yaml"),
        "XDG_RUNTIME_DIR": str(directory),
        "XDG_STATE_HOME": str(directory),
    }


def place_in(directory: Path) -> Place:
    """Where that watch lives."""
    environ = environ_of(directory)
    return place_of(Source(Path(environ["TWINWATCH_ESTATE"]).resolve()), environ)


def estate_text(hosts: int, every: str = "2s") -> str:
    """An estate file with `hosts` hosts in two sites."""
    lines = [
        "estate: Messaging",
        "timezone: Asia/Hong_Kong",
        f"every: {every}",
        "sites:",
        "  central: {role: primary}",
        "  recovery: {role: recovery}",
        "hosts:",
    ]
    weights = [group for group, many in SHAPE.items() for _ in range(many)]
    counts: dict[tuple[str, str], int] = {}
    for number in range(hosts):
        site = ("central", "recovery")[number % 2]
        group = weights[(number // 2) % len(weights)]
        counts[site, group] = counts.get((site, group), 0) + 1
        name = f"{group}-{site[0]}{counts[site, group]:02d}"
        lines.append(f"  {name}: {{site: {site}, groups: [{group}]}}")
    return "\n".join(lines) + "\n"


class Player:
    """Plays the samples of one host. Its numbers follow from its name alone."""

    def __init__(self, name: str) -> None:
        self._random = random.Random(name)
        self._name = name
        self._base = {
            "cpu": self._random.uniform(5, 60),
            "mem": self._random.uniform(30, 75),
            "disk": self._random.uniform(25, 70),
            "net": self._random.uniform(1e5, 8e6),
        }
        self._phase = self._random.uniform(0, math.tau)

    def sample(self, at: int) -> Sample:
        """One tick at `at`, UTC ms."""
        swell = math.sin(at / 600_000 * math.tau + self._phase)
        cpu = min(99.0, max(0.5, self._base["cpu"] * (1 + 0.3 * swell) + self._noise(2.0)))
        net = self._base["net"] * (1 + 0.3 * swell) * (1 + self._noise(0.05))
        known = {
            "cpu": cpu,
            "cpu_user": cpu * 0.7,
            "cpu_system": cpu * 0.3,
            "cpu_iowait": abs(self._noise(0.5)),
            "load1": cpu / 12 + abs(self._noise(0.1)),
            "mem": self._base["mem"] + self._noise(0.3),
            "mem_used": self._base["mem"] * 16 * GIB / 100,
            "net_in": net,
            "net_out": net * 0.8,
            "disk_write": net / 3,
            "disk": self._base["disk"] + at % 86_400_000 / 86_400_000,
        }
        size = 60 * GIB
        used = size * known["disk"] / 100
        return Sample(
            self._name,
            at,
            tuple(known.get(metric.name, 0.0) for metric in METRICS),
            uptime_seconds=18_316_800.0,
            cores=8,
            memory_bytes=16 * GIB,
            interfaces=(Interface("eth0", known["net_in"], known["net_out"], 0.0),),
            filesystems=(FileSystem("/", size, used, size - used, 12.0),),
        )

    def _noise(self, size: float) -> float:
        return self._random.gauss(0.0, size)


class Played:
    """A collection without SSH: every host answers at every cadence."""

    def __init__(self, estate: Estate, observe: Callable[[Observation], None]) -> None:
        self._estate = estate
        self._observe = observe
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to play."""
        self._task = asyncio.create_task(self._play())

    async def close(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()

    def reconfigure(self, estate: Estate) -> None:
        """The estate does not change here."""

    def refresh(self, host: str | None) -> None:
        """Every host answers at once anyway."""

    async def _play(self) -> None:
        players = {name: Player(name) for name in self._estate.hosts}
        at = now_ms()
        for name in players:
            self._observe(Hello(name, at, name, "Linux 6.1", "mawk"))
            self._observe(Reached(name, at, Reach.LIVE))
        while True:
            at = now_ms()
            for player in players.values():
                self._observe(player.sample(at))
            await asyncio.sleep(self._estate.every_ms / 1000)


class Forgetful:
    """Records that keep nothing, and say so to nobody: this is a benchmark's watch."""

    retention = Retention()
    saved_until: int | None = None
    dropped = 0
    status = ""

    def put(self, samples: Sequence[Sample] = (), events: Sequence[Event] = ()) -> None:
        """Forget them."""

    def save_board(self, document: bytes) -> None:
        """Forget it."""

    def take_notices(self) -> tuple[str, ...]:
        """Nothing to say."""
        return ()

    async def series(
        self, host: str, metric: str, start: int, end: int, points: int
    ) -> Sequence[tuple[int, float, float, float]]:
        """No history."""
        return ()

    def put_queues(self, figures: Iterable[QueueFigures]) -> None:
        """Let go of them."""

    async def queue_series(
        self, key: str, metric: str, start: int, end: int, points: int
    ) -> list[tuple[int, float, float, float]]:
        """None."""
        return []

    async def events(self, since: int = 0, limit: int = 200, host: str = "") -> tuple[Event, ...]:
        """No events but those on the board."""
        return ()

    async def keep_attention(self, kept: Kept) -> bool:
        """Nobody says anything."""
        return True

    async def attention(self) -> Kept | None:
        """Nobody has said anything."""
        return Kept()

    async def keep_picture(self, moment: Moment, document: bytes) -> bool:
        """It was not kept."""
        return False

    async def picture(self, at: int) -> bytes | None:
        """None."""
        return None

    async def moments(self, start: int, end: int, most: int) -> list[Moment]:
        """None."""
        return []

    async def keep_schedule(self, kept: KeptSchedule) -> bool:
        """It was not kept."""
        return False

    async def schedules(self, start: int, end: int) -> list[KeptSchedule]:
        """None."""
        return []

    async def queues(self) -> tuple[str, ...]:
        """None."""
        return ()

    async def check(self) -> tuple[str, ...]:
        """Nothing can be wrong."""
        return ()

    async def tidy(self) -> int:
        """Nothing is in disorder."""
        return 0

    async def hosts(self) -> tuple[str, ...]:
        """Nothing of anybody is kept."""
        return ()

    async def samples(
        self, host: str, start: int, end: int
    ) -> Sequence[tuple[int, tuple[float, ...]]]:
        """None."""
        return ()

    def close(self) -> None:
        """Nothing is open."""


class Unmeasured:
    """A machine that says nothing of itself: the benchmark's own load would be on the board."""

    def measure(self) -> dict[str, float]:
        """Nothing."""
        return {}

    def disk(self) -> dict[str, float]:
        """Nothing."""
        return {}


@dataclass(frozen=True, slots=True)
class Nothing:
    """What such records remember at the start."""

    board: Any = None
    saved_until: int | None = None
    last_event_id: int = 0
    events: tuple[Any, ...] = ()
    unread: str = ""


async def play(directory: Path, hosts: int) -> None:
    """Serve a played estate of `hosts` hosts, described in `directory`, until SIGTERM."""
    place = place_in(directory).prepare()
    source = Source(directory / "played.yaml")
    source.path.write_text(estate_text(hosts))
    estate = read_estate(estate_text(hosts), str(source.path))
    inbox, stopping = Inbox(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    collection = Played(estate, inbox.put)
    means = Means(inbox, collection, Forgetful(), lambda: estate, Unmeasured, stopping, now_ms())
    watch = Watch(estate, source, place, means, Nothing())
    await collection.start()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(place.socket))
        listener.listen()
        listener.setblocking(False)
        api = Listening(watch, listener)
        await api.start()
        await watch.run()
        watch.hub.close()
        await api.close()
    await collection.close()


def main() -> None:
    """Play until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--hosts", type=int, default=80)
    arguments = parser.parse_args()
    asyncio.run(play(arguments.dir, arguments.hosts))


if __name__ == "__main__":
    main()
