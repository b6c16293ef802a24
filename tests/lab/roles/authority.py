"""Two ways to a new certificate: the private CA, which signs a request over HTTPS, and ACME.

    curl --cacert authority.pem --data-binary @request.pem https://rec-infra:8443/sign
    https://rec-infra:14000/dir    (pebble; its challenges are asked for at port 80)

The private CA is Python's ssl and openssl behind one address; it signs whatever names of lab.test a
request asks for, because who may ask is not what the lab is about. Pebble is the ACME server of the
people who made the protocol; its authority is made anew at each start.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.lab.layout import Place
from tests.lab.roles.web import key_and_request
from tests.lab.root import Root, Surroundings

DIRECTORY = "/etc/lab-authority"
SIGN_PORT, ACME_PORT, ACME_MANAGEMENT_PORT = 8443, 14000, 15000

READY = (
    f"curl -fsS --max-time 2 --cacert {DIRECTORY}/authority.pem -o /dev/null"
    f" https://localhost:{ACME_PORT}/dir"
    f" && curl -fsS --max-time 2 --cacert {DIRECTORY}/authority.pem -o /dev/null"
    f" https://localhost:{SIGN_PORT}/"
)

SIGNER = Path(__file__).parents[1] / "programs" / "certificate_signer.py"

SIGNER_UNIT = f"""\
[Unit]
Description=The private authority

[Service]
ExecStart=/usr/bin/python3 /usr/local/sbin/lab-signer {DIRECTORY} {SIGN_PORT}
Restart=always
"""

#: PEBBLE_VA_NOSLEEP: it would wait up to 15 s before it asks for a challenge. WFE_NONCEREJECT: it would
#: refuse one good request in twenty, to see whether the client tries again.
PEBBLE_UNIT = f"""\
[Unit]
Description=An ACME authority
After=named.service

[Service]
Environment=PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=5
ExecStart=/usr/bin/pebble -config {DIRECTORY}/pebble.json -dnsserver 127.0.0.1:53
Restart=always
"""


def prepare(root: Root, place: Place, lab: Surroundings) -> None:
    """Both authorities, behind a certificate of the private one."""
    key, request = key_and_request(place.name)
    names = (f"DNS:{place.name}", "DNS:localhost", f"IP:{place.address}")
    credentials = lab.credentials
    root.write(f"{DIRECTORY}/key.pem", key, mode=0o600)
    root.write(f"{DIRECTORY}/cert.pem", credentials.sign(request, names))
    root.copy(credentials.tls_authority, f"{DIRECTORY}/authority.pem")
    authority_key = credentials.tls_authority.with_suffix(".key")
    root.copy(authority_key, f"{DIRECTORY}/authority.key", mode=0o600)
    root.copy(SIGNER, "/usr/local/sbin/lab-signer", mode=0o755)
    root.write(f"{DIRECTORY}/pebble.json", json.dumps(_pebble(), indent=2))
    root.unit("lab-signer.service", SIGNER_UNIT)
    root.unit("lab-pebble.service", PEBBLE_UNIT)


def _pebble() -> dict[str, object]:
    return {
        "pebble": {
            "listenAddress": f"0.0.0.0:{ACME_PORT}",
            "managementListenAddress": f"0.0.0.0:{ACME_MANAGEMENT_PORT}",
            "certificate": f"{DIRECTORY}/cert.pem",
            "privateKey": f"{DIRECTORY}/key.pem",
            "httpPort": 80,
            "tlsPort": 443,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": False,
        }
    }
