"""What a filter can ask of a queue, and the answers for one row; as `estate.fields` for hosts."""

from __future__ import annotations

from collections.abc import Mapping

from estate.fields import Field
from estate.queues import QUEUE_KINDS, QueueRow

STATES = ("critical", "warning", "unknown", "ok")
TRENDS = ("rising", "falling", "steady")

QUEUE_FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("name", "text", "what the board calls it"),
        Field("key", "text", "what tells it from all others"),
        Field("queue", "text", "what its host calls it"),
        Field("kind", "text", ", ".join(QUEUE_KINDS), QUEUE_KINDS),
        Field("group", "text", "the group of its hosts"),
        Field("site", "text", "the key of its site"),
        Field("service", "text", "the service that it belongs to"),
        Field("host", "text", "any host that holds a part of it"),
        Field("state", "text", ", ".join(STATES), STATES),
        Field("trend", "text", ", ".join(TRENDS), TRENDS),
        Field("why", "text", "why it is not well, or not known"),
        Field("depth", "", "what waits"),
        Field("oldest", "s", "how long the oldest has waited"),
        Field("in", "", "what comes in a minute"),
        Field("out", "", "what leaves in a minute"),
        Field("net", "", "by how much it grows in a minute"),
        Field("full_in", "s", "until it is full"),
        Field("empty_in", "s", "until it is empty"),
        Field("age", "s", "age of its figures"),
    )
}


def queue_fields(row: QueueRow, now: int) -> dict[str, object]:
    """The fields of `QUEUE_FIELDS` for one queue at `now`, UTC ms."""
    return {
        "name": row.name,
        "key": row.key,
        "queue": row.queue or None,
        "kind": row.kind,
        "group": row.group,
        "site": row.site,
        "service": row.service or None,
        "host": tuple(part.host for part in row.parts),
        "state": row.state,
        "trend": row.trend or None,
        "why": row.why or None,
        "depth": row.depth,
        "oldest": row.oldest_seconds,
        "in": row.in_per_minute,
        "out": row.out_per_minute,
        "net": row.net_per_minute,
        "full_in": row.full_in_seconds,
        "empty_in": row.empty_in_seconds,
        "age": None if row.at is None else (now - row.at) / 1000,
    }
