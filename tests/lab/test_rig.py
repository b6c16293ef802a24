"""The lab keeps its own promises: hosts that restart, sites that are lost, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import consoles, leaks
from tests.lab.rig import Cut, Lab, LabError
from tests.lab.tiers import Tier, carried

FEW = ("pri-db1", "rec-db1", "pri-bb", "pri-x1", "rec-x1")


@pytest.fixture
def hosts_allowed() -> None:
    machine = carried()
    if machine.tier < Tier.HOSTS:
        pytest.skip(str(machine))


def test_every_host_has_systemd_as_its_first_process_and_no_unit_that_failed(lab: Lab) -> None:
    for host in lab.hosts():
        if host.place.image != "small":
            assert host.run("cat /proc/1/comm") == "systemd"
            assert host.wait_until("systemctl is-system-running") == "running"
            assert host.run("systemctl --failed --no-legend") == ""


def test_a_host_that_reboots_comes_back_as_another_boot_with_its_files(lab: Lab) -> None:
    host = lab.host("pri-web2")
    before = host.boot_id()
    host.write("/var/lib/kept", "kept")
    host.ask("systemctl reboot")
    lab.host("pri-web2").wait_until(f"test $(cat /proc/sys/kernel/random/boot_id) != {before}")
    lab.wait(["pri-web2"])
    assert host.read("/var/lib/kept") == "kept"
    assert float(host.run("cut -d' ' -f1 /proc/uptime")) < 60
    host.run("rm /var/lib/kept")


def test_a_host_that_powers_off_stays_off_until_it_is_started(lab: Lab) -> None:
    host = lab.host("pri-web2")
    host.ask("systemctl poweroff")
    deadline = time.monotonic() + 20
    while lab.inits()[host.name] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert lab.inits()[host.name] == 0
    with pytest.raises(LabError, match="pri-web2 is off"):
        host.run("true")
    host.start()
    lab.wait([host.name])


def test_a_reset_host_is_as_before_its_first_boot(lab: Lab) -> None:
    host = lab.host("pri-web2")
    host.write("/etc/changed", "yes")
    host.reset()
    assert host.ask("test -e /etc/changed").status == 1


@pytest.mark.parametrize("how", list(Cut))
def test_a_cut_site_is_gone_and_a_healed_one_is_back(lab: Lab, how: Cut) -> None:
    if how is Cut.VANISH and carried().tier < Tier.CABLES:
        pytest.skip(str(carried()))
    lab.cut("pri", how)
    with pytest.raises(LabError, match="no SSH greeting from pri-web1"):
        lab.wait_for_ssh(["pri-web1"], seconds=1.0)
    lab.wait_for_ssh(["rec-web1"], seconds=5.0)
    lab.heal("pri")
    lab.wait_for_ssh(["pri-web1"], seconds=10.0)


def test_a_slow_cable_delays_each_way(cables: Lab) -> None:
    cables.cable("rec", delay_ms=150)
    address = cables.host("rec-web1").address
    pinged = cables.host("pri-web1").run(_connect_time(address))
    assert 0.29 < float(pinged) < 3.0  # there and back
    cables.heal("rec")
    assert float(cables.host("pri-web1").run(_connect_time(address))) < 0.29


def _connect_time(address: str) -> str:
    return (
        "python3 -c 'import socket, time; begun = time.monotonic();"
        f' socket.create_connection(("{address}", 22), timeout=10); print(time.monotonic() - begun)\''
    )


def test_a_cable_loses_the_share_it_is_told(cables: Lab) -> None:
    before = cables.cable("rec", loss=1.0)["rec"]
    with pytest.raises(LabError):
        cables.wait_for_ssh(["rec-web1"], seconds=0.6)
    after = cables.cable("rec", loss=0)["rec"]
    assert isinstance(before, dict) and isinstance(after, dict)
    assert after["lost"] > before["lost"]
    with pytest.raises(LabError, match="a cable has no 'speed'"):
        cables.cable("rec", speed=1)


def test_a_frozen_host_accepts_and_says_nothing(lab: Lab) -> None:
    host = lab.host("pri-web1")
    host.freeze()
    with pytest.raises(LabError, match="no SSH greeting"):
        lab.wait_for_ssh([host.name], seconds=1.0)
    assert host.run("cat /proc/1/comm") == "systemd"  # it can still be looked into
    host.thaw()
    lab.wait_for_ssh([host.name], seconds=5.0)


def test_hosts_see_their_own_site_and_the_other_and_nothing_outside(lab: Lab) -> None:
    host = lab.host("pri-web1")
    host.run(
        f"curl -s --max-time 3 telnet://{lab.host('rec-web1').address}:22 </dev/null | grep -q SSH"
    )
    assert host.ask("ip route get 192.0.2.1 && ip link | grep -c ': eth' | grep -qx 1").status == 0
    routes = lab.host("pri-web1").run("ip route")
    assert routes.startswith("default via 10.71.1.1")


def test_it_ends_at_once_and_leaves_nothing(hosts_allowed: None, tmp_path: Path) -> None:
    lab = Lab.up(tmp_path / "lab", hosts=FEW, scale=1, tun=carried().tier >= Tier.CABLES)
    lab.wait_for_ssh()
    traced = leaks.trace(lab)
    names = " ".join(leaks.left(traced, seconds=0))
    assert all(word in names for word in ("systemd", "sshd", "dropbear", "supervisor", "cgroup"))
    lab.down()
    assert leaks.left(traced) == []


@pytest.fixture
def starter(hosts_allowed: None, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that starts a lab in `tmp_path` and waits, as an interrupted test would."""
    script = (
        "import pathlib, time\n"
        "from tests.lab.rig import Lab\n"
        f"lab = Lab.up(pathlib.Path({str(tmp_path / 'lab')!r}), hosts={FEW!r}, scale=1,"
        f" tun={carried().tier >= Tier.CABLES})\n"
        "lab.wait_for_ssh()\n"
        "print('up', flush=True)\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    yield process
    process.kill()
    process.wait(10)
    process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_when_who_started_it_is_killed(
    starter: subprocess.Popen[str], tmp_path: Path, number: signal.Signals
) -> None:
    traced = leaks.trace(Lab(tmp_path / "lab"))
    starter.send_signal(number)
    starter.wait(10)
    assert leaks.left(traced) == []


def test_only_an_empty_cgroup_is_left_when_the_supervisor_is_killed_and_the_next_start_removes_it(
    starter: subprocess.Popen[str], tmp_path: Path
) -> None:
    lab = Lab(tmp_path / "lab")
    traced = leaks.trace(lab)
    os.kill(lab.pid, signal.SIGKILL)
    starter.kill()
    starter.wait(10)
    assert set(leaks.left(traced, seconds=3.0)) <= {f"cgroup: {traced.cgroup}"}
    with Lab.up(tmp_path / "next", hosts=["pri-x1"], scale=1, tun=False):
        assert leaks.left(traced, seconds=3.0) == []


@pytest.mark.timeout(600)
def test_twenty_in_a_row_leave_nothing(hosts_allowed: None, tmp_path: Path) -> None:
    for number in range(20):
        with Lab.up(tmp_path / str(number), tun=carried().tier >= Tier.CABLES) as lab:
            lab.wait_for_ssh()
            traced = leaks.trace(lab)
        assert leaks.left(traced) == []


def test_a_verb_of_the_console_keeps_its_records_with_the_lab(lab: Lab, tmp_path: Path) -> None:
    consoles.write(lab.directory, lab.places.values(), lab.credentials)
    environment = {**os.environ, "LAB_DIRECTORY": str(lab.directory), "HOME": str(tmp_path)}

    def console(*words: str) -> str:
        command = [sys.executable, "-m", "tests.lab", "console", *words]
        return subprocess.check_output(command, text=True, env=environment, timeout=60)

    try:
        console("watch")
        assert "pri-db1" in console("hosts")
        assert [*(lab.directory / "state").rglob("records.db")]
        assert not [*tmp_path.rglob("records.db")]
    finally:
        console("watch", "--stop")
