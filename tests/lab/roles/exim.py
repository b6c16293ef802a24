"""Exim as a mail relay, with the same destinations as Postfix has on the other site.

Debian's own start script (systemd makes a unit of it) runs it with `exim4.conf` where there is one.
"""

from __future__ import annotations

from tests.lab.layout import NETWORK, Place
from tests.lab.roles import sink
from tests.lab.roles.postfix import nobody
from tests.lab.root import Root, Surroundings

CONFIGURATION = """\
primary_hostname = {name}
hostlist lab = 127.0.0.1 : {network}
local_interfaces = 0.0.0.0
acl_smtp_rcpt = only_the_lab
tls_advertise_hosts =
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
# Every message is delivered at once, however many come over one connection.
smtp_accept_queue_per_connection = 0
smtp_accept_max = 60
# Or exim4 -q of every message waits for the one before.
queue_run_in_order = false
message_logs = false

begin acl
only_the_lab:
  accept hosts = : +lab
  deny

begin routers
# All that it has goes elsewhere, while somebody says so: the runbook mail-relay-failover.
.include_if_exists /etc/exim4/hand-over
refused:
  driver = manualroute
  domains = refused.test
  # Not the sink's address: Exim sends all that waits for a host over one connection to it, whatever
  # the port.
  route_list = * 127.0.0.2::26
  self = send
  transport = remote_smtp
blackhole:
  driver = manualroute
  domains = blackhole.test
  route_list = * {nobody}
  transport = remote_smtp
world:
  driver = manualroute
  route_list = * {sink_address}::{sink_port}
  self = send
  transport = remote_smtp

begin transports
remote_smtp:
  driver = smtp
  connect_timeout = 2s
  hosts_try_fastopen =

begin retry
* * F,5d,5m
"""

READY = "exim4 -bpc >/dev/null && ss -Hltn 'sport = :25' | grep -q ."


def prepare(root: Root, place: Place, lab: Surroundings) -> None:
    root.write(
        "/etc/exim4/exim4.conf",
        CONFIGURATION.format(
            name=place.name,
            network=NETWORK,
            nobody=nobody(place),
            sink_address=sink.ADDRESS,
            sink_port=sink.PORT,
        ),
    )
    root.directory("/var/log/exim4", mode=0o750, owner="Debian-exim")
    sink.install(root)
