"""Each fault does what it says, seen with a plain socket or in the kernel's files, and is undone."""

from __future__ import annotations

import socket
import time

import pytest

from tests.lab import faults
from tests.lab.eyes import accepts
from tests.lab.rig import Lab, LabError, LabHost

PORT = 22


@pytest.fixture
def host(lab: Lab) -> LabHost:
    return lab.host("pri-web2")


def test_dropped_packets_are_answered_by_nobody(lab: Lab, host: LabHost) -> None:
    with faults.dropped(host, PORT):
        assert accepts(lab, host.address, PORT) == "silent"
        assert accepts(lab, host.address, 80) == "open"
    assert accepts(lab, host.address, PORT) == "open"


def test_a_refused_port_answers_with_a_reset(lab: Lab, host: LabHost) -> None:
    with faults.refused(host, PORT):
        assert accepts(lab, host.address, PORT) == "refused"
        assert accepts(lab, host.address, 80) == "open"
    assert accepts(lab, host.address, PORT) == "open"


def test_a_connection_that_stands_is_half_open_while_its_port_is_dropped(
    lab: Lab, host: LabHost
) -> None:
    with lab.in_network("ops"), socket.create_connection((host.address, PORT), 5) as connection:
        connection.settimeout(5)
        assert connection.recv(4) == b"SSH-"
        connection.recv(1000)
        with faults.dropped(host, PORT):
            connection.sendall(b"not SSH\r\n")
            connection.settimeout(0.5)
            with pytest.raises(TimeoutError):
                connection.recv(1)
        connection.settimeout(20)
        assert connection.recv(1000)  # what it thinks of that


def test_a_slow_host_sends_slowly(lab: Lab, host: LabHost) -> None:
    host.run("head -c 60000 /dev/zero >/var/www/acme/slow")
    path = "GET /.well-known/acme-challenge/slow HTTP/1.0\r\n\r\n"
    assert _seconds_to_fetch(lab, host, path) < _seconds_to_fetch_slowly(lab, host, path)
    host.run("rm /var/www/acme/slow")


def _seconds_to_fetch_slowly(lab: Lab, host: LabHost, request: str) -> float:
    with faults.slow(host, kbit_per_second=200):
        seconds = _seconds_to_fetch(lab, host, request)
    assert seconds > 1.5, "60 kB at 200 kbit/s take 2.4 s, less a full bucket"
    return seconds


def _seconds_to_fetch(lab: Lab, host: LabHost, request: str) -> float:
    begun = time.monotonic()
    with lab.in_network("ops"), socket.create_connection((host.address, 80), 5) as connection:
        connection.settimeout(30)
        connection.sendall(request.encode())
        while connection.recv(65536):
            pass
    return time.monotonic() - begun


def test_a_full_disk_keeps_what_was_there_and_takes_nothing_more(host: LabHost) -> None:
    before = host.run("ls /var/log/nginx")
    with faults.full_disk(host, "/var/log/nginx"):
        assert host.run("ls /var/log/nginx") == before
        assert host.run("df --output=pcent /var/log/nginx | tail -1").strip() == "100%"
        answer = host.ask("cp /etc/passwd /var/log/nginx/more")
        assert "No space left on device" in answer.err
    assert host.run("ls /var/log/nginx") == before
    host.run("cp /etc/passwd /var/log/nginx/more && rm /var/log/nginx/more")


def test_a_wrong_clock_is_seen_by_what_starts_from_now_on(host: LabHost) -> None:
    with faults.wrong_clock(host, +300):
        assert 295 <= _ahead(host) <= 305
    assert -5 <= _ahead(host) <= 5
    with faults.wrong_clock(host, -3600):
        assert -3605 <= _ahead(host) <= -3595


def _ahead(host: LabHost) -> float:
    return float(host.run("date +%s")) - time.time()


def test_a_file_of_proc_says_something_else(host: LabHost) -> None:
    with faults.instead_of(host, "/proc/loadavg", "42.00 41.00 40.00 3/200 12345\n"):
        assert host.run("cut -d' ' -f1 /proc/loadavg") == "42.00"
    assert host.run("cut -d' ' -f1 /proc/loadavg") != "42.00"


def test_a_frozen_host_accepts_and_never_speaks(lab: Lab, host: LabHost) -> None:
    with (
        faults.frozen(host),
        lab.in_network("ops"),
        socket.create_connection((host.address, PORT), 5) as connection,
    ):
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    lab.wait_for_ssh([host.name])


def test_without_sshd_the_port_is_closed(lab: Lab, host: LabHost) -> None:
    with faults.without_sshd(host):
        assert accepts(lab, host.address, PORT) == "refused"
    lab.wait_for_ssh([host.name])


def test_a_session_survives_the_restart_of_sshd(lab: Lab, host: LabHost) -> None:
    with lab.in_network("ops"), socket.create_connection((host.address, PORT), 5) as connection:
        connection.settimeout(5)
        assert connection.recv(4) == b"SSH-"
        before = host.run("systemctl show -P MainPID ssh")
        faults.restart_sshd(host)
        assert host.run("systemctl show -P MainPID ssh") != before
        assert connection.recv(1000)  # the rest of its greeting: it is still there


def test_a_clean_reboot_comes_back_with_another_boot_id(lab: Lab, host: LabHost) -> None:
    host.run("touch /run/gone /var/kept")
    before = host.boot_id()
    faults.reboot(host)
    lab.wait([host.name])
    assert host.boot_id() != before
    assert host.run("ls /run/gone /var/kept", check=False) == "/var/kept"
    host.run("rm /var/kept")


def test_a_host_that_is_powered_off_stays_off_until_it_is_started(lab: Lab, host: LabHost) -> None:
    faults.power_off(host)
    assert accepts(lab, host.address, PORT) != "open"
    with pytest.raises(LabError, match="pri-web2 is off"):
        host.run("true")
    host.start()
    lab.wait([host.name])
    assert accepts(lab, host.address, PORT) == "open"


def test_heal_undoes_all_of_them(lab: Lab, host: LabHost) -> None:
    left_on = [
        faults.dropped(host, PORT),
        faults.slow(host, kbit_per_second=100),
        faults.full_disk(host, "/srv"),
        faults.wrong_clock(host, 600),
        faults.instead_of(host, "/proc/meminfo", "MemTotal: 1 kB\n"),
        faults.frozen(host),
    ]
    for fault in left_on:
        fault.__enter__()
    faults.heal(host)
    assert accepts(lab, host.address, PORT) == "open"
    assert "tbf" not in host.run("tc qdisc show dev eth0")
    host.run("cp /etc/passwd /srv/more && rm /srv/more")
    assert -5 <= _ahead(host) <= 5
    assert host.run("grep -c . /proc/meminfo") != "1"
    # Not "lab-f": the overlay's line has the lab's own directory in it, whose name is random.
    mounts = f"grep -c -e ' /lab-faults/' -e ' {faults.FULL} ' /proc/self/mountinfo"
    assert host.run(mounts, check=False) == "0"
