"""Services of the lab, asked as their users would: real servers, a real outage, mail all the way round."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from estate.availability import ServiceRow
from tests.lab import consoles
from tests.lab.layout import DB_SERVICE, places
from tests.lab.queues import delivered
from tests.lab.rig import Lab
from tests.lab.roles import sink
from tests.lab.watching import Watching, watching

HOSTS = ("pri-mx1", "pri-web1")

#: A probe a second for each server; the mail goes round more slowly.
SERVICES = """\
services:
  database: {{probes: [{{postgres: "{db}:5432", every: 1s}}]}}
  web: {{probes: [{{http: "http://{web}/", every: 1s}}]}}
  secure: {{probes: [{{tls: "{web}:443", verify: false, every: 1s}}]}}
  postfix: {{probes: [{{smtp: "{postfix}:25", every: 1s}}]}}
  exim: {{probes: [{{smtp: "{exim}:25", every: 1s}}]}}
  names: {{probes: [{{dns: "db.svc.test A @{names}", expect: {db}, every: 1s}}]}}
  cache: {{probes: [{{tcp: "{redis}:6379", every: 1s}}]}}
  round-trip:
    probes: [{{mail: canary@good.test, submit: "{postfix}:25", spool: {spool}, every: 3s, timeout: 2s}}]
"""


@pytest.fixture
def watch(lab: Lab, tmp_path: Path) -> Iterator[Watching]:
    directory = tmp_path / "console"
    directory.mkdir(mode=0o700)
    # The mailbox of the lab is what its sink took: found there, and taken out.
    find = f"grep -q $TOKEN {sink.DELIVERED} && sed -i /$TOKEN/d {sink.DELIVERED}"
    spool = f'ssh -F {shlex.quote(str(directory / "ssh_config"))} pri-mx1 "{find}"'
    address = {name: place.address for name, place in places().items()}
    also = SERVICES.format(
        db=DB_SERVICE, web=address["pri-web1"], postfix=address["pri-mx1"],
        exim=address["rec-mx1"], names=address["rec-infra"], redis=address["rec-mq1"],
        spool=f"'{spool}'",
    )  # fmt: skip
    console = consoles.write(
        directory, [lab.places[name] for name in HOSTS], lab.credentials, also=also
    )
    with watching(lab, console, tmp_path / "watch") as watch:
        yield watch


def rows(watch: Watching) -> dict[str, ServiceRow]:
    return {row.key: row for row in watch.board().services}


def states(watch: Watching) -> dict[str, str]:
    return {key: row.state for key, row in rows(watch).items()}


def test_real_servers_are_well_and_one_that_hangs_costs_itself_alone(
    lab: Lab, watch: Watching
) -> None:
    watch.eventually(
        lambda: set(states(watch).values()) == {"up"} and len(states(watch)) == 8,
        "every service is up",
    )
    lab.host("pri-web1").freeze()  # TCP connects, and nobody speaks
    watch.eventually(
        lambda: states(watch)["web"] == states(watch)["secure"] == "down", "the web hangs"
    )
    found = rows(watch)
    assert found["web"].cause.endswith("no answer within 0.8 s")
    assert {key for key, row in found.items() if row.state != "up"} == {"web", "secure"}
    lab.host("pri-web1").thaw()
    watch.eventually(lambda: states(watch)["web"] == "up", "the web is back")

    relay = lab.host("pri-mx1")
    relay.run("systemctl stop lab-sink")
    watch.eventually(lambda: states(watch)["round-trip"] == "down", "mail does not arrive")
    found = rows(watch)
    assert found["round-trip"].cause.endswith("took it, and it was not delivered within 2 s")
    assert found["postfix"].state == "up", "the server itself greets as ever"
    relay.run("systemctl start lab-sink && postqueue -f")
    watch.eventually(lambda: states(watch)["round-trip"] == "up", "mail arrives again")
    # What arrived in time was taken out; what came too late is what the spool's owner deletes.
    relay.run("postqueue -f")
    left = [each for each in delivered(relay) if "twinwatch canary" in each]
    kept = watch.client.get("/v1/services/round-trip/rounds", {"start": 0, "end": 1 << 50})
    assert len(left) <= len([each for each in kept if each["seen"] == "x"]) + 1
