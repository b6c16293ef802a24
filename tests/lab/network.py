"""The lab's network: two sites behind a core, every host on its site's bridge, nothing outside.

All namespaces are named in a /run/netns of the supervisor's own mount namespace: they end with it,
and nothing of them is ever seen, or left, on the machine.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.lab.layout import DB_SERVICE, OPS_ADDRESS, PRIMARY, SITES, WEB_SERVICE, Place, Site

#: Where `ip netns` keeps its names.
NAMESPACES = Path("/run/netns")

CABLE_SECONDS = 10

SERVICES = (DB_SERVICE, WEB_SERVICE)


class NetworkError(Exception):
    """A command of the network failed; says which, and what it said."""


def up(socket: Path, places: Iterable[Place], *, tun: bool) -> subprocess.Popen[str] | None:
    """Everything but the hosts themselves; the cable's process, or None where cables are veths."""
    batch = [f"netns add {name}" for name in ("core", "ops", *SITES)]
    _ip(batch)
    _ip(_core())
    for site in SITES.values():
        _ip(_site(site))
    cable = None
    if tun:
        cable = _tun_cables(socket)
    else:
        _ip(_veth_cables())
    for site in SITES.values():
        _ip(_uplink(site))
    _ip([line for place in places for line in _host(place)])
    _ip(serve_from(PRIMARY))
    for name in ("core", *SITES):
        _inside(name, "sysctl", "-qw", "net.ipv4.ip_forward=1")
    # Whoever asks for a network that is gone is told so, each time.
    _inside("core", "sysctl", "-qw", "net.ipv4.icmp_ratelimit=0")
    return cable


def serve_from(site: Site) -> list[str]:
    """The service addresses are reached through `site` from now on (lines for `ip`)."""
    via = _far_end(site)
    return [f"-n core route replace {address}/32 via {via}" for address in SERVICES]


def _core() -> list[str]:
    return [
        "-n core link set lo up",
        "-n core link add ops type veth peer name eth0 netns ops",
        "-n core address add 10.71.0.1/24 dev ops",
        "-n core link set ops up",
        "-n ops link set lo up",
        f"-n ops address add {OPS_ADDRESS}/24 dev eth0",
        "-n ops link set eth0 up",
        "-n ops route add default via 10.71.0.1",
    ]


def _site(site: Site) -> list[str]:
    inside = f"-n {site.key}"
    return [
        f"{inside} link set lo up",
        f"{inside} link add br0 type bridge forward_delay 0",
        f"{inside} address add {site.gateway}/24 dev br0",
        f"{inside} link set br0 up",
    ]


def _tun_cables(socket: Path) -> subprocess.Popen[str]:
    specs = [
        f"{key},{NAMESPACES}/core,{key},{NAMESPACES}/{key},wan" for key in SITES
    ]  # the device at the core's end has the site's name
    # Dies with the supervisor, whatever ends it.
    command = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "tests.lab.cable"]
    cable = subprocess.Popen(
        [*command, str(socket), *specs],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert cable.stdout is not None
    if cable.stdout.readline() != "ready\n":
        raise NetworkError("the cable's process ended before it was ready; it said why on stderr")
    return cable


def _veth_cables() -> list[str]:
    return [f"-n core link add {key} type veth peer name wan netns {key}" for key in SITES]


def _uplink(site: Site) -> list[str]:
    near, far = _near_end(site), _far_end(site)
    return [
        f"-n core address add {near} peer {far} dev {site.key}",
        f"-n core link set {site.key} up",
        f"-n {site.key} address add {far} peer {near} dev wan",
        f"-n {site.key} link set wan up",
        f"-n {site.key} route add default via {near}",
        f"-n core route add {site.network} via {far}",
    ]


def uplink_again(site: Site) -> list[str]:
    """After the core's end was down: its routes went with it."""
    return [
        f"-n core link set {site.key} up",
        f"-n core route replace {site.network} via {_far_end(site)}",
    ]


def _near_end(site: Site) -> str:
    return f"10.71.25{site.number}.1"


def _far_end(site: Site) -> str:
    return f"10.71.25{site.number}.2"


def _host(place: Place) -> list[str]:
    site = place.site
    if site.key not in SITES:
        return []  # the core router: its network is there already
    port = f"v{site.number}-{place.number}"  # a device's name has 15 characters at most
    return [
        f"netns add {place.name}",
        f"-n {site.key} link add {port} type veth peer name eth0 netns {place.name}",
        f"-n {site.key} link set {port} master br0 up",
        f"-n {place.name} link set lo up",
        f"-n {place.name} address add {place.address}/24 dev eth0",
        f"-n {place.name} link set eth0 up",
        f"-n {place.name} route add default via {site.gateway}",
        *(_behind(place) if "haproxy" in place.roles else ()),
    ]


def _behind(balancer: Place) -> list[str]:
    """Its site's way to the service addresses."""
    inside, via = f"-n {balancer.site.key}", balancer.address
    return [f"{inside} route add {service}/32 via {via}" for service in SERVICES]


def _ip(lines: Iterable[str]) -> None:
    for line in lines:
        _run("ip", *line.split())


def ip(*lines: str) -> None:
    """Lines for `ip`, in the supervisor's mount namespace."""
    _ip(lines)


def _inside(namespace: str, *command: str) -> None:
    _run("ip", "netns", "exec", namespace, *command)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode:
        raise NetworkError(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
