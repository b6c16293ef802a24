"""Queues of the lab's mail servers, broker and store: what the board says is what they hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from estate.document import Series
from estate.queues import QueueRow
from estate.wire import from_json
from tests.lab import consoles
from tests.lab.queues import REFUSED, length, publish, push, queued_mail, send_mail, waiting
from tests.lab.rig import Lab, LabHost
from tests.lab.watching import Watching, watching

#: Who holds what; each is a group of its own here.
HELD = {"pri-mx1": "postfix", "rec-mx1": "exim", "pri-mq1": "rabbitmq", "rec-mq1": "redis"}
MESSAGES, BURSTS = 5_000, 5
FULL = 20_000
SMS, AUDIT = "queue:sms", "stream:audit"

QUEUES = f"""\
services:
  work:
    queues:
      - {{postfix: postfix, warn: 100, critical: 1000, full: {FULL}, hold: 0s}}
      - {{exim: exim}}
      - {{rabbitmq: rabbitmq, only: [orders], warn: 1000, hold: 0s}}
      - {{redis: redis, only: ["{SMS}", "{AUDIT}"]}}
"""


@pytest.fixture
def watch(lab: Lab, tmp_path: Path) -> Iterator[Watching]:
    """A watch over them; what a test puts into their queues is taken out again."""
    directory = tmp_path / "console"
    directory.mkdir(mode=0o700)
    places = [replace(lab.places[name], groups=(kind,)) for name, kind in HELD.items()]
    console = consoles.write(directory, places, lab.credentials, also=QUEUES)
    hosts = {kind: lab.host(name) for name, kind in HELD.items()}
    already = length(hosts["redis"], SMS)
    with watching(lab, console, tmp_path / "watch") as watch:
        watch.until(HELD, lambda row: row.reach == "live")
        yield watch
    hosts["postfix"].run("postsuper -d ALL 2>/dev/null")
    hosts["exim"].run(
        "exim4 -bp | sed -n 's/.* \\([^ ]*\\) <.*/\\1/p' | xargs -r exim4 -Mrm >/dev/null"
    )
    hosts["rabbitmq"].run("rabbitmqctl -q purge_queue orders >/dev/null")
    hosts["redis"].run(f"redis-cli ltrim {SMS} 0 {already - 1} >/dev/null")


def row(watch: Watching, name: str) -> QueueRow | None:
    """The row of a queue by its kind and what its host calls it."""
    rows = watch.board().queues
    return next((row for row in rows if f"{row.kind} {row.queue}" == name), None)


def shown(watch: Watching, name: str, holds: Callable[[QueueRow], object]) -> QueueRow:
    """The row once `holds`; its host is asked again and again meanwhile."""
    host = next(host for host, kind in HELD.items() if name.startswith(kind))
    asked = 0.0

    def found() -> QueueRow | None:
        nonlocal asked
        if time.monotonic() - asked > 1:
            watch.refresh(host)
            asked = time.monotonic()
        each = row(watch, name)
        return each if each is not None and holds(each) else None

    answer = watch.eventually(found, f"{name} is not as it should be: {row(watch, name)}")
    assert isinstance(answer, QueueRow)
    return answer


def kept(watch: Watching, queue: str) -> list[float]:
    """Its depths of the last hour, as the records have them."""
    start = watch.board().at - 3_600_000
    asked = {"queue": queue, "start": start, "end": start + 3_700_000, "points": 2_000}
    series = from_json(Series, watch.client.get("/v1/queues/history", asked))
    return [mean for _, _, mean, _ in series.points]


def storm(relay: LabHost, messages: int) -> None:
    """Mail for a closed port, from the relay itself: Postfix's own load generator."""
    relay.run(f"smtp-source -s 8 -m {messages} -f app@shop.test -t user@{REFUSED} 127.0.0.1:25")


def test_a_storm_is_shown_with_its_depth_and_its_time_to_full(lab: Lab, watch: Watching) -> None:
    relay, store, broker = lab.host("pri-mx1"), lab.host("rec-mq1"), lab.host("pri-mq1")
    before = length(store, SMS)
    # A look in between, as the cadence would give one a half minute; closer than five seconds to
    # each other they are one.
    for burst in range(BURSTS):
        storm(relay, MESSAGES // BURSTS)
        watch.refresh("pri-mx1")
        if burst == 0:
            push(store, SMS, 700)
            send_mail(lab, "rec-mx1", (f"s{n}" for n in range(30)), REFUSED)
        time.sleep(5.5)
    publish(broker, "orders", 1_200)

    relay.wait_until(
        f"test $(find /var/spool/postfix/deferred -type f | wc -l) -eq {MESSAGES}", seconds=60
    )
    found = shown(watch, "postfix deferred", lambda each: each.depth == MESSAGES)
    assert queued_mail(relay) == MESSAGES
    assert found.trend == "rising"
    assert found.net_per_minute is not None and found.net_per_minute > 0
    assert found.full_in_seconds is not None
    room = FULL - MESSAGES
    assert found.full_in_seconds == pytest.approx(60 * room / found.net_per_minute, rel=0.02)
    assert found.state == "critical"
    assert found.oldest_seconds is not None and 0 < found.oldest_seconds < 300
    assert [to.name for to in found.destinations] == [REFUSED]
    problem = next(each for each in watch.problems() if each.kind == "queue")
    assert problem.what.startswith("deferred 5,000 > 1,000, full in ")

    assert shown(watch, "redis " + SMS, lambda each: each.depth != before).depth == before + 700
    assert length(store, SMS) == before + 700
    # Five entries are in it, and none of them was given to anybody.
    assert shown(watch, f"redis {AUDIT} archive", lambda each: True).depth == 5
    exim = lab.host("rec-mx1")
    assert shown(watch, "exim waiting", lambda each: each.depth == queued_mail(exim)).depth == 30
    assert shown(watch, "rabbitmq orders", lambda each: each.depth).depth == 1_200
    assert waiting(broker)["orders"] == 1_200

    depths = watch.eventually(
        lambda: [each for each in [kept(watch, found.key)] if each and each[-1] == MESSAGES],
        "the last depth is not in the records",
    )[0]
    assert depths == sorted(depths)


def test_a_queue_that_nobody_may_see_is_unknown_and_says_why(lab: Lab, watch: Watching) -> None:
    store = lab.host("rec-mq1")
    shown(watch, "redis " + SMS, lambda each: each.depth is not None)
    store.run("systemctl stop redis-server")
    try:
        gone = shown(watch, "redis " + SMS, lambda each: each.depth is None)
        assert gone.state == "unknown"
        assert "Could not connect to Redis" in gone.why
    finally:
        store.run("systemctl start redis-server")
    shown(watch, "redis " + SMS, lambda each: each.depth is not None)
