"""Redis with two lists that serve as queues and a stream with a group of readers."""

from __future__ import annotations

from tests.lab.layout import Place
from tests.lab.root import Root, Surroundings

LISTS = ("queue:sms", "queue:push")
STREAM, GROUP = "stream:audit", "archive"

#: Read last, so that it wins. The lab's network is nobody's but the lab's.
SETTINGS = """\
bind 0.0.0.0
protected-mode no
appendonly yes
save ""
maxmemory 16mb
logfile ""
"""

#: At the first boot only: what is in the queues later is for tests to say.
SEED = f"""\
redis-cli exists {STREAM} | grep -q 1 && exit
for queue in {" ".join(LISTS)}; do redis-cli rpush $queue one two three; done
redis-cli xgroup create {STREAM} {GROUP} 0 mkstream
for entry in 1 2 3 4 5; do redis-cli xadd {STREAM} '*' entry $entry; done
"""

SERVICE = """\
[Unit]
Description=Something to wait in the queues
Requires=redis-server.service
After=redis-server.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /usr/local/lib/lab/seed-redis.sh
"""

READY = "systemctl is-active -q redis-server lab-seed"


def prepare(root: Root, place: Place, lab: Surroundings) -> None:
    root.append("/etc/redis/redis.conf", "include /etc/redis/lab.conf\n")
    root.write("/etc/redis/lab.conf", SETTINGS)
    root.write("/usr/local/lib/lab/seed-redis.sh", SEED)
    root.unit("lab-seed.service", SERVICE)
    root.enable("redis-server.service")
