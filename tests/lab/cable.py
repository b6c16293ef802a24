"""A cable between two network namespaces: delay, jitter, loss, and a cut in which packets vanish.

Each cable is a pair of TUN devices whose packets this process carries from one end to the other.
It is the same on every kernel, with netem or without.

    python -m tests.lab.cable SOCKET NAME,NAMESPACE,DEVICE,NAMESPACE,DEVICE …

prints "ready", and takes one JSON line a connection on SOCKET; what is left out stays as it is:

    {"cable": "pri", "delay_ms": 150, "jitter_ms": 10, "loss": 0.1, "cut": false}
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import itertools
import json
import os
import random
import selectors
import socket
import struct
import sys
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

# linux/if_tun.h, linux/sched.h
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_CLONE_NEWNET = 0x40000000

#: Packets carried from one device before the others have their turn.
BURST = 64


@dataclass(slots=True)
class Cable:
    """How one cable behaves, in both directions; times in milliseconds, loss from 0 to 1."""

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss: float = 0.0
    cut: bool = False
    carried: int = 0
    lost: int = 0

    def set(self, wanted: dict[str, object]) -> None:
        """Raises ValueError for a name or a value that no cable has."""
        for name, value in wanted.items():
            if name not in {f.name for f in fields(self)}:
                raise ValueError(f"a cable has no {name!r}")
            if not isinstance(value, bool | int | float):
                raise ValueError(f"{name}: {value!r} is no number")
            setattr(self, name, value)

    def delay_of_next(self) -> float | None:
        """Seconds that the next packet takes; None when it is lost."""
        if self.cut or (self.loss and random.random() < self.loss):
            self.lost += 1
            return None
        self.carried += 1
        spread = random.uniform(-1, 1) * self.jitter_ms if self.jitter_ms else 0.0
        return max(0.0, self.delay_ms + spread) / 1000


def enter_network(path: Path) -> None:
    """This thread's network is `path`'s from now on."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if libc.setns(descriptor, _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(path))
    finally:
        os.close(descriptor)


def _tun(namespace: str, device: str) -> int:
    enter_network(Path(namespace))
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    request = struct.pack("16sH22x", device.encode(), _IFF_TUN | _IFF_NO_PI)
    fcntl.ioctl(descriptor, _TUNSETIFF, request)
    return descriptor


class Exchange:
    """Carries the packets of all cables, one process and one loop for all."""

    def __init__(self, control: socket.socket, specs: list[str]) -> None:
        self.cables: dict[str, Cable] = {}
        self._control = control
        self._ends: dict[int, tuple[Cable, int]] = {}  # a device: its cable and the other end
        self._under_way: list[tuple[float, int, int, bytes]] = []  # due at, order, to, packet
        self._order = itertools.count()
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        for spec in specs:
            name, near_space, near_device, far_space, far_device = spec.split(",")
            near, far = _tun(near_space, near_device), _tun(far_space, far_device)
            cable = self.cables[name] = Cable()
            self._ends |= {near: (cable, far), far: (cable, near)}
        for descriptor in self._ends:
            self._selector.register(descriptor, selectors.EVENT_READ)

    def run(self) -> None:
        """Until the process is ended."""
        while True:
            due = self._under_way[0][0] - time.monotonic() if self._under_way else None
            for key, _ in self._selector.select(None if due is None else max(0.0, due)):
                if key.fileobj is self._control:
                    self._answer()
                else:
                    self._take(key.fd)
            self._deliver(time.monotonic())

    def _take(self, device: int) -> None:
        cable, other = self._ends[device]
        for _ in range(BURST):
            try:
                packet = os.read(device, 65536)
            except OSError:  # nothing more, or the device is down
                return
            delay = cable.delay_of_next()
            if delay is None:
                continue
            if delay == 0.0:
                _write(other, packet)
            else:
                entry = (time.monotonic() + delay, next(self._order), other, packet)
                heapq.heappush(self._under_way, entry)

    def _deliver(self, now: float) -> None:
        while self._under_way and self._under_way[0][0] <= now:
            _, _, device, packet = heapq.heappop(self._under_way)
            _write(device, packet)

    def _answer(self) -> None:
        connection, _ = self._control.accept()
        with connection, connection.makefile("rw") as stream:
            try:
                wanted = json.loads(stream.readline() or "{}")
                if wanted:
                    self.cables[wanted.pop("cable")].set(wanted)
                answer: dict[str, object] = {n: asdict(c) for n, c in self.cables.items()}
            except (ValueError, KeyError) as error:
                answer = {"error": str(error)}
            stream.write(json.dumps(answer) + "\n")


def _write(device: int, packet: bytes) -> None:
    try:
        os.write(device, packet)
    except OSError:  # the far end is down: a packet on a dead cable is a lost packet
        pass


def main(arguments: list[str]) -> None:
    path, *specs = arguments
    Path(path).unlink(missing_ok=True)  # of a cable that was killed
    # Bound before the devices are made, because they change this process's network, not its files.
    with socket.socket(socket.AF_UNIX) as control:
        control.bind(path)
        control.listen(8)
        exchange = Exchange(control, specs)
        print("ready", flush=True)
        exchange.run()


if __name__ == "__main__":
    main(sys.argv[1:])
