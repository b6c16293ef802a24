"""`twinwatch records` beside a real watch that runs, and over the file of one that does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from estate.metrics import METRICS
from estate.samples import Sample
from storage.records import Records
from watch.clock import now_ms
from watch.process import place_of
from watch.source import Source

if TYPE_CHECKING:
    from tests.tui.commands.conftest import Run

ESTATE = """\
estate: Test
every: 1s
sites: {central: {role: primary}}
hosts:
  "h[1:2]": {groups: [mta], address: "127.0.0.[1:2]", port: 1}
"""


@pytest.fixture
def records(run: Run, tmp_path: Path) -> Iterator[Path]:
    """The records of an estate whose watch does not run: ten samples of h1, one host retired."""
    file = tmp_path / "home" / "estate.yaml"
    file.write_text(ESTATE)
    file.chmod(0o600)
    place = place_of(Source(file), {"HOME": str(file.parent), "XDG_RUNTIME_DIR": str(tmp_path)})
    place.records.parent.mkdir(parents=True, mode=0o700)
    for made in (place.records.parent, *place.records.parents):
        if made == file.parent:
            break
        made.chmod(0o700)
    kept = Records.open(place.records)
    now = now_ms()
    values = (12.5, *(0.0,) * (len(METRICS) - 1))
    kept.append([Sample("h1", now - 1000 * n, values, 1.0, 1, 1.0) for n in range(1, 11)])
    kept.append([Sample("retired", now - 5_000, values, 1.0, 1, 1.0)])
    kept.close()
    yield place.records
    run("watch", "--stop")


def test_records_are_checked_and_exported_with_a_watch_and_without(run: Run, records: Path) -> None:
    def ask() -> tuple[str, str]:
        checked, exported = run("records", "check"), run("records", "export")
        assert (checked.returncode, checked.stderr) == (0, "")
        assert (exported.returncode, exported.stderr) == (0, "")
        assert checked.stdout.startswith(f"{records} is sound, ")
        as_json = json.loads(run("records", "check", "--json").stdout)
        assert (as_json["records"], as_json["problems"]) == (str(records), [])
        lines = run("records", "export", "retired", "--span", "1h", "--json").stdout.splitlines()
        assert [json.loads(line)["host"] for line in lines] == ["retired"]
        unknown = run("records", "export", "h3")
        assert (unknown.returncode, unknown.stdout) == (2, "")
        assert unknown.stderr.startswith("twinwatch: no such host — h3 — ")
        return exported.stdout, unknown.stderr

    at_rest = ask()
    assert at_rest[0].startswith("time,host,cpu,")
    assert len(at_rest[0].splitlines()) == 12
    assert run("watch").returncode == 0
    assert ask() == at_rest


def test_only_a_watch_prunes(run: Run, records: Path) -> None:
    alone = run("records", "prune")
    assert alone.returncode == 1
    assert alone.stderr.startswith("twinwatch: no watch is running — ")
    assert alone.stderr.endswith(" — start one: twinwatch watch\n")
    assert run("watch").returncode == 0
    said = run("records", "prune")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == f"{records}: 0 steps, nothing to free\n"
    as_json = json.loads(run("records", "prune", "--json").stdout)
    assert set(as_json) == {"records", "steps", "bytes_before", "bytes"}


def test_damage_is_said_and_the_status_tells(run: Run, records: Path) -> None:
    whole = records.read_bytes()
    records.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    said = run("records", "check", "--json")
    assert said.returncode == 1
    assert json.loads(said.stdout)["problems"] != []
    shown = run("records", "check")
    assert shown.returncode == 1
    assert all(line.startswith(f"{records}: ") for line in shown.stdout.splitlines())


def test_a_socket_does_not_say_where_records_are(run: Run, tmp_path: Path) -> None:
    said = run("--socket", tmp_path / "no.sock", "records", "check")
    assert said.returncode == 1
    assert said.stderr == (
        f"twinwatch: no watch is running — {tmp_path}/no.sock — without its watch a socket does "
        "not say where its records are — name its estate instead: twinwatch --estate FILE "
        "records …\n"
    )
