"""Postfix as a mail relay: Debian's own instance, with queues that can be made to fill.

Mail goes to the sink on this host, as if it were the world outside; mail for `refused.test` meets a
closed port and is deferred at once, mail for `blackhole.test` waits for an answer that never comes.
"""

from __future__ import annotations

from tests.lab.layout import NETWORK, Place
from tests.lab.roles import sink
from tests.lab.root import Root, Surroundings

#: Chosen so that a queue stays as it is for as long as nobody touches it.
MAIN = """\
compatibility_level = 3.6
myhostname = {name}
mydestination =
inet_protocols = ipv4
mynetworks = 127.0.0.0/8 {network}
smtpd_relay_restrictions = permit_mynetworks, reject
relayhost = [{sink_address}]:{sink_port}
transport_maps = texthash:/etc/postfix/transport
alias_maps =
smtputf8_enable = no
# No DNS: all destinations are addresses.
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtp_connect_timeout = 2s
smtp_tls_security_level = none
queue_run_delay = 300s
minimal_backoff_time = 300s
maximal_backoff_time = 300s
default_process_limit = 20
"""

TRANSPORT = """\
refused.test smtp:[127.0.0.1]:26
blackhole.test smtp:[{nobody}]:25
"""

READY = "systemctl is-active -q postfix@- && ss -Hltn 'sport = :25' | grep -q ."


def prepare(root: Root, place: Place, lab: Surroundings) -> None:
    root.write(
        "/etc/postfix/main.cf",
        MAIN.format(
            name=place.name, network=NETWORK, sink_address=sink.ADDRESS, sink_port=sink.PORT
        ),
    )
    root.write("/etc/postfix/transport", TRANSPORT.format(nobody=nobody(place)))
    root.enable("postfix.service")
    sink.install(root)


def nobody(place: Place) -> str:
    """An address of the site that no host has."""
    return f"10.71.{place.site.number}.250"
