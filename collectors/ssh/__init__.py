"""SSH as the collection needs it: strict about whom it trusts, exact about what went wrong.

Read in the order in which a connection is made:

    config      ssh_config -> Route: which hops, which user, which keys
    dial        a Route -> an authenticated Connection, with a deadline on every stage
    link        the bytes under a connection: a TCP socket, or a channel through a jump host
    hostkeys    known_hosts: is this the host it claims to be?
    certificate host certificates signed by a `@cert-authority`
    identities  which keys to offer, from files and from the agent
    connection  channels over one connection, all on the event loop
    packets     the bytes of a link as packets, for a thread or the event loop
    transport   paramiko's key exchange, ciphers and authentication, and how its thread is parked
    failure     every way this can go wrong, as a Reach and a Cause
    jumps       jump hosts, connected once and shared by the hosts behind them

Only this package imports paramiko.
"""

import sys

# paramiko loads `invoke` for the `Match exec` of its own reader of ssh_config, which is not used
# here: a quarter of what importing the collection costs. None makes it do without.
sys.modules.setdefault("invoke", None)  # type: ignore[arg-type]
