"""How much of the lab this machine can carry, and why not more.

T0: any user: real SSH servers on loopback. T1: root, with namespaces and an image, but no TUN device:
hosts and sites, cables that can only be pulled. T2: everything.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from tests.lab import cgroups
from tests.lab.image import default_cache, recipe_hash

PROGRAMS = ("unshare", "nsenter", "setpriv", "ip", "nft", "ssh-keygen", "openssl")


class Tier(IntEnum):
    LOOPBACK = 0
    HOSTS = 1
    CABLES = 2


@dataclass(frozen=True, slots=True)
class Carried:
    """The highest tier, and every reason why it is not a higher one."""

    tier: Tier
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        why = "".join(f"\n  {reason}" for reason in self.reasons)
        return f"lab: T{self.tier.value} ({self.tier.name.lower()}){why}"


def carried() -> Carried:
    """Looks, and changes nothing."""
    missing = _missing_for_hosts()
    if missing:
        return Carried(Tier.LOOPBACK, tuple(missing))
    if not Path("/dev/net/tun").exists():
        return Carried(Tier.HOSTS, ("no /dev/net/tun: no delay, jitter or loss between sites",))
    return Carried(Tier.CABLES)


def _missing_for_hosts() -> list[str]:
    if os.geteuid() != 0:
        return ["not root: hosts with an init of their own need namespaces and mounts"]
    missing = [f"{program} is not installed" for program in PROGRAMS if not shutil.which(program)]
    try:
        group = cgroups.tree() / f"{cgroups.PREFIX}try"
        group.mkdir(exist_ok=True)
        if not (group / "cgroup.kill").exists():
            missing.append("cgroup.kill is not there: Linux 5.14 or newer")
        group.rmdir()
    except OSError as error:
        missing.append(f"no cgroup can be made: {error}")
    if not Path("/proc/self/ns/time").exists():
        missing.append("no time namespaces: Linux 5.6 or newer")
    if not shutil.which("mmdebstrap") and not (default_cache() / recipe_hash()).is_dir():
        missing.append("mmdebstrap is not installed, and no image is cached")
    return missing
