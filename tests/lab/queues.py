"""Work that waits, put into the lab's queues from the operations network, and counted by the parts
that hold it."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Iterable

from tests.lab.rig import Lab, LabHost
from tests.lab.roles import sink

#: Where mail of a relay goes: at once into its sink, or into its queue for a while.
DELIVERED, REFUSED, UNANSWERED = "good.test", "refused.test", "blackhole.test"

SMTP_SECONDS = 20.0


def send_mail(lab: Lab, relay: str, subjects: Iterable[str], domain: str = DELIVERED) -> None:
    """A message for each subject, taken by the relay before this returns. Raises OSError or
    SMTPException where it is not."""
    with (
        lab.in_network("ops"),
        smtplib.SMTP(
            lab.host(relay).address, timeout=SMTP_SECONDS, local_hostname="ops.test"
        ) as client,
    ):
        for number, subject in enumerate(subjects):
            text = f"Subject: {subject}\r\nFrom: app@shop.test\r\n\r\nNumber {number}\r\n"
            client.sendmail("app@shop.test", [f"user{number}@{domain}"], text)


def delivered(relay: LabHost) -> list[str]:
    """Subjects of the messages that left the relay for the world, in order; once a recipient."""
    lines = relay.read(sink.DELIVERED).splitlines()
    return [line.partition("\t")[2] for line in lines]


def queued_mail(relay: LabHost) -> int:
    """Messages in the relay's queues, whichever mail server it runs."""
    if relay.place.image == "exim":
        return int(relay.run("exim4 -bpc"))
    return len([json.loads(line) for line in relay.run("postqueue -j").splitlines()])


def recipients(relay: LabHost) -> set[str]:
    """For whom Postfix has mail in its queues."""
    messages = [json.loads(line) for line in relay.run("postqueue -j").splitlines()]
    return {each["address"] for message in messages for each in message["recipients"]}


def publish(broker: LabHost, queue: str, count: int) -> None:
    """Messages into a RabbitMQ queue, inside the broker: no client library is needed for that."""
    broker.run(
        "rabbitmqctl -q eval '"
        '[rabbit_basic:publish(rabbit_misc:r(<<"/">>, exchange, <<>>), '
        f'<<"{queue}">>, rabbit_basic:properties([{{delivery_mode, 2}}]), <<"work">>)'
        f" || _ <- lists:seq(1, {count})], ok.'"
    )


def waiting(broker: LabHost) -> dict[str, int]:
    """Messages that are ready, by RabbitMQ queue."""
    rows = broker.run("rabbitmqctl -q --formatter json list_queues name messages_ready")
    return {row["name"]: int(row["messages_ready"]) for row in json.loads(rows)}


def push(store: LabHost, queue: str, count: int) -> None:
    """Items onto a Redis list."""
    store.run(f"redis-cli -r {count} rpush {queue} item >/dev/null")


def length(store: LabHost, queue: str) -> int:
    """Of a Redis list."""
    return int(store.run(f"redis-cli llen {queue}"))
