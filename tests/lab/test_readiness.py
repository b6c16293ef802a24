"""Could the database move now: what the watch, its screen and its verb say, and what psql says in
the standby itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from estate.readiness import Bearing, ReadinessRow, Verdict
from tests.lab import eyes
from tests.lab.layout import DB_SERVICE
from tests.lab.rig import Lab, LabHost
from tests.lab.roles import postgres
from tests.lab.running import begin
from tests.lab.test_failover import HOSTS, SERVICE, TO_RECOVERY
from tests.lab.watching import Watching, watching_hosts
from tui.paint import paint
from tui.paint.cells import joined
from tui.paint.view import View

INPUTS = ", ".join(f"{name}: {value}" for name, value in (SERVICE | TO_RECOVERY).items())
ALSO = f"""\
groups:
  db: {{probes: {{postgresql: {{user: postgres}}}}}}
services:
  database:
    objective: {{available: 99.95%, recover_within: 10m}}
    needs: [{{group: db, at: active site, k: 1}}]
    probes: [{{postgres: "{DB_SERVICE}:5432", every: 1s}}]
    runbooks: {{fails: postgresql-failover, back: postgresql-failback}}
    runbook_inputs: {{{INPUTS}}}
"""
#: Nobody listens there: a standby that follows it gets nothing, and lives on.
NOWHERE = "host=pri-db1 port=5999 user=postgres"


@pytest.fixture
def watch(lab: Lab, tmp_path: Path) -> Iterator[Watching]:
    with watching_hosts(lab, HOSTS, tmp_path, also=ALSO) as watch:
        yield watch


def test_it_is_ready_after_a_drill_and_not_without_its_standby(lab: Lab, watch: Watching) -> None:
    standby = lab.host("rec-db1")
    watch.eventually(lambda: _row(watch), "readiness is shown")
    untried = _row(watch)
    assert untried and untried.verdict is Verdict.NOT_KNOWN, "nobody has drilled it"

    run = begin(watch, "postgresql-failover", SERVICE | TO_RECOVERY, drill=True)
    run.approve("declared")
    drilled = run.succeeds().row
    watch.client.post("/v1/readiness/ask", {"service": "database"})
    ready = watch.eventually(lambda: _if(watch, Verdict.READY), "it is ready")
    assert _streams(standby)
    assert ready.done_run == drilled.id and not ready.in_earnest
    assert 0 < ready.p50_ms <= ready.p90_ms <= ready.limit_ms == 600_000
    status, told = _verb(watch)
    assert (status, told["verdict"], told["p50_ms"]) == (0, "ready", ready.p50_ms)
    assert "Can database move to rec now?  YES" in _page(watch)

    with_streaming = eyes.value(standby, "show primary_conninfo")
    try:
        _follow(standby, NOWHERE)
        assert not _streams(standby)
        watch.refresh("rec-db1")
        lost = watch.eventually(lambda: _if(watch, Verdict.NOT_READY), "it is not ready")
        [reason] = lost.of(Bearing.STOPS)
        assert reason.source == "rec-db1"
        assert reason.asked.startswith("Standby rec-db1, ") and "from pri-db1" in reason.said
        status, told = _verb(watch)
        assert (status, told["verdict"]) == (1, "not ready")
        assert (told["findings"][0]["asked"], told["findings"][0]["said"]) == (
            reason.asked,
            reason.said,
        )
        page = _page(watch)
        assert "Can database move to rec now?  NO" in page
        assert f"{reason.asked}: {reason.said}" in page
    finally:
        _follow(standby, with_streaming)
        standby.wait_until(postgres.STANDBY_READY)


def _row(watch: Watching) -> ReadinessRow | None:
    return next(iter(watch.board().readiness), None)


def _if(watch: Watching, verdict: Verdict) -> ReadinessRow | None:
    row = _row(watch)
    return row if row is not None and row.verdict is verdict else None


def _verb(watch: Watching) -> tuple[int, dict[str, Any]]:
    """How `twinwatch readiness --json` ends, and what it says of the service."""
    program = "from tui.commands.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--socket", str(watch.place.socket), "readiness", "--json"],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    [row] = json.loads(done.stdout)
    return done.returncode, row


def _page(watch: Watching) -> str:
    """The screen as a person has it."""
    board = watch.board()
    return joined(paint(View(board, board.at, 120, 40, screen="readiness")).lines)


def _streams(standby: LabHost) -> bool:
    """What psql says in the standby."""
    return eyes.rows(standby, "select status from pg_stat_wal_receiver") == [["streaming"]]


def _follow(standby: LabHost, primary: str) -> None:
    """The standby follows another primary from now on; its receiver starts anew."""
    quoted = primary.replace("'", "''")
    eyes.rows(standby, f"alter system set primary_conninfo = '{quoted}'")
    eyes.rows(standby, "select pg_reload_conf()")
    wanted = "0" if primary == NOWHERE else "1"
    standby.wait_until(
        'runuser -u postgres -- psql -XAtqc "select count(*) from pg_stat_wal_receiver where'
        f" status = 'streaming'\" | grep -qx {wanted}"
    )
