"""The collection, proven on the lab: the real watch in the operations network, both sites a cable away.

Each test says what the board must say; the lab's own eyes say that the fault was there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from estate.document import HostRow
from estate.samples import Reach, Stage
from tests.lab import consoles, faults
from tests.lab.rig import Cut, Lab
from tests.lab.roles.odd import VARIETIES
from tests.lab.watching import Watching, watching

#: A minute of patience is right for a person; a test can't wait for each limit.
QUICK = """\
thresholds:
  disk: {warn: 85%, critical: 95%, hold: 2s}
  clock_offset_ms: {warn: 500, critical: 5000, hold: 0s}
"""

#: Odd servers that are no host to be sampled: reach, stage, how the cause begins, and a part of the
#: remedy. All others are live.
NOT_LIVE = {
    "odd-no-root": (
        Reach.REFUSED, Stage.AUTH, "refuses our keys: offers publickey",
        "root@odd-no-root does not accept ",
    ),
    "odd-password": (
        Reach.REFUSED, Stage.AUTH, "takes no keys: offers password",
        "Allow keys for clerk on odd-password: PubkeyAuthentication",
    ),
    "odd-two-factors": (
        Reach.REFUSED, Stage.AUTH, "accepts our key and wants more: keyboard-interactive",
        "Match User clerk with AuthenticationMethods publickey",
    ),
    "odd-sha1": (
        Reach.UNREACHABLE, Stage.KEX,
        "no key exchange in common: it has diffie-hellman-group14-sha1",
        "upgrade the SSH server there",
    ),
    "odd-files-only": (
        Reach.UNREACHABLE, Stage.SAMPLER,
        "the sampler ended with status 1, saying “This service allows sftp connections only.”",
        "look at ForceCommand (sshd_config)",
    ),
    "odd-no-shell": (
        Reach.UNREACHABLE, Stage.SAMPLER,
        "the sampler ended with status 1, saying “This account is currently not available.”",
        "give it a login shell",
    ),
    "odd-changed": (
        Reach.UNTRUSTED, Stage.HOST_KEY, "host key differs from known_hosts:",
        "somebody answers in its place",
    ),
    "odd-revoked": (
        Reach.UNTRUSTED, Stage.HOST_KEY, "host key is revoked at known_hosts:",
        "stolen or retired",
    ),
    "odd-stranger": (
        Reach.UNTRUSTED, Stage.HOST_KEY, "host key is not in known_hosts",
        "ssh-keyscan -p 2201 10.71.1.17 | sed 's/^[^ ]*/odd-stranger/' >> ",
    ),
    "odd-tinyssh": (
        Reach.UNREACHABLE, Stage.KEX, "no cipher in common: it has chacha20-poly1305@openssh.com",
        "run OpenSSH's sshd or dropbear on that host",
    ),
    "odd-silent": (
        Reach.FROZEN, Stage.BANNER, "accepts us, then says nothing for 10 s",
        "or the whole host hangs",
    ),
    "odd-mute": (
        Reach.FROZEN, Stage.KEX, "sent its banner and stopped in the key exchange",
        "or a firewall eats large packets (MTU)",
    ),
}  # fmt: skip

#: Live, and with something to say about it.
NOTES = {"odd-one-session": "MaxSessions 1: probes take turns"}


@pytest.fixture(scope="module")
def board(rig: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watching]:
    """One watch over everything there is, for all tests of this file."""
    directory = tmp_path_factory.mktemp("board")
    directory.chmod(0o700)
    console = consoles.write(directory, rig.places.values(), rig.credentials, also=QUICK)
    with watching(rig, console, directory / "watch") as watch:
        yield watch


@pytest.fixture
def watch(board: Watching, lab: Lab) -> Watching:
    """The watch, once it has every host of a healed lab."""
    board.until(lab.places, live, hurry=True)
    return board


def live(row: HostRow) -> bool:
    return row.reach is Reach.LIVE


def gone(row: HostRow) -> bool:
    return row.reach in (Reach.UNREACHABLE, Reach.FROZEN)


def of_site(lab: Lab, site: str) -> list[str]:
    return [name for name, place in lab.places.items() if place.site.key == site]


# ── who is there ──


def test_every_host_of_the_lab_is_live_and_measured(watch: Watching, lab: Lab) -> None:
    def measured(row: HostRow) -> bool:
        return live(row) and {"cpu", "mem", "load1", "disk"} <= set(row.values)

    rows = watch.until(lab.places, measured)
    for host in lab.hosts():
        row = rows[host.name]
        seen = float(host.run("cut -d' ' -f1 /proc/uptime"))
        assert row.uptime_seconds is not None
        assert abs(row.uptime_seconds - seen) < 30
        assert row.kernel == host.run("cat /proc/sys/kernel/osrelease")
        assert row.cores == int(host.run("grep -c ^processor /proc/cpuinfo"))


@pytest.mark.parametrize("name", VARIETIES)
def test_an_odd_ssh_server_is_live_or_named_with_cause_and_remedy(
    watch: Watching, name: str
) -> None:
    if name not in NOT_LIVE:
        row = watch.until([name], lambda row: live(row) and "cpu" in row.values, hurry=True)[name]
        if name in NOTES:
            watch.until([name], lambda row: NOTES[name] in row.note)
        else:
            assert "turns" not in row.note
        return
    reach, stage, what, remedy = NOT_LIVE[name]
    row = watch.until([name], lambda row: row.reach is reach)[name]
    assert row.cause is not None
    assert row.cause.stage is stage
    assert row.cause.what.startswith(what)
    assert remedy in row.cause.remedy


def test_a_crowd_behind_a_small_maxstartups_comes_in_together(watch: Watching, lab: Lab) -> None:
    crowd = [name for name, odd in VARIETIES.items() if odd.port == VARIETIES["odd-crowd-1"].port]
    assert len(crowd) == 6
    host = lab.host("pri-odd")
    before = {name: row.since for name, row in watch.until(crowd, live, hurry=True).items()}
    # Every connection of this server, and not the server.
    host.run("ss -Htnp 'sport = :2208' | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -u | xargs kill")
    watch.until(crowd, lambda row: live(row) and row.since > before[row.name], hurry=True)


def test_what_probes_can_not_ask_is_said_and_what_they_can_is_there(
    watch: Watching, lab: Lab
) -> None:
    watch.refresh()
    wanted = {"units", "processes", "clock", "disks"}
    for name in lab.places:
        watch.eventually(partial(_probed, watch, name, wanted), f"probes of {name}")
    assert watch.detail("pri-bb").gaps["units"] == "no systemd"
    units = {r.subject: r.text for r in watch.detail("pri-mx1").readings["units"]}
    assert units["postfix@-.service"] == "active"
    assert "failed" not in units.values()
    busiest = {reading.subject for reading in watch.detail("pri-mq1").readings["processes"]}
    assert "beam.smp" in busiest


def test_a_service_that_is_enabled_and_does_not_run_is_seen(watch: Watching, lab: Lab) -> None:
    host = lab.host("rec-mq1")

    def resting() -> bool:
        watch.refresh(host.name)
        units = watch.detail(host.name).readings.get("units", ())
        return ("redis-server.service", "inactive") in {(u.subject, u.text) for u in units}

    host.run("systemctl stop redis-server")
    try:
        watch.eventually(resting, "redis-server as a service that should run")
    finally:
        host.run("systemctl start redis-server lab-seed")
    watch.eventually(lambda: not resting(), "redis-server runs again")


def _probed(watch: Watching, name: str, wanted: set[str]) -> bool:
    return wanted <= set(watch.detail(name).probed_at)


# ── what can happen ──


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (Cut.VANISH, "no answer from 10.71.2."),
        (Cut.UNREACHABLE, "network is unreachable at 10.71.2."),
    ],
)
def test_a_site_that_is_cut_off_is_one_problem_and_the_other_goes_on(
    watch: Watching, lab: Lab, how: Cut, said: str, request: pytest.FixtureRequest
) -> None:
    if how is Cut.VANISH:
        request.getfixturevalue("cables")
    lost, well = of_site(lab, "rec"), of_site(lab, "pri")
    lab.cut("rec", how)
    rows = watch.until(
        lost, lambda row: gone(row) and row.cause is not None and said in row.cause.what
    )
    assert {row.cause.stage for row in rows.values() if row.cause} == {Stage.CONNECT}
    [root] = watch.eventually(
        lambda: [p for p in watch.problems() if p.site == "rec" and not p.parent], "one cause"
    )
    assert set(root.hosts) == set(lost)
    assert {row.behind for row in watch.until(lost, lambda row: bool(row.behind)).values()} == {
        "rec"
    }
    before = {name: row.at for name, row in watch.until(well, live).items()}
    watch.until(well, lambda row: live(row) and (row.at or 0) >= (before[row.name] or 0) + 3000)
    lab.heal("rec")
    watch.until(lost, live, hurry=True)
    assert not [p for p in watch.problems() if p.kind == "reach" and p.site == "rec"]


def test_a_slow_and_lossy_way_costs_samples_and_not_hosts(
    watch: Watching, cables: Lab, tmp_path: Path
) -> None:
    """150 ms each way, one packet in ten lost: hosts that are live stay in sight, and a watch that
    starts now reaches every one of them."""
    far = of_site(cables, "rec")
    cables.cable("rec", delay_ms=150, loss=0.1)
    before = {name: row.at or 0 for name, row in watch.until(far, live).items()}
    watch.until(far, lambda row: (row.at or 0) >= before[row.name] + 20_000)
    tmp_path.chmod(0o700)
    console = consoles.write(
        tmp_path, [cables.places[name] for name in far], cables.credentials, every="5s"
    )
    with watching(cables, console, tmp_path / "watch") as cold:
        cold.until(far, lambda row: live(row) and "cpu" in row.values)
    cables.heal("rec")
    watch.until(far, live, hurry=True)


def test_a_frozen_host_is_told_from_a_lost_one_and_comes_back(watch: Watching, lab: Lab) -> None:
    host = lab.host("rec-web1")
    with faults.frozen(host):
        row = watch.until([host.name], lambda row: row.reach is Reach.FROZEN)[host.name]
        assert row.cause is not None
        assert row.cause.stage is Stage.TIMEOUT
        assert row.cause.what.startswith("connected, and no sample for ")
        # Its kernel still takes connections, and nobody reads them.
        watch.until(
            [host.name],
            lambda row: (
                row.cause is not None and row.cause.what.startswith("accepts us, then says nothing")
            ),
        )
        others = [name for name in lab.places if name != host.name]
        watch.until(others, live)
    watch.until([host.name], live, hurry=True)


def test_a_host_that_reboots_comes_back_with_a_smaller_uptime(watch: Watching, lab: Lab) -> None:
    host = lab.host("rec-mq1")
    watch.until([host.name], lambda row: (row.uptime_seconds or 0) > 20)
    faults.reboot(host)
    watch.until(
        [host.name], lambda row: live(row) and 0 < (row.uptime_seconds or 0) < 20, hurry=True
    )
    told = [each.what for each in watch.events() if each.where == host.name]
    assert told[0].startswith("rebooted, up for ")
    assert "unreachable → live" in told
    lab.wait([host.name])


def test_a_wrong_clock_is_a_problem_with_its_size(watch: Watching, lab: Lab) -> None:
    host = lab.host("pri-web2")
    with faults.wrong_clock(host, 3600):
        assert abs(_offset_seconds(watch, host.name, lambda offset: offset > 60) - 3600) < 30
        problem = watch.eventually(
            lambda: [p for p in watch.problems() if host.name in p.hosts and "clock" in p.what],
            "a problem of the clock",
        )[0]
        assert problem.severity.value == "critical"
    assert abs(_offset_seconds(watch, host.name, lambda offset: offset < 60)) < 1


def _offset_seconds(watch: Watching, host: str, holds: Callable[[float], bool]) -> float:
    def found() -> list[float]:
        watch.refresh(host)
        readings = watch.detail(host).readings.get("clock", ())
        seconds = [r.value / 1000 for r in readings if r.name == "offset_ms"]
        return [each for each in seconds if holds(each)]

    return float(watch.eventually(found, "another offset of the clock")[0])


def test_a_full_disk_is_a_problem_that_names_the_file_system(watch: Watching, lab: Lab) -> None:
    host = lab.host("pri-web1")
    with faults.full_disk(host, "/tmp"):
        assert host.ask("echo more >/tmp/more").status != 0
        problem = watch.eventually(
            lambda: [p for p in watch.problems() if host.name in p.hosts and p.kind == "disk"],
            "a problem of the disk",
        )[0]
        assert "/tmp" in problem.what
        assert problem.severity.value == "critical"
        # A host with a full disk is still a host: nothing of the sampler needs room.
        lab.host("pri-web1").run("systemctl restart ssh")
        watch.refresh(host.name)
        watch.until([host.name], live)
    watch.eventually(
        lambda: not [p for p in watch.problems() if host.name in p.hosts and p.kind == "disk"],
        "the problem of the disk is over",
        seconds=120,
    )
