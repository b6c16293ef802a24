"""BIND with two zones: lab.test has every host, svc.test the services; both take signed updates.

nsupdate -k /etc/bind/lab.key     (on this host, and nowhere else)
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping

from tests.lab.layout import DB_SERVICE, WEB_SERVICE, Place
from tests.lab.root import Root, Surroundings

KEY_FILE = "/etc/bind/lab.key"
ZONES = "/var/lib/bind"
TTL_SECONDS = 5

READY = "dig +short +time=1 +tries=1 @127.0.0.1 db.svc.test | grep -q ."

KEY = 'key "lab" {{ algorithm hmac-sha256; secret "{secret}"; }};\n'

CONFIGURATION = f"""\
include "{KEY_FILE}";
options {{
    directory "/var/cache/bind";
    recursion no;
    dnssec-validation no;
    listen-on-v6 {{ none; }};
}};
zone "lab.test" {{ type primary; file "{ZONES}/lab.test"; allow-update {{ key lab; }}; }};
zone "svc.test" {{ type primary; file "{ZONES}/svc.test"; allow-update {{ key lab; }}; }};
"""

ZONE = f"""\
$TTL {TTL_SECONDS}
@ IN SOA ns root 1 60 60 3600 {TTL_SECONDS}
@ IN NS ns
"""


def prepare(root: Root, place: Place, lab: Surroundings) -> None:
    """Serving both zones on port 53."""
    secret = base64.b64encode(secrets.token_bytes(32)).decode()
    root.write(KEY_FILE, KEY.format(secret=secret), mode=0o640, owner="bind")
    root.write("/etc/bind/named.conf", CONFIGURATION)
    root.write("/etc/default/named", 'OPTIONS="-u bind -4 -n 1"\n')
    hosts = {host.name: host.address for host in lab.places.values()}
    services = {"db": DB_SERVICE, "web": WEB_SERVICE}
    for host in lab.places.values():
        if "postfix" in host.roles:
            services["mail"] = host.address
    for zone, addresses in (("lab.test", hosts), ("svc.test", services)):
        text = ZONE + _addresses({"ns": place.address, **addresses})
        root.write(f"{ZONES}/{zone}", text, owner="bind")
    root.write("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    root.enable("named.service")


def _addresses(addresses: Mapping[str, str]) -> str:
    return "".join(f"{name} IN A {address}\n" for name, address in addresses.items())
