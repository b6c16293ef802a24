"""The lab for a person: `python -m tests.lab up`, look around, `python -m tests.lab down`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.lab import consoles
from tests.lab.image import ImageError, cached
from tests.lab.layout import SITES
from tests.lab.network import NetworkError
from tests.lab.rig import Cut, Lab, LabError
from tests.lab.tiers import Tier, carried

#: Where the lab of `make lab` keeps its keys and sockets.
HOME = Path(os.environ.get("LAB_DIRECTORY", "/run/twinwatch-lab"))


def up(options: argparse.Namespace) -> int:
    """Start every host, wait until all serve, say how to get in."""
    machine = carried()
    print(machine)
    if machine.tier < Tier.HOSTS:
        return 1
    if (HOME / "control").exists():
        print(f"a lab is up already at {HOME}: make lab-console, make lab-down")
        return 1
    begun = time.monotonic()
    lab = Lab.up(HOME, scale=options.scale, tun=machine.tier >= Tier.CABLES, stay=True)
    consoles.write(HOME, lab.places.values(), lab.credentials)
    lab.wait_for_ssh()
    print(f"{len(lab.places)} hosts answer after {time.monotonic() - begun:.1f} s")
    lab.wait()
    print(f"every role serves after {time.monotonic() - begun:.1f} s")
    print("make lab-console  the console on it\nmake lab-down     end it")
    return 0


def down(_: argparse.Namespace) -> int:
    begun = time.monotonic()
    lab = Lab(HOME)
    # It would outlive its estate: nothing of the lab holds it.
    subprocess.run([*_twinwatch(), "watch", "--stop"], env=_environment(), check=False)
    lab.down()
    print(f"down after {time.monotonic() - begun:.1f} s")
    return 0


def image(_: argparse.Namespace) -> int:
    """Build the image, if this machine can carry hosts and has none."""
    machine = carried()
    if machine.tier >= Tier.HOSTS:
        begun = time.monotonic()
        root = cached().root
        print(f"lab image {root.name} ({time.monotonic() - begun:.0f} s)")
    return 0


def status(_: argparse.Namespace) -> int:
    lab = Lab(HOME)
    for name, init in lab.inits().items():
        place = lab.places[name]
        state = f"PID {init}" if init else "off"
        print(f"{name:10} {place.address:12} {state:12} {' '.join(place.roles)}")
    return 0


def run(options: argparse.Namespace) -> int:
    """A command in a host, or a shell."""
    inside = Lab(HOME).host(options.host).inside()
    command = [*inside, *(options.command or ["/bin/sh", "-l"])]
    os.execvp(command[0], command)


def console(options: argparse.Namespace) -> int:
    """The console, or one of its verbs, standing where a bastion would stand."""
    command = [*Lab(HOME).in_ops(), *_twinwatch(), *options.words]
    os.execvpe(command[0], command, _environment())


def _twinwatch() -> list[str]:
    program = Path(sys.executable).with_name("twinwatch")
    return [str(program), "--estate", str(consoles.Console(HOME).estate)]


def _environment() -> dict[str, str]:
    """The records of the lab's watch lie with the lab, and go with it."""
    return {**os.environ, "XDG_STATE_HOME": str(HOME / "state")}


def cut(options: argparse.Namespace) -> int:
    Lab(HOME).cut(options.site, Cut(options.how))
    return 0


def heal(options: argparse.Namespace) -> int:
    lab = Lab(HOME)
    for site in SITES:
        lab.heal(site)
    for host in lab.hosts():
        lab.heal_host(host.name)
    return 0


def slow(options: argparse.Namespace) -> int:
    lab = Lab(HOME)
    lab.cable(
        options.site, delay_ms=options.delay_ms, jitter_ms=options.jitter_ms, loss=options.loss
    )
    return 0


def freeze(options: argparse.Namespace) -> int:
    Lab(HOME).host(options.host).freeze()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def verb(act: object, text: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(getattr(act, "__name__", ""), help=text)
        made.set_defaults(act=act)
        return made

    verb(up, "start every host and wait until all serve").add_argument(
        "--scale", type=int, default=None, help="plain hosts beside them, a site ($LAB_SCALE)"
    )
    verb(down, "end it, and leave nothing")
    verb(image, "build the image if there is none")
    verb(status, "its hosts")
    shell = verb(run, "a command in a host, or a shell")
    shell.add_argument("host")
    shell.add_argument("command", nargs=argparse.REMAINDER)
    verb(console, "the console on it").add_argument("words", nargs=argparse.REMAINDER)
    cutting = verb(cut, "lose a site")
    cutting.add_argument("site", choices=list(SITES))
    cutting.add_argument("--how", choices=list(Cut), default=Cut.VANISH)
    slowing = verb(slow, "a slow or lossy way to a site")
    slowing.add_argument("site", choices=list(SITES))
    slowing.add_argument("--delay-ms", type=float, default=0)
    slowing.add_argument("--jitter-ms", type=float, default=0)
    slowing.add_argument("--loss", type=float, default=0, help="0 to 1")
    verb(freeze, "stop every process of a host").add_argument("host")
    verb(heal, "undo cuts, slowness and freezes")
    return parser


def main() -> int:
    options = _parser().parse_args()
    try:
        status: int = options.act(options)
    except (LabError, ImageError, NetworkError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
