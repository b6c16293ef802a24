"""RabbitMQ with a few durable queues and a user who may use them from anywhere in the lab."""

from __future__ import annotations

import base64
import hashlib
import json

from tests.lab.layout import Place
from tests.lab.root import Root, Surroundings

QUEUES = ("mail.out", "orders", "orders.dead")
USER, PASSWORD = "lab", "lab"

#: One scheduler that sleeps when it has nothing to do: on two cores every other would only spin.
ENVIRONMENT = """\
NODENAME=rabbit@{name}
SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +A 4 +sbwt none +sbwtdcpu none +sbwtdio none"
"""

SETTINGS = """\
load_definitions = /etc/rabbitmq/definitions.json
listeners.tcp.1 = 0.0.0.0:5672
log.console = false
"""

# Active means started: the unit is of the kind that tells. To ask rabbitmqctl costs a second.
READY = "systemctl is-active -q rabbitmq-server && ss -Hltn 'sport = :5672' | grep -q ."


def prepare(root: Root, place: Place, lab: Surroundings) -> None:
    root.write("/etc/rabbitmq/rabbitmq-env.conf", ENVIRONMENT.format(name=place.name))
    root.write("/etc/rabbitmq/rabbitmq.conf", SETTINGS)
    root.write("/etc/rabbitmq/enabled_plugins", "[].\n")
    root.write("/etc/rabbitmq/definitions.json", json.dumps(_definitions(), indent=1))
    root.enable("rabbitmq-server.service")


def _definitions() -> dict[str, object]:
    everything = ".*"
    return {
        "vhosts": [{"name": "/"}],
        "users": [
            {
                "name": USER,
                "password_hash": _hashed(PASSWORD),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": ["administrator"],
            }
        ],
        "permissions": [
            {
                "user": USER,
                "vhost": "/",
                "configure": everything,
                "write": everything,
                "read": everything,
            }
        ],
        "queues": [
            {"name": name, "vhost": "/", "durable": True, "auto_delete": False, "arguments": {}}
            for name in QUEUES
        ],
    }


def _hashed(password: str) -> str:
    """RabbitMQ's own form: a salt of four bytes, then SHA-256 of salt and password."""
    salt = b"lab!"
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
