"""A whole site is asked whether it could take over, is left by every service, and its logs are collected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab import consoles, eyes
from tests.lab.layout import DB_SERVICE, WEB_SERVICE, places
from tests.lab.queues import queued_mail, send_mail
from tests.lab.rig import Lab
from tests.lab.roles.names import KEY_FILE
from tests.lab.running import begin
from tests.lab.traffic import traffic
from tests.lab.watching import Watching, watching

#: Every host that carries a service of this runbook.
HOSTS = (
    "core", "pri-db1", "pri-lb1", "pri-mx1", "pri-web1", "pri-web2",
    "rec-db1", "rec-lb1", "rec-mx1", "rec-web1", "rec-infra",
)  # fmt: skip

MAIL_NAME = "mail.svc.test"
EVACUATION = {
    "change": "CHG-1", "from": "pri", "to": "rec", "next_hop": "10.71.252.2",
    "db_address": DB_SERVICE, "web_address": WEB_SERVICE,
    "mail_address": places()["rec-mx1"].address, "mail_name": MAIL_NAME, "mail_domain": "ops.test",
    "ttl": "5", "key": KEY_FILE, "client": "core",
}  # fmt: skip

#: However busy the machine is.
SECONDS = 250.0

pytestmark = pytest.mark.timeout(650)


@pytest.fixture
def watch(lab: Lab, tmp_path: Path) -> Iterator[Watching]:
    directory = tmp_path / "console"
    directory.mkdir(mode=0o700)
    console = consoles.write(directory, [lab.places[name] for name in HOSTS], lab.credentials)
    with watching(lab, console, tmp_path / "watch") as watch:
        watch.until(HOSTS, lambda row: row.reach == "live")
        yield watch


@pytest.fixture
def whole_again(lab: Lab, reset_after: Callable[..., None]) -> Iterator[None]:
    """Every service is at home afterwards."""
    yield
    lab.serve_from("pri")
    reset_after(*HOSTS)


def test_a_site_that_could_take_over_is_ready_and_one_that_could_not_is_told_everything(
    lab: Lab, watch: Watching, reset_after: Callable[..., None]
) -> None:
    begin(watch, "readiness-check", {"to": "rec"}).succeeds(SECONDS)
    reset_after("rec-mx1", "rec-web1")
    lab.host("rec-mx1").run("pkill exim4")
    lab.host("rec-web1").run("systemctl stop labapp")
    run = begin(watch, "readiness-check", {"to": "rec"})
    assert run.until_ended(SECONDS) == "failed"
    steps = {step.id: step.state for step in run.view().steps}
    assert steps["mail"] == steps["pages"] == "failed"
    assert steps["streams"] == steps["certificates"] == steps["hosts"] == "ok"
    assert "it needs" in run.tasks("ready")[0].why


def test_every_service_leaves_a_site_and_nothing_acknowledged_is_lost(
    lab: Lab, watch: Watching, whole_again: None
) -> None:
    primary, standby = lab.host("pri-db1"), lab.host("rec-db1")
    eyes.table_for_writes(primary)
    send_mail(lab, "pri-mx1", [f"waits-{number}" for number in range(20)], "refused.test")
    with eyes.writing(lab) as writer, traffic(lab) as pages:
        run = begin(watch, "site-evacuation", EVACUATION)
        run.approve("declared")
        view = run.succeeds(SECONDS)
        writer.first_after(max(write.at for write in writer.acknowledged))
    assert view.row.clock_started_at and view.row.clock_stopped_at
    took = (view.row.clock_stopped_at - view.row.clock_started_at) / 1000
    print(
        f"\n{took:.1f} s; {len(writer.acknowledged)} rows, {len(writer.failed)} refused meanwhile;"
    )
    print(f"{pages.requests} pages, {len(pages.failures)} failed; {pages.answers}")
    assert eyes.takes_writes(standby)
    assert {write.number for write in writer.acknowledged} <= eyes.written(standby)
    assert primary.run("systemctl is-enabled postgresql@15-main", check=False) == "masked"
    assert pages.failures == []
    assert any("on rec-web1" in answer for answer in pages.answers)
    assert (
        eyes.resolved(lab, MAIL_NAME, lab.host("rec-infra").address) == EVACUATION["mail_address"]
    )
    assert queued_mail(lab.host("pri-mx1")) == 0
    lab.host("rec-mx1").wait_until("test $(exim4 -bpc) -eq 20")


def test_a_drill_serves_everything_and_moves_nothing(lab: Lab, watch: Watching) -> None:
    eyes.table_for_writes(lab.host("pri-db1"))
    with eyes.writing(lab) as writer, traffic(lab) as pages:
        run = begin(watch, "site-evacuation", EVACUATION, drill=True)
        run.approve("declared")
        run.succeeds(SECONDS)
    assert (writer.failed, pages.failures) == ([], [])
    assert eyes.takes_writes(lab.host("pri-db1"))
    assert (
        eyes.resolved(lab, MAIL_NAME, lab.host("rec-infra").address) == places()["pri-mx1"].address
    )


def test_what_hosts_know_of_an_incident_is_kept_with_the_run(lab: Lab, watch: Watching) -> None:
    host = lab.host("pri-mx1")
    host.run("logger -t incident 'the needle of 2026'; sleep 1")
    run = begin(watch, "log-collection", {"incident": "INC-7", "group": "mx", "minutes": "10"})
    view = run.succeeds(SECONDS)
    assert view.row.sensitive
    assert "the needle of 2026" in run.printed("journal")
    assert "smtpd" in run.printed("journal") or "postfix" in run.printed("state")
    assert "MemTotal" in run.printed("resources")
