"""A demo host's life as files under a prefix: what its commands read in place of /proc and /etc.

A reader never sees half a file. What changes by itself stands in two copies; the one that nobody
reads is rewritten in place, then one rename of a link, `now`, shows it. The files of proc/ are
links through `now`, so that who stays in the directory moves on too. (Renaming each file over its
last text would be simpler and cost ten times as much: ext4 flushes a file that replaces another.)
"""

from __future__ import annotations

import os
import time
from importlib.resources import files
from pathlib import Path

from collectors.demo.life import Life
from collectors.demo.standing import KERNEL, Standing

_STARTED = 900_000_000  # microseconds after boot


def write_commands(directory: Path) -> None:
    """Write the commands that demo hosts supply (df, systemctl ...) into `directory`."""
    directory.mkdir(parents=True)
    for script in (files("collectors.demo") / "bin").iterdir():
        target = directory / script.name.removesuffix(".sh")
        target.write_text(script.read_text())
        target.chmod(0o755)


class Root:
    """The directory of one host, kept in step with its `Life`."""

    def __init__(
        self, directory: Path, commands: Path, life: Life, standing: Standing | None = None
    ) -> None:
        self.directory = directory
        self.life = life
        self._standing = standing
        self._copies = ("now.a", "now.b")  # on show, spare
        self._printed: dict[str, str] = {}
        for part in (*self._copies, "etc", "proc/net", "proc/pressure", "proc/sys/kernel"):
            (directory / part).mkdir(parents=True)
        if "/var/spool" in life.volumes:
            for queue in ("incoming", "active", "deferred", "hold"):  # find fills them
                (directory / "var/spool/postfix" / queue).mkdir(parents=True)
        (directory / "bin").symlink_to(os.path.relpath(commands, directory))
        for name in life.proc():
            link = directory / "proc" / name
            link.parent.mkdir(exist_ok=True)
            link.symlink_to("../" * name.count("/") + f"../now/{_flat(name)}")
        for name, text in self._lasting().items():
            (directory / "proc" / name).write_text(text)
        if standing is not None:
            self._write_standing(standing)
        self.write_proc()
        self.write_etc()

    def write_proc(self) -> None:
        """What a kernel would answer anew each time."""
        shown, spare = self._copies
        # The calls are spelled out because eighty hosts make thousands of them a second; pathlib
        # would double the cost.
        for name, text in self.life.proc().items():
            path = f"{self.directory}/{spare}/{_flat(name)}"
            number = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
            try:
                os.ftruncate(number, os.write(number, text.encode()))
            finally:
                os.close(number)
        link = self.directory / "now.next"
        link.symlink_to(spare)
        link.rename(self.directory / "now")
        self._copies = (spare, shown)

    def write_etc(self) -> None:
        """What the host's own commands print: file systems, units, the clock, queues."""
        stands = self._standing.printed() if self._standing else {}
        every = {**self.life.etc(), **self._units(), **self._clock(), **stands}
        for name, text in every.items():
            if self._printed.get(name) != text:
                self._printed[name] = text
                spare = self.directory / "etc" / ".next"
                spare.write_text(text)
                spare.rename(self.directory / "etc" / name)

    def _write_standing(self, standing: Standing) -> None:
        for name, text in standing.lasting().items():
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        now = time.time()
        patched = time.localtime(now - 86_400 * standing.patched_days_ago)
        log, lists = self.directory / "var/log/dpkg.log", self.directory / "var/lib/apt/lists"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(time.strftime("%Y-%m-%d %H:%M:%S upgrade curl:amd64 1 2\n", patched))
        lists.mkdir(parents=True)
        os.utime(lists, (now - 3 * 3600,) * 2)
        for name, (hours, size) in standing.copies.items():
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            os.truncate(path, int(size))  # as big as it says, and on no disk
            os.utime(path, (now - 3600 * hours,) * 2)

    def _lasting(self) -> dict[str, str]:
        volumes = self.life.volumes.values()
        mounts = "".join(
            f"/dev/vda{number} {volume.mount} ext4 rw,relatime 0 0\n"
            for number, volume in enumerate(volumes, start=1)
        )
        return {
            "sys/kernel/hostname": f"{self.life.name}\n",
            "sys/kernel/osrelease": f"{KERNEL}\n",
            "version": f"Linux version {KERNEL} (demo)\n",
            "mounts": f"proc /proc proc rw 0 0\n{mounts}",
            "cpuinfo": "".join(f"processor\t: {n}\n\n" for n in range(self.life.profile.cores)),
        }

    def _units(self) -> dict[str, str]:
        rows = []
        for unit in sorted({*self.life.profile.units, *self.life.failed}):
            if (since := self.life.failed.get(unit)) is None:
                rows.append(f"{unit} loaded active running enabled {_STARTED}\n")
            else:
                rows.append(f"{unit} loaded failed failed enabled {int(since * 1e6)}\n")
        return {"units": "".join(rows)}

    def _clock(self) -> dict[str, str]:
        drift = self.life.chance.gauss(0, 0.0004)
        return {
            "chrony.csv": f"C0A80001,192.0.2.1,3,1790000000.0,{drift:.9f},{drift:.9f},0.000210,"
            "-11.2,0.001,0.05,0.0012,0.0004,64.2,Normal\n",
            "chrony.tracking": (
                "Reference ID    : C0000201 (ntp.demo.example)\n"
                "Stratum         : 3\n"
                "Ref time (UTC)  : Fri Nov 20 02:40:00 2026\n"
                f"System time     : {abs(drift):.9f} seconds {'slow' if drift < 0 else 'fast'}"
                " of NTP time\n"
                f"Last offset     : {drift:+.9f} seconds\n"
                "RMS offset      : 0.000210000 seconds\n"
                "Frequency       : 11.200 ppm slow\n"
                "Residual freq   : +0.001 ppm\n"
                "Skew            : 0.050 ppm\n"
                "Root delay      : 0.001200000 seconds\n"
                "Root dispersion : 0.000400000 seconds\n"
                "Update interval : 64.2 seconds\n"
                "Leap status     : Normal\n"
            ),
        }


def _flat(name: str) -> str:
    return name.replace("/", "-")
