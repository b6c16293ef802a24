"""Every verb against a watch that answers: what a person reads, and what a script does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui.commands.status import _pairs

if TYPE_CHECKING:
    from tests.tui.commands.conftest import Run


def test_status_in_a_few_lines(run: Run, watch_socket: Path) -> None:
    said = run("--socket", watch_socket, "status")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines() == [
        "estate    Test, /etc/estate.yaml",
        "hosts     3: 1 live, 1 unreachable, 1 connecting",
        "problems  2: 1 critical, 1 warning so far; 1 of 3 hosts not answered yet",
        "in hand   1 acknowledged",
        "watch     process 1234 of op on bastion, 1.2 s of CPU, 50.0 MiB",
        "running   for 1:00, version 0.1.0",
        "records   /var/records.db, saved 3 s ago",
        f"socket    {watch_socket}",
    ]


@pytest.mark.parametrize(
    ("age_ms", "hosts", "said"),
    [
        (2_000, {"total": 3, "live": 3}, "0 so far; the first look at units, disks and"),
        (2_000, {"total": 3, "connecting": 3}, "0 so far; 3 of 3 hosts not answered yet"),
        (29_999, {"total": 3, "live": 3}, "0 so far; the first look"),
        (30_000, {"total": 3, "live": 3}, "0"),
        (90_000, {"total": 3, "live": 2, "connecting": 1}, "0 so far; 1 of 3 hosts not"),
    ],
)
def test_no_problem_yet_is_not_no_problem(age_ms: int, hosts: dict[str, int], said: str) -> None:
    """Two seconds after a start the watch said "problems 0", and nobody had been asked."""
    whole = {
        "watch": "bastion", "version": "1", "pid": 1, "user": "op", "started_at": 10_000_000,
        "now": 10_000_000 + age_ms, "estate": "Test", "estate_problem": "", "source": "e.yaml",
        "socket": "s", "records": "r", "records_problem": "", "saved_until": None,
        "hosts": hosts, "problems": {"total": 0}, "cpu_seconds": 1.0, "rss_bytes": 1.0,
    }  # fmt: skip
    told = dict(_pairs(whole))["problems"]
    assert told == said if said == "0" else told.startswith(said)


def test_status_as_json(run: Run, watch_socket: Path) -> None:
    said = json.loads(run("--socket", watch_socket, "status", "--json").stdout)
    assert said["hosts"] == {"total": 3, "live": 1, "unreachable": 1, "connecting": 1}


def test_hosts_show_nothing_of_a_host_that_is_not_reached(run: Run, watch_socket: Path) -> None:
    lines = run("--socket", watch_socket, "hosts").stdout.splitlines()
    assert lines[0].split() == [
        *("STATE", "HOST", "SITE", "GROUPS", "CPU", "%", "MEM", "%", "DISK", "%"),
        *("IN", "OUT", "AGE", "WHY"),
    ]
    assert lines[1].split() == [
        *("warning", "mta-c01", "central", "mta", "12", "61", "94", "3.4", "MB/s", "?"),
        *lines[1].split()[10:12], "disk", "94%", ">", "85%",
    ]  # fmt: skip
    assert "99" not in lines[2]
    assert lines[2].endswith("no route to host")


def test_text_from_hosts_is_never_markup(run: Run, watch_socket: Path) -> None:
    said = run("--socket", watch_socket, "hosts", "--where", "host:mbx-c01")
    assert said.stdout.splitlines()[1].endswith("evil [red]x[/red] [@click=app.quit]y \\x1b[2J")


def test_where_selects(run: Run, watch_socket: Path) -> None:
    said = run("--socket", watch_socket, "hosts", "--where", "state!=live,connecting", "--json")
    assert [row["name"] for row in json.loads(said.stdout)] == ["mta-r01"]
    none = run("--socket", watch_socket, "hosts", "--where", "cpu>99")
    assert none.stdout == "no host matches 'cpu>99'\n"


def test_one_host_with_everything(run: Run, watch_socket: Path) -> None:
    text = run("--socket", watch_socket, "hosts", "mta-c01").stdout
    for line in (
        "why     disk 94% > 85%",
        "memory  8.0 GiB",
        "cpu            12.9%",
        "net_in      3.4 MB/s",
        "load1              ?",
        "/var             94  100 GiB        12",
        "clock     –  not measured          no chronyc: command not found",
    ):
        assert line in text.splitlines(), text
    said = json.loads(run("--socket", watch_socket, "hosts", "mta-c01", "--json").stdout)
    assert said["row"]["name"] == "mta-c01"


def test_problems_worst_first_consequences_indented(run: Run, watch_socket: Path) -> None:
    lines = run("--socket", watch_socket, "problems").stdout.splitlines()
    assert [line[10:20].rstrip() for line in lines] == ["WHERE", "mta-r01", "  mta-r02", "mta-c01"]
    assert "nobody" in lines[1]
    assert "kfwong" in lines[3]
    assert lines[3].endswith("/var 94% > 85% — evil [red]x[/red] [@click=app.quit]y \\x1b[2J")
    mine = run("--socket", watch_socket, "problems", "--where", "owner:kfwong", "--json")
    assert [row["id"] for row in json.loads(mine.stdout)] == ["mta-c01/disk"]


def test_events_newest_first_in_the_estates_time(run: Run, watch_socket: Path) -> None:
    lines = run("--socket", watch_socket, "events").stdout.splitlines()
    assert lines[1].endswith("critical  mta-r01  live → unreachable")
    assert lines[2].endswith("ok        watch    started")
    young = run("--socket", watch_socket, "events", "--since", "1h", "--json")
    assert [row["id"] for row in json.loads(young.stdout)] == [2]


def test_history_says_where_nothing_was_measured(run: Run, watch_socket: Path) -> None:
    said = run("--socket", watch_socket, "history", "mta-c01", "cpu", "--points", "10")
    lines = said.stdout.splitlines()
    assert lines[0] == "mta-c01 cpu, the last 1h in parts of 6:00, Asia/Hong_Kong"
    assert [line.split()[-3:] for line in lines[2:]] == [
        *([["1.0%", "2.5%", "4.0%"]] * 3), ["?", "?", "?"], *([["1.0%", "2.5%", "4.0%"]] * 4)
    ]  # fmt: skip
    assert json.loads(
        run("--socket", watch_socket, "history", "mta-c01", "cpu", "--span", "24h", "--json").stdout
    )["step"] == 24 * 60_000  # fmt: skip


def test_the_board_as_text_where_there_is_no_terminal(run: Run, watch_socket: Path) -> None:
    for arguments in ((), ("--plain",)):
        said = run("--socket", watch_socket, *arguments)
        assert (said.returncode, said.stderr) == (0, "")
        assert "mta-r01" in said.stdout
        assert "\x1b" not in said.stdout


def test_stop_waits_until_the_watch_is_gone(run: Run, watch_socket: Path) -> None:
    said = run("--socket", watch_socket, "watch", "--stop")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == "stopped: process 1234\n"
    assert not watch_socket.exists()


def test_a_terminal_that_is_not_utf8_gets_escapes(run: Run, watch_socket: Path) -> None:
    said = run(
        "--socket", watch_socket, "events", LC_ALL="C", PYTHONUTF8=0, PYTHONIOENCODING="ascii"
    )
    assert said.returncode == 0
    assert "live \\u2192 unreachable" in said.stdout
