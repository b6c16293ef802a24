"""Mail in the lab, moved and flushed by the runbooks of the library: no message is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab import consoles, eyes
from tests.lab.layout import places
from tests.lab.queues import REFUSED, delivered, queued_mail, recipients, send_mail
from tests.lab.rig import Lab, LabHost
from tests.lab.roles.names import KEY_FILE
from tests.lab.running import begin
from tests.lab.watching import Watching, watching

RELAYS = ("pri-mx1", "rec-mx1")
HOSTS = (*RELAYS, "rec-infra")
NAME = "mail.svc.test"
COMMON = {"incident": "INC-1", "name": NAME, "domain": "ops.test", "key": KEY_FILE, "ttl": "5"}

#: However busy the machine is.
SECONDS = 200.0

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def watch(lab: Lab, reset_after: Callable[..., None], tmp_path: Path) -> Iterator[Watching]:
    """A watch over relays and name server, which are made anew afterwards."""
    directory = tmp_path / "console"
    directory.mkdir(mode=0o700)
    console = consoles.write(directory, [lab.places[name] for name in HOSTS], lab.credentials)
    with watching(lab, console, tmp_path / "watch") as watch:
        watch.until(HOSTS, lambda row: row.reach == "live")
        yield watch
    reset_after(*HOSTS)


def _move(away: str, to: str) -> dict[str, str]:
    address = places()[f"{to}-mx1"].address
    return {**COMMON, "from": away, "to": to, "address": address}


def _until_delivered(relay: LabHost, subjects: set[str]) -> None:
    missing = " ".join(sorted(subjects))
    relay.wait_until(
        f'for s in {missing}; do grep -q "\t$s$" /var/lib/lab-sink/delivered || exit 1; done',
        seconds=60,
    )


def _resolved(lab: Lab) -> str:
    return eyes.resolved(lab, NAME, lab.host("rec-infra").address)


def test_mail_moves_with_its_queue_and_comes_home_and_no_message_is_lost(
    lab: Lab, watch: Watching
) -> None:
    here, there = (lab.host(name) for name in RELAYS)
    stuck = {f"stuck-{number}" for number in range(200)}
    send_mail(lab, here.name, sorted(stuck), REFUSED)
    here.wait_until("test $(postqueue -j | wc -l) -eq 200")

    run = begin(watch, "mail-relay-failover", _move("pri", "rec"))
    run.approve("declared")
    # While it moves, clients that remember the old address still send there.
    late = {f"late-{number}" for number in range(20)}
    send_mail(lab, here.name, sorted(late))
    view = run.succeeds(SECONDS)
    assert view.row.clock_started_at and view.row.clock_stopped_at
    print(
        f"\nclients verified {(view.row.clock_stopped_at - view.row.clock_started_at) / 1000:.1f} s"
    )
    assert _resolved(lab) == there.address
    assert queued_mail(here) == 0
    # They took the way of their destination there, which refuses them as well: none is lost.
    there.wait_until("test $(exim4 -bpc) -ge 200")
    _until_delivered(there, {run.id})
    later = {f"later-{number}" for number in range(5)}
    send_mail(lab, here.name, sorted(later))
    _until_delivered(there, later)
    arrived = set(delivered(here)) | set(delivered(there))
    assert late | later <= arrived

    home = begin(watch, "mail-relay-failover", _move("rec", "pri"))
    home.approve("declared")
    home.succeeds(SECONDS)
    assert _resolved(lab) == here.address
    assert queued_mail(there) == 0
    # A message may come twice where a relay answers too late (RFC 5321, 4.5.4.2); it may not be lost.
    everyone = {f"user{number}@{REFUSED}" for number in range(200)}
    here.wait_until("test $(postqueue -j | wc -l) -ge 200")
    assert recipients(here) == everyone
    _until_delivered(here, {home.id})


def test_a_relay_that_is_cut_off_hands_its_queue_on_once_it_is_back(
    cables: Lab, watch: Watching
) -> None:
    lab, here, there = cables, cables.host("pri-mx1"), cables.host("rec-mx1")
    stuck = {f"stuck-{number}" for number in range(10)}
    send_mail(lab, here.name, sorted(stuck), REFUSED)
    here.wait_until("test $(postqueue -j | wc -l) -eq 10")
    lab.cut("pri")
    run = begin(watch, "mail-relay-failover", _move("pri", "rec"))
    run.approve("declared")
    run.until_done("delivered", SECONDS)
    assert _resolved(lab) == there.address
    assert run.view().row.state == "running"
    lab.heal("pri")
    run.succeeds(SECONDS)
    assert queued_mail(here) == 0
    there.wait_until("test $(exim4 -bpc) -eq 10")


def test_a_drill_sends_its_message_by_the_other_relay_and_moves_nothing(
    lab: Lab, watch: Watching
) -> None:
    here, there = (lab.host(name) for name in RELAYS)
    send_mail(lab, here.name, ["stuck"], REFUSED)
    here.wait_until("test $(postqueue -j | wc -l) -eq 1")
    run = begin(watch, "mail-relay-failover", _move("pri", "rec"), drill=True)
    run.approve("declared")
    run.succeeds(SECONDS)
    _until_delivered(there, {run.id})
    assert _resolved(lab) == here.address
    assert queued_mail(here) == 1


def test_what_waits_is_tried_again_when_the_world_is_well(lab: Lab, watch: Watching) -> None:
    relays = [lab.host(name) for name in RELAYS]
    waiting = {f"waits-{number}" for number in range(30)}
    for relay in relays:
        relay.run("systemctl stop lab-sink")
        send_mail(lab, relay.name, sorted(waiting))
    relays[0].wait_until("test $(postqueue -j | wc -l) -eq 30")
    relays[1].wait_until("test $(exim4 -bpc) -eq 30")
    for relay in relays:
        relay.run("systemctl start lab-sink")
    begin(watch, "mail-queue-flush", {}).succeeds(SECONDS)
    for relay in relays:
        assert queued_mail(relay) == 0
        assert waiting <= set(delivered(relay))
