"""nginx with TLS before a small application: what is drained, patched and given new certificates.

Key and certificate lie in a release directory, and one symbolic link says which release is served:

    /etc/ssl/service/rel-0/key.pem, cert.pem (and the chain)
    /etc/ssl/service/current -> rel-0
"""

from __future__ import annotations

import subprocess

from tests.lab.layout import Place
from tests.lab.roles import labapp
from tests.lab.root import Root, Surroundings

TLS = "/etc/ssl/service"
CHALLENGES = "/var/www/acme"
FIRST_VERSION = "1.0"

READY = (
    "curl -fsS --max-time 2 -o /dev/null http://127.0.0.1/healthz"
    " && curl -fskS --max-time 2 -o /dev/null https://127.0.0.1/healthz"
)

#: A worker, not one for each of the machine's processors.
NGINX = """\
user www-data;
worker_processes 1;
pid /run/nginx.pid;
events {{ worker_connections 256; }}

http {{
    access_log /var/log/nginx/access.log;
    error_log /var/log/nginx/error.log;

    server {{
        listen 80 default_server;
        listen 443 ssl default_server;
        server_name {name};
        ssl_certificate {tls}/current/cert.pem;
        ssl_certificate_key {tls}/current/key.pem;

        location /.well-known/acme-challenge/ {{
            alias {challenges}/;
        }}
        location / {{
            proxy_pass http://127.0.0.1:{port};
            proxy_connect_timeout 1s;
        }}
    }}
}}
"""

#: With dpkg itself, so that the host knows what it has. Once: what is upgraded stays upgraded.
INSTALL = f"""\
[Unit]
Description=Install the first labapp
ConditionPathExists=!/var/lib/dpkg/info/labapp.list

[Service]
Type=oneshot
ExecStart=/usr/bin/dpkg --install /usr/share/lab/{labapp.file_name(FIRST_VERSION)}
"""


def prepare(root: Root, place: Place, lab: Surroundings) -> None:
    """Serving labapp 1.0 on ports 80 and 443 as NAME.lab.test."""
    name = f"{place.name}.lab.test"
    root.write(
        "/etc/nginx/nginx.conf",
        NGINX.format(name=name, tls=TLS, challenges=CHALLENGES, port=labapp.PORT),
    )
    key, request = key_and_request(name)
    certificate = lab.credentials.sign(request, (f"DNS:{name}", f"IP:{place.address}"))
    authority = lab.credentials.tls_authority.read_text()
    root.write(f"{TLS}/rel-0/key.pem", key, mode=0o600)
    root.write(f"{TLS}/rel-0/cert.pem", certificate + authority)
    root.write(f"{TLS}/authority.pem", authority)
    root.link(f"{TLS}/current", "rel-0")
    root.directory(CHALLENGES)
    root.write(f"/usr/share/lab/{labapp.file_name(FIRST_VERSION)}", labapp.package(FIRST_VERSION))
    root.unit("lab-install.service", INSTALL)
    root.enable("nginx.service")


def key_and_request(name: str) -> tuple[str, str]:
    """A private key and a request for a certificate, both PEM."""
    key = _openssl("ecparam", "-genkey", "-noout", "-name", "prime256v1")
    request = _openssl("req", "-new", "-key", "/dev/stdin", "-subj", f"/CN={name}", stdin=key)
    return key, request


def _openssl(*arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        ["openssl", *arguments], input=stdin, capture_output=True, text=True, timeout=30, check=True
    )
    return done.stdout
