"""`twinwatch watch` with a real watch: started, asked, stopped, and in the foreground."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tui.commands.conftest import Run

ESTATE = """\
estate: Test
every: 1s
sites: {central: {role: primary}}
hosts:
  "h[1:2]": {groups: [mta], address: "127.0.0.[1:2]", port: 1}
"""


@pytest.fixture
def estate(run: Run, tmp_path: Path) -> Iterator[Path]:
    """An estate file where it is looked for; its watch is ended afterwards."""
    file = tmp_path / "home" / "estate.yaml"
    file.write_text(ESTATE)
    file.chmod(0o600)
    yield file
    run("watch", "--stop")


def test_a_watch_is_started_once_asked_and_stopped(run: Run, estate: Path) -> None:
    first = run("watch", "--json")
    assert (first.returncode, first.stderr) == (0, "")
    second = json.loads(run("watch", "--json").stdout)
    assert second["pid"] == json.loads(first.stdout)["pid"]
    status = json.loads(run("status", "--json").stdout)
    assert status["source"] == str(estate)
    assert [row["name"] for row in json.loads(run("hosts", "--json").stdout)] == ["h1", "h2"]
    stopped = json.loads(run("watch", "--stop", "--json").stdout)
    assert stopped == {"stopped": second["pid"]}
    again = run("watch", "--stop")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout == "no watch is running: nothing to stop\n"
    assert json.loads(run("watch", "--stop", "--json").stdout) == {"stopped": None}
    gone = run("status")
    assert gone.returncode == 1
    assert gone.stderr.startswith("twinwatch: no watch is running — ")
    assert gone.stderr.endswith(" — start one: twinwatch watch\n")


def test_nothing_to_stop_without_an_estate_and_an_estate_that_is_not_there(run: Run) -> None:
    said = run("watch", "--stop")
    assert (said.returncode, said.stdout) == (0, "no watch is running: nothing to stop\n")
    named = run("--estate", "nope.yaml", "watch", "--stop")
    assert (named.returncode, named.stdout) == (2, "")


def test_what_is_no_watch_is_not_stopped(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "run" / "notes.txt"
    file.touch()
    said = run("--socket", file, "watch", "--stop")
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith(
        f"twinwatch: no watch answers there — {file} — it is no socket — "
    )


def test_the_only_watch_is_found_from_anywhere(run: Run, estate: Path) -> None:
    assert run("watch").returncode == 0
    estate.rename(estate.with_name("elsewhere.yaml"))
    try:
        assert "Test" in run("status").stdout
    finally:
        estate.with_name("elsewhere.yaml").rename(estate)


def test_the_board_is_printed_and_a_watch_started_for_it(run: Run, estate: Path) -> None:
    said = run()
    assert (said.returncode, said.stderr) == (0, "")
    assert "Site central (primary): 0 of 2 hosts up" in said.stdout


def test_hosts_of_an_ssh_config_need_no_estate(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "ssh_config"
    config.write_text("Host odd1 odd2\n  HostName 127.0.0.1\n  Port 1\nHost *\n  User nobody\n")
    config.chmod(0o600)
    try:
        said = run("--ssh-config", config, "watch", "--json")
        assert (said.returncode, said.stderr) == (0, "")
        assert json.loads(said.stdout)["hosts"]["total"] == 2
    finally:
        run("--ssh-config", config, "watch", "--stop")


def test_status_says_what_an_ssh_config_names_and_nobody_watches(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "ssh_config"
    config.write_text("Host odd1 主機 user@x\n  HostName 127.0.0.1\n  Port 1\n")
    config.chmod(0o600)
    try:
        run("--ssh-config", config, "watch")
        said = run("--ssh-config", config, "status").stdout
        assert (
            "left out  host '主機', line 1: the name holds characters a host's can't (and 1 more"
            in said
        )
    finally:
        run("--ssh-config", config, "watch", "--stop")


def test_a_wrong_estate_starts_no_watch(run: Run, estate: Path) -> None:
    estate.write_text("estate: x\nsites: {a: }\nhosts: {h: {port: 0}}\n")
    for arguments in (("watch",), ("watch", "--foreground")):
        said = run(*arguments)
        assert (said.returncode, said.stdout) == (2, "")
        assert said.stderr.splitlines()[-1].endswith(
            f"{estate}:3: 0 is out of range — write a whole number from 1 to 65535"
        )
