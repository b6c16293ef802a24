"""PostgreSQL 15, streaming from site to site: Debian's own cluster `15/main`.

The primary uses the cluster that the package made. The standby copies it at its first boot, and
keeps what it has at later ones.
"""

from __future__ import annotations

from tests.lab.layout import NETWORK, Place
from tests.lab.root import Root, Surroundings

UNIT = "postgresql@15-main.service"
CONFIGURATION = "/etc/postgresql/15/main"
DIRECTORY = "/var/lib/postgresql/15/main"

#: Small, and quick to notice that the other side is gone.
SETTINGS = """\
listen_addresses = '*'
shared_buffers = 16MB
max_connections = 50
wal_log_hints = on            # or pg_rewind can't be used
wal_keep_size = 64MB
wal_sender_timeout = 3s
wal_receiver_timeout = 3s
wal_retrieve_retry_interval = 500ms
fsync = on
"""

#: The lab's network is nobody's but the lab's.
ACCESS = f"host all all {NETWORK} trust\nhost replication all {NETWORK} trust\n"

PRIMARY_READY = (
    "runuser -u postgres -- psql -XAtqc 'select 1 where not pg_is_in_recovery()' | grep -q 1"
)
STANDBY_READY = (
    "runuser -u postgres -- psql -XAtqc"
    " \"select 1 from pg_stat_wal_receiver where status = 'streaming'\" | grep -q 1"
)

#: Until the primary answers, and then once: an empty data directory is what asks for it.
COPY = f"""\
[Unit]
Description=Copy the primary's cluster
ConditionPathExists=!{DIRECTORY}/PG_VERSION
Before={UNIT}

[Service]
Type=oneshot
User=postgres
TimeoutStartSec=120
ExecStart=/bin/sh -c 'until /usr/lib/postgresql/15/bin/pg_basebackup -h pri-db1 -U postgres \
-D {DIRECTORY} -R -X stream -c fast; do sleep 0.2; done'
"""


def prepare(root: Root, place: Place, lab: Surroundings) -> None:
    """A cluster that takes writes."""
    _configure(root)
    root.enable(UNIT)


def prepare_standby(root: Root, place: Place, lab: Surroundings) -> None:
    """A cluster that follows pri-db1."""
    _configure(root)
    root.opaque(DIRECTORY, mode=0o700, owner="postgres")
    root.unit("lab-copy.service", COPY)
    root.drop_in(UNIT, "[Unit]\nRequires=lab-copy.service\nAfter=lab-copy.service\n")
    root.enable(UNIT)


def _configure(root: Root) -> None:
    root.write(f"{CONFIGURATION}/conf.d/lab.conf", SETTINGS, owner="postgres")
    root.append(f"{CONFIGURATION}/pg_hba.conf", ACCESS)
