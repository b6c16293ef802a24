"""A demo host's life as files under a prefix: what its commands read in place of /proc and /etc.

Every file is replaced by renaming a finished one over it, so a reader sees the old text or the
new, never half of either.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from collectors.demo.life import Life

#: Programs that take less of the busy time than this are rewritten with the slow files.
_BUSY = 0.05
_UNIT_AGE = 900_000_000  # microseconds after boot


def write_commands(directory: Path) -> None:
    """Write the commands that demo hosts supply (df, systemctl ...) into `directory`."""
    directory.mkdir(parents=True)
    for script in (files("collectors.demo") / "bin").iterdir():
        target = directory / script.name.removesuffix(".sh")
        target.write_text(script.read_text())
        target.chmod(0o755)


class Root:
    """The directory of one host, kept in step with its `Life`."""

    def __init__(self, directory: Path, commands: Path, life: Life) -> None:
        self.directory = directory
        self.life = life
        for part in ("proc/net", "proc/pressure", "proc/sys/kernel", "proc/self", "etc"):
            (directory / part).mkdir(parents=True)
        (directory / "bin").symlink_to(os.path.relpath(commands, directory))
        for task in life.tasks:
            (directory / "proc" / str(task.pid)).mkdir()
        self._put("proc", self._lasting())
        self.write_fast()
        self.write_slow()

    def write_fast(self) -> None:
        """What a kernel would answer anew each second."""
        self._put("proc", self.life.proc())
        self._put("proc", self.life.tasks_proc(_BUSY))

    def write_slow(self) -> None:
        """What changes slowly: file systems, units, the clock, idle processes."""
        self._put("proc", self.life.tasks_proc())
        self._put("etc", {**self.life.etc(), **self._units(), **self._clock()})

    def _lasting(self) -> dict[str, str]:
        volumes = self.life.volumes.values()
        mounts = "".join(
            f"/dev/vda{number} {volume.mount} ext4 rw,relatime 0 0\n"
            for number, volume in enumerate(volumes, start=1)
        )
        return {
            "sys/kernel/hostname": f"{self.life.name}\n",
            "sys/kernel/osrelease": "6.1.0-41-amd64\n",
            "version": "Linux version 6.1.0-41-amd64 (demo)\n",
            "mounts": f"proc /proc proc rw 0 0\n{mounts}",
            "self/mounts": f"proc /proc proc rw 0 0\n{mounts}",
            "cpuinfo": "".join(f"processor\t: {n}\n\n" for n in range(self.life.profile.cores)),
            **{f"{task.pid}/comm": f"{task.name}\n" for task in self.life.tasks},
            **{f"{task.pid}/cmdline": f"/usr/sbin/{task.name}\0" for task in self.life.tasks},
        }

    def _units(self) -> dict[str, str]:
        rows = []
        for unit in sorted({*self.life.profile.units, *self.life.failed}):
            state = "failed failed" if unit in self.life.failed else "active running"
            rows.append(f"{unit} loaded {state} enabled {_UNIT_AGE}\n")
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

    def _put(self, part: str, texts: Mapping[str, str]) -> None:
        for name, text in texts.items():
            # The calls are spelled out because eighty hosts do this a thousand times a second;
            # pathlib would double the cost.
            path = f"{self.directory}/{part}/{name}"
            spare = f"{self.directory}/etc/.next"
            number = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            try:
                os.write(number, text.encode())
            finally:
                os.close(number)
            os.rename(spare, path)  # noqa: PTH104
