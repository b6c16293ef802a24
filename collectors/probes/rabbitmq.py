"""RabbitMQ: what waits in its queues, by `rabbitmqctl`, or by its management API if one is named.

`rabbitmqctl` starts an Erlang machine each time, 0.8 to 11 s of the host's time, and needs root;
the API is cheap and counts what was published too, so that it knows rates.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collectors.probes.probe import cut, refusal, unreadable
from collectors.probes.queuelines import (
    MOST_QUEUES,
    only_the_deepest,
    queue_reading,
    read_lines,
    unread_queue,
)
from collectors.programs import program
from collectors.runner import Answer
from estate.model import Host
from estate.samples import Gap, Reading

_COLUMNS = "name,vhost,messages,message_stats.publish,head_message_timestamp"
_ASKED = f"api/queues?page=1&page_size={MOST_QUEUES}&sort=messages&sort_reverse=true"
#: More than any queue holds, and no more than a float counts exactly.
_MOST = 10**15


class RabbitMq:
    """Readings as in `queuelines`, the deepest first; a queue of another vhost is "VHOST/NAME"."""

    name = "rabbitmq"
    cadence_ms = 120_000
    deadline_ms = 45_000

    def command(self, host: Host) -> str:
        asked = [queue for queue in host.queues if queue.kind == self.name]
        if not asked:
            return ""
        for queue in asked:
            if queue.api:
                # -K reads the password from a file: in an argument every user of the host sees it.
                secret = ("-K", queue.password_file) if queue.password_file else ()
                url = f"{queue.api.rstrip('/')}/{_ASKED}&columns={_COLUMNS}"
                return f"exec {shlex.join(('curl', '-sS', '-f', '-m', '30', *secret, url))} 2>&1\n"
        return program("probes/rabbitmq.sh")

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        return _read_api(answer) if answer.output[:1] == b"{" else read_lines(answer)


def _read_api(answer: Answer) -> tuple[Reading | Gap, ...]:
    refused = refusal(answer)
    if refused or answer.truncated:
        return (refused,) if refused else cut(answer)
    try:
        page = json.loads(answer.output)
        items = page["items"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return (unreadable(answer.output[:200]),)
    if not isinstance(items, list):
        return (unreadable(answer.output[:200]),)
    now = answer.answered_at / 1000
    queues = tuple(_queue(item, now) for item in items[:MOST_QUEUES])
    return (*queues, *_others(page, items)) or (Gap("it has no queues"),)


def _others(page: Mapping[str, Any], items: Sequence[Any]) -> Iterator[Gap]:
    """That the broker has more queues than are told of; a full page that counts none may be one
    of several. The deepest come first, and what nobody can look into is in no order."""
    told = min(len(items), MOST_QUEUES)
    counts = [_count(page.get(key)) for key in ("filtered_count", "total_count")]
    known = [count for count in (*counts, len(items)) if count is not None]
    if max(known) > told or (told == MOST_QUEUES and counts == [None, None]):
        last = items[told - 1] if told else None
        empty = isinstance(last, Mapping) and _count(last.get("messages")) == 0
        yield only_the_deepest(others_wait=not empty)


def _queue(item: object, now: float) -> Reading | Gap:
    if not isinstance(item, Mapping) or not isinstance(item.get("name"), str):
        return unreadable(str(item)[:200])
    name, vhost, depth = item["name"], item.get("vhost", "/"), _count(item.get("messages"))
    if depth is None:  # it is told a moment after a queue was made
        return unread_queue(_full_name(name, vhost), "its depth is not known")
    stats = item.get("message_stats")
    came = _count(stats.get("publish")) if isinstance(stats, Mapping) else None
    made = _count(item.get("head_message_timestamp"))
    return queue_reading(
        _full_name(name, vhost),
        depth,
        oldest="-" if made is None or made > now else int(now - made),
        came="-" if came is None else came,
    )


def _full_name(name: str, vhost: object) -> str:
    return name if vhost == "/" else f"{vhost}/{name}"


def _count(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= _MOST else None
