"""PostgreSQL's move to the other site and back, run by the watch as its runbooks say."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab import eyes, faults
from tests.lab.consoles import Console
from tests.lab.layout import DB_SERVICE
from tests.lab.rig import Cut, Lab, LabHost
from tests.lab.roles import postgres
from tests.lab.running import Run, begin
from tests.lab.watching import Watching, watching, watching_hosts

HOSTS = ("core", "pri-db1", "rec-db1", "pri-lb1", "rec-lb1")

#: From the declaration to the first row at the service address.
FIRST_WRITE_SECONDS = 10.0
TARGET_MS = 600_000

TO_RECOVERY = {"from": "pri", "to": "rec", "next_hop": "10.71.252.2"}
TO_PRIMARY = {"from": "rec", "to": "pri", "next_hop": "10.71.251.2"}
PRI_REJOINS = {"incident": "INC-1", "former": "pri-db1", "primary": "rec-db1"}
REC_REJOINS = {"incident": "INC-1", "former": "rec-db1", "primary": "pri-db1"}
SERVICE = {"incident": "INC-1", "address": DB_SERVICE, "client": "core"}

DATABASE = f"""\
services:
  database:
    objective: {{available: 99.95%, recover_within: 10m}}
    probes: [{{postgres: "{DB_SERVICE}:5432", every: 1s}}]
    runbooks: {{fails: postgresql-failover, back: postgresql-failback}}
"""
#: One round, and one time-out of it.
ROUNDS_MS = 2_000


@pytest.fixture
def databases(lab: Lab, reset_after: Callable[..., None]) -> Iterator[tuple[LabHost, LabHost]]:
    """Primary and standby, streaming; made anew afterwards, balancers too."""
    yield lab.host("pri-db1"), lab.host("rec-db1")
    lab.serve_from("pri")
    reset_after(*HOSTS)


@pytest.fixture
def watch(lab: Lab, tmp_path: Path) -> Iterator[Watching]:
    """A watch over the hosts of the database, which asks it once a second as its users would."""
    with watching_hosts(lab, HOSTS, tmp_path, also=DATABASE) as watch:
        yield watch


@pytest.mark.parametrize("how", Cut)
def test_with_its_site_cut_the_other_takes_writes_and_the_old_primary_stays_fenced(
    cables: Lab, databases: tuple[LabHost, LabHost], watch: Watching, how: Cut
) -> None:
    lab, (old, new) = cables, databases
    acknowledged = _rows_that_are_on_both(old, new)
    watch.eventually(lambda: _serves(watch), "the database is asked, and answers")
    lab.cut("pri", how)
    cut = time.time()
    run = begin(watch, "postgresql-failover", SERVICE | TO_RECOVERY)
    run.until_asked("declared")
    with eyes.writing(lab, first=10_001) as writer:
        declared = time.time()
        run.decide("declared", "approve")
        run.approve("fence-by-hand")
        run.until_done("first-write", seconds=40)
        first = writer.first_after(declared)
    print(f"\ndeclared to first write at the service address: {first.at - declared:.1f} s")
    assert first.server == new.address
    assert eyes.written(new) >= acknowledged
    assert first.at - declared <= FIRST_WRITE_SECONDS
    run.until_done("checkpointed")
    row = run.view().row
    assert row.clock_started_at and row.clock_stopped_at
    print(f"by the run's clock: {(row.clock_stopped_at - row.clock_started_at) / 1000:.1f} s")
    assert row.target_ms == TARGET_MS
    # Users felt it from the cut on, before anybody had declared anything: the ledger measured that.
    watch.eventually(lambda: _serves(watch), "the database is back")
    [felt] = run.view().felt
    assert felt.service == "database" and felt.target_ms == TARGET_MS
    assert felt.since is not None and abs(felt.since - 1000 * cut) <= ROUNDS_MS
    assert felt.until is not None and abs(felt.until - 1000 * first.at) <= ROUNDS_MS
    assert (felt.down_ms, felt.unknown_ms) == (felt.until - felt.since, 0)
    print(f"felt by users, by the ledger: {felt.down_ms / 1000:.1f} s")

    lab.heal("pri")  # the run was waiting for that
    run.succeeds()
    assert eyes.servers(lab.host("pri-lb1"), "db") == {"pri-db1": "MAINT", "rec-db1": "UP"}
    faults.reboot(old)
    lab.wait_for_ssh([old.name])
    old.wait_until("systemctl is-system-running --wait; true")
    assert eyes.accepts(lab, old.address, 5432) == "refused"
    assert old.ask("runuser -u postgres -- pg_ctlcluster 15 main start").status


def _serves(watch: Watching) -> bool:
    return any(each.key == "database" and each.state == "up" for each in watch.board().services)


def test_the_former_primary_rejoins_and_the_service_comes_home(
    lab: Lab, databases: tuple[LabHost, LabHost], watch: Watching
) -> None:
    old, new = databases
    before = _rows_that_are_on_both(old, new)
    run = begin(watch, "postgresql-failover", SERVICE | TO_RECOVERY)
    run.approve("declared")
    run.succeeds()
    eyes.rows(new, "insert into written select generate_series(5001, 5010)")

    run = begin(watch, "postgresql-rejoin", PRI_REJOINS)
    run.approve("agreed")
    run.succeeds()
    assert "Done!" in run.printed("rewound")
    assert eyes.streaming_from(new).keys() == {old.address}

    run = begin(watch, "postgresql-failback", SERVICE | TO_PRIMARY)
    run.approve("declared")
    with eyes.writing(lab, first=10_001) as writer:
        writer.first_after(0.0)
        run.succeeds()
        last = writer.first_after(time.time())
    written = before | set(range(5001, 5011)) | {each.number for each in writer.acknowledged}
    assert last.server == old.address
    assert eyes.written(old) >= written
    failed = [each.at for each in writer.failed]
    print(
        f"\nwithout a database: {max(failed) - min(failed):.1f} s" if failed else "\nnot a moment"
    )

    run = begin(watch, "postgresql-rejoin", REC_REJOINS)
    run.approve("agreed")
    run.succeeds()
    _until_caught_up(old, new)
    assert eyes.written(new) >= written


def test_a_watch_that_is_killed_in_the_failover_goes_on_with_it_by_itself(
    lab: Lab, databases: tuple[LabHost, LabHost], tmp_path: Path
) -> None:
    old, new = databases
    before = _rows_that_are_on_both(old, new)
    with watching_hosts(lab, HOSTS, tmp_path) as watch:
        run = begin(watch, "postgresql-failover", SERVICE | TO_RECOVERY)
        run.approve("declared")
        run.until_done("fenced")
        os.kill(watch.client.get("/v1/status")["pid"], signal.SIGKILL)
    with watching(lab, Console(tmp_path / "console"), tmp_path / "watch") as again:
        Run(again, {"id": run.id}).succeeds()
    assert not old.ask("systemctl is-enabled postgresql@15-main").out.startswith("enabled")
    assert eyes.takes_writes(new)
    assert eyes.written(new) == before
    assert lab.serving_site() == "rec"


def test_a_next_hop_that_no_router_can_send_to_is_refused_before_anything_is_done(
    lab: Lab, watch: Watching
) -> None:
    behind = lab.host("rec-lb1").address
    run = begin(watch, "postgresql-failover", SERVICE | TO_RECOVERY | {"next_hop": behind})
    assert run.until_ended() == "failed"
    assert {task.outcome for task in run.tasks("next-hop")} == {"failed"}
    assert f"{behind} is no neighbour of core: " in run.view().row.why
    assert eyes.takes_writes(lab.host("pri-db1"))
    assert not eyes.takes_writes(lab.host("rec-db1"))


def test_a_primary_that_is_followed_is_not_failed_over_to(lab: Lab, watch: Watching) -> None:
    run = begin(watch, "postgresql-failover", SERVICE | TO_PRIMARY)  # mixed up: pri has it
    assert run.until_ended() == "failed"
    assert {task.outcome for task in run.tasks("standby")} == {"failed"}
    assert eyes.streaming_from(lab.host("pri-db1"))


def test_what_fails_after_the_promotion_is_mended_and_the_run_goes_on(
    lab: Lab, databases: tuple[LabHost, LabHost], watch: Watching
) -> None:
    old, new = databases
    with _routes_that_can_not_be_changed(lab.host("core")):
        run = begin(watch, "postgresql-failover", SERVICE | TO_RECOVERY)
        run.approve("declared")
        asked = run.until_asked("routed")
    assert {"retry", "waive", "refuse"} <= set(asked.choices)
    assert eyes.takes_writes(new)
    run.decide("routed", "retry", "the router is mended")
    run.succeeds()
    assert lab.serving_site() == "rec"
    assert not old.ask("systemctl is-enabled postgresql@15-main").out.startswith("enabled")


def test_a_primary_that_comes_back_is_fenced_while_the_run_waits_for_a_person(
    lab: Lab, databases: tuple[LabHost, LabHost], watch: Watching
) -> None:
    old, new = databases
    with _routes_that_can_not_be_changed(lab.host("core")):
        with faults.dropped(old, 22):  # it lives on, and takes writes
            run = begin(watch, "postgresql-failover", SERVICE | TO_RECOVERY)
            run.approve("declared", "fence-by-hand")
            run.until_asked("routed")
        run.until_done("fenced-at-last")
        assert [each.step for each in run.view().questions] == ["routed"]
    assert not old.ask("systemctl is-enabled postgresql@15-main").out.startswith("enabled")
    assert eyes.accepts(lab, old.address, 5432) == "refused"
    run.decide("routed", "retry", "the router is mended")
    run.succeeds()
    assert eyes.takes_writes(new)
    assert lab.serving_site() == "rec"


def test_a_failover_that_was_ended_after_the_promotion_is_finished_by_another(
    lab: Lab, databases: tuple[LabHost, LabHost], watch: Watching
) -> None:
    old, new = databases
    before = _rows_that_are_on_both(old, new)
    with _routes_that_can_not_be_changed(lab.host("core")):
        run = begin(watch, "postgresql-failover", SERVICE | TO_RECOVERY)
        run.approve("declared")
        run.until_asked("routed")
        run.decide("routed", "refuse", "the router is not ours")
        assert run.until_ended() == "failed"
    assert lab.serving_site() == "pri"
    again = begin(watch, "postgresql-failover", SERVICE | TO_RECOVERY)
    again.approve("declared")
    again.succeeds()
    assert lab.serving_site() == "rec"
    assert {task.outcome for task in again.tasks("promoted")} == {"already-done"}
    assert eyes.servers(lab.host("pri-lb1"), "db") == {"pri-db1": "MAINT", "rec-db1": "UP"}
    assert not old.ask("systemctl is-enabled postgresql@15-main").out.startswith("enabled")
    assert eyes.written(new) == before


def test_one_that_can_not_be_rewound_is_copied_anew_once_a_person_agrees(
    databases: tuple[LabHost, LabHost], watch: Watching
) -> None:
    old, new = databases
    before = _rows_that_are_on_both(old, new)
    run = begin(watch, "postgresql-failover", SERVICE | TO_RECOVERY)
    run.approve("declared")
    run.succeeds()
    old.run(f"find {postgres.DIRECTORY}/pg_wal -type f -delete")  # what pg_rewind would read
    run = begin(watch, "postgresql-rejoin", PRI_REJOINS)
    run.approve("agreed", "copy-anew")
    run.succeeds()
    _until_caught_up(new, old)
    assert eyes.written(old) == before


def test_clients_get_the_primary_back_where_the_standby_does_not_catch_up(
    lab: Lab, databases: tuple[LabHost, LabHost], watch: Watching
) -> None:
    old, new = databases
    _rows_that_are_on_both(old, new)
    eyes.rows(new, "select pg_wal_replay_pause()")
    eyes.rows(old, "insert into written select generate_series(2001, 2010)")
    run = begin(watch, "postgresql-failback", SERVICE | TO_RECOVERY)
    run.approve("declared")
    run.until_done("drained")
    assert set(eyes.servers(lab.host("pri-lb1"), "db").values()) == {"MAINT"}
    assert run.until_ended() == "rolled-back"
    assert eyes.takes_writes(old)
    with eyes.writing(lab, first=10_001) as writer:
        assert writer.first_after(0.0).server == old.address


def test_a_primary_that_is_not_fenced_may_not_rejoin(lab: Lab, watch: Watching) -> None:
    run = begin(watch, "postgresql-rejoin", PRI_REJOINS)
    assert run.until_ended() == "failed"
    assert {task.outcome for task in run.tasks("fenced")} == {"failed"}
    assert eyes.takes_writes(lab.host("pri-db1"))


def test_nothing_is_rewound_before_the_new_primary_has_made_its_checkpoint(
    databases: tuple[LabHost, LabHost], watch: Watching
) -> None:
    old, new = databases
    old.run("systemctl mask --now postgresql@15-main")
    new.run("pkill -STOP -f '15/main: [c]heckpointer'")  # or it makes one by itself
    new.run("pg_ctlcluster 15 main promote")
    new.wait_until(postgres.PRIMARY_READY)
    run = begin(watch, "postgresql-rejoin", PRI_REJOINS)
    assert run.until_ended() == "failed"
    assert {task.outcome for task in run.tasks("checkpointed")} == {"failed"}
    new.run("pkill -CONT -f '15/main: [c]heckpointer'")


def test_the_service_does_not_come_home_to_a_standby_that_does_not_stream(
    lab: Lab, watch: Watching
) -> None:
    old, new = lab.host("pri-db1"), lab.host("rec-db1")
    with faults.dropped(old, 5432):
        new.wait_until(f"! {postgres.STANDBY_READY}")
        run = begin(watch, "postgresql-failback", SERVICE | TO_RECOVERY)
        assert run.until_ended() == "failed"
    assert {task.outcome for task in run.tasks("streaming")} == {"failed"}
    assert eyes.takes_writes(old)
    assert eyes.servers(lab.host("pri-lb1"), "db")["pri-db1"] != "MAINT"
    new.wait_until(postgres.STANDBY_READY)


def test_the_lab_s_page_shows_the_failover_that_is_tried_here() -> None:
    page = (Path(__file__).parents[2] / "docs/lab.md").read_text()
    example = page[page.index("failover() {") : page.index("failover runbook plan")]
    assert dict(re.findall(r"--set (\w+)=(\S+)", example)) == SERVICE | TO_RECOVERY
    for part in ("former", "primary", "from", "to", "next_hop"):
        assert f"{part}={(PRI_REJOINS | TO_PRIMARY)[part]}" in page


def test_a_drill_changes_nothing(lab: Lab, watch: Watching) -> None:
    run = begin(watch, "postgresql-failover", SERVICE | TO_RECOVERY, drill=True)
    run.approve("declared")
    run.succeeds()
    assert eyes.takes_writes(lab.host("pri-db1"))
    assert not eyes.takes_writes(lab.host("rec-db1"))
    assert lab.serving_site() == "pri"


@contextmanager
def _routes_that_can_not_be_changed(router: LabHost) -> Iterator[None]:
    """Its `ip` refuses to replace a route, and does all else."""
    refusing = "/usr/local/bin/ip"
    router.run(
        f"""printf '%s\\n' '#!/bin/sh' 'case "$1 $2" in "route replace") exit 2 ;; esac' \\
          'exec /sbin/ip "$@"' >{refusing} && chmod 755 {refusing}"""
    )
    try:
        yield
    finally:
        router.run(f"rm {refusing}")


def _rows_that_are_on_both(primary: LabHost, standby: LabHost) -> set[int]:
    eyes.table_for_writes(primary)
    eyes.rows(primary, "insert into written select generate_series(1, 1000)")
    _until_caught_up(primary, standby)
    return set(range(1, 1001))


def _until_caught_up(primary: LabHost, standby: LabHost, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while eyes.streaming_from(primary).get(standby.address) != 0:
        assert time.monotonic() < deadline, eyes.streaming_from(primary)
        time.sleep(0.05)
