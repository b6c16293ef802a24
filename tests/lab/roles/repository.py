"""The apt repository of the lab, and the only one that its hosts know: a flat directory over HTTP.

The pool has what is published; /srv/apt/withheld what a test may publish:

    mv /srv/apt/withheld/labapp_3.0_all.deb /srv/apt/pool/ && publish-packages
"""

from __future__ import annotations

from tests.lab.layout import Place
from tests.lab.roles import labapp
from tests.lab.root import Root, Surroundings

POOL = "/srv/apt/pool"
WITHHELD = "/srv/apt/withheld"

READY = "curl -fsS --max-time 2 http://127.0.0.1/apt/Packages | grep -q labapp"

NGINX = """\
user www-data;
worker_processes 1;
pid /run/nginx.pid;
events { worker_connections 256; }

http {
    access_log /var/log/nginx/access.log;
    error_log /var/log/nginx/error.log;

    server {
        listen 80 default_server;
        location /apt/ { root /srv; }
    }
}
"""

#: Renamed into place: a host that updates meanwhile sees the old index or the new one.
PUBLISH = """\
#!/bin/sh
set -e
cd /srv/apt
apt-ftparchive packages pool >/run/Packages
mv /run/Packages Packages
apt-ftparchive release . >/run/Release
mv /run/Release Release
"""

INDEX = """\
[Unit]
Description=Index the packages that are published
Before=nginx.service

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/publish-packages
"""


def prepare(root: Root, place: Place, lab: Surroundings) -> None:
    """labapp 1.0 and 2.0 are published, the one that is sick is withheld."""
    for version in labapp.VERSIONS:
        directory = WITHHELD if version == labapp.SICK else POOL
        root.write(f"{directory}/{labapp.file_name(version)}", labapp.package(version))
    root.write("/usr/local/sbin/publish-packages", PUBLISH, mode=0o755)
    root.unit("lab-index.service", INDEX)
    root.write("/etc/nginx/nginx.conf", NGINX)
    root.enable("nginx.service")
