"""What stands on a host, on its own page: a line each, its logs, and nothing where nothing is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.backups import BackupRow
from estate.document import HostDetail
from estate.patches import PatchRow
from estate.proxies import AddressRow
from estate.replication import ReplicationRow, Stream
from estate.samples import Reading
from tui.paint.cells import joined
from tui.paint.hoststanding import log_lines, standing_lines

from .estates import standing


@pytest.fixture(scope="module")
def view(boards):
    return boards.view(standing(boards.incident(), boards.NOW), 120, 40)


def test_a_balancer(view) -> None:
    assert (
        joined(standing_lines(view, "lb-c01", 44))
        == """\
   ALSO HERE ──────────────────────────────
 ! smtp                         12 of 16 up
 ✘ imap                           0 of 8 up
 · 10.20.0.25                          held
 ! im.example                          23 d
 · mail.example                        84 d
 · packages, security / all           0 / 1"""
    )


def test_what_is_old_or_could_not_be_asked_is_no_figure_of_now(view) -> None:
    old = joined(standing_lines(view, "mdb-c01", 60)).splitlines()[1]
    assert old.startswith(" ? postgresql → mdb-c02")
    assert "GRANT pg_monitor" in joined(standing_lines(view, "mdb-r02", 90))


def test_backups_and_watts(view) -> None:
    row = view.document.hosts["ops-r01"]
    hosts = {**view.document.hosts, "ops-r01": replace(row, values={**row.values, "power": 143.6})}
    powered = replace(view, document=replace(view.document, hosts=hosts))
    said = joined(standing_lines(powered, "ops-r01", 60))
    for part in ("backup im", "31 h", "no copy", "143 W"):
        assert part in said


def test_logs_and_none(view, boards) -> None:
    lines = tuple(Reading("log", "mail", float(n), f"line {n}") for n in range(1, 13))
    said = joined(log_lines(view, HostDetail("h", readings={"logs": lines}), 60))
    assert "LOG  mail" in said
    assert said.splitlines()[-1].strip() == "line 12"
    assert "line 4" not in said
    assert log_lines(view, HostDetail("h"), 60) == []
    assert standing_lines(boards.view(boards.calm(), 120, 40), "mta-c01", 60) == []


def test_what_nobody_can_tell_is_not_well(view, boards) -> None:
    given = {"host": "lb-c01", "site": "central", "at": boards.NOW - 1_000}
    document = replace(
        view.document,
        proxies=(), certificates=(),
        addresses=(AddressRow(address="10.20.0.25", **given),),
        patches=(PatchRow(reboot=False, **given),),
        backups=(BackupRow(name="mdb", **given),
                 BackupRow(name="small", newest_at=boards.NOW, size_bytes=1.0, least_bytes=2.0,
                           **given)),
        replication=(
            ReplicationRow(system="postgresql", **given),
            ReplicationRow(system="mysql", role="standby", **given,
                           streams=(Stream("db2", "running", direction="in"),
                                    Stream("db3", "running", direction="out"))),
        ),
    )  # fmt: skip
    lines = joined(standing_lines(replace(view, document=document), "lb-c01", 60)).splitlines()
    marks = {line[3:].split("  ")[0]: line[1] for line in lines[1:]}
    assert marks == {
        "postgresql": "?",
        "mysql ← db2": "?",
        "mysql → db3": "·",
        "10.20.0.25": "?",
        "backup mdb": "?",
        "backup small": "!",
        "packages, security / all": "?",
    }
