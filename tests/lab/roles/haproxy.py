"""HAProxy, one in each site, both with the same service addresses on `lo`.

Which site has a service address is the core router's route; which server a balancer gives its clients is
its own, told over its admin socket and kept over restarts in a state file: the names of the servers
are the names of the hosts.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.lab.layout import DB_SERVICE, WEB_SERVICE, Place
from tests.lab.root import Root, Surroundings

ADMIN_SOCKET = "/run/haproxy/admin.sock"

#: `show servers state > …`, before a restart, or the configuration's own choice comes back.
STATE_FILE = "/var/lib/haproxy/server-state"

#: Every server that may serve does, and both addresses are here.
READY = (
    f"echo 'show stat' | socat -t 2 - UNIX-CONNECT:{ADMIN_SOCKET} >/run/lab-ready"
    " && ! grep -qE '^(db|web),[^,]*,.*,(DOWN|no check)' /run/lab-ready"
    f" && ip address show lo | grep -q {DB_SERVICE}"
)

ADDRESSES = f"""\
[Unit]
Description=The service addresses
Before=haproxy.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/ip address replace {DB_SERVICE}/32 dev lo
ExecStart=/usr/sbin/ip address replace {WEB_SERVICE}/32 dev lo
"""

CONFIGURATION = """\
global
    stats socket {socket} mode 660 level admin
    server-state-file {state}
    user haproxy
    group haproxy
    nbthread 1
    maxconn 500

defaults
    load-server-state-from-file global
    timeout connect 1s
    timeout client 60s
    timeout server 60s
    default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions

# The database takes writes in one site only, and people say in which: never a check.
listen db
    bind {db}:5432
    mode tcp
    option pgsql-check user postgres
{databases}

listen web
    bind {web}:80
    mode http
    balance roundrobin
    option httpchk GET /healthz
{webs}
"""


def prepare(root: Root, place: Place, lab: Surroundings) -> None:
    """Both services, over the hosts that this lab has."""
    databases = [_server(host, disabled=host.site.role != "primary") for host in _with(lab, "db")]
    webs = [
        _server(host, port=80, backup=host.site != place.site)
        for host in sorted(_with(lab, "web"), key=lambda host: host.site != place.site)
    ]
    configuration = CONFIGURATION.format(
        socket=ADMIN_SOCKET, state=STATE_FILE, db=DB_SERVICE, web=WEB_SERVICE,
        databases="\n".join(databases), webs="\n".join(webs),
    )  # fmt: skip
    root.write("/etc/haproxy/haproxy.cfg", configuration)
    root.unit("lab-addresses.service", ADDRESSES)
    root.enable("haproxy.service")


def _with(lab: Surroundings, group: str) -> Iterable[Place]:
    return [place for place in lab.places.values() if group in place.groups]


def _server(host: Place, *, port: int = 5432, backup: bool = False, disabled: bool = False) -> str:
    more = " backup" * backup + " disabled" * disabled
    return f"    server {host.name} {host.address}:{port} check{more}"
