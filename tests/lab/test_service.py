"""The watch as a service: `watch/twinwatch.service`, as it is shipped, under a real systemd."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import IO, Any, cast

import pytest
from packaging.requirements import Requirement

from tests.lab import faults
from tests.lab.rig import Lab, LabHost
from watch.main import PACKAGES

REPOSITORY = Path(__file__).parents[2]
UNIT = REPOSITORY / "watch" / "twinwatch.service"
BASTION = "rec-infra"
WATCHED = ("core", "pri-db1", "pri-bb", "rec-web1")

PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
PREFIX = "/opt/twinwatch"
COMMAND = f"{PREFIX}/bin/twinwatch"

#: Who logs in to the bastion: an operator, a viewer, and one whom it does not concern.
PEOPLE = {"amy": "-G twinwatch,oncall", "liz": "-G twinwatch,desk", "bob": ""}

SCRIPT = f"""\
#!{PREFIX}/bin/python3
import sys
from tui.commands.main import main
sys.exit(main())
"""

ESTATE = """\
estate: Lab
every: 1s
sites:
{sites}
hosts:
{hosts}
roles:
  operator: [oncall]
  viewer: [desk]
"""

SSH_CONFIG = "Host *\n  User root\n  IdentityFile ~/.ssh/id\n  IdentitiesOnly yes\n"


@pytest.fixture(scope="module")
def bastion(rig: Lab) -> Iterator[LabHost]:
    """A host with twinwatch installed, and the service enabled as its unit says it should be."""
    host = rig.host(BASTION)
    there = host.ask(f"command -v {PYTHON}")
    if there.status:
        pytest.skip(f"the lab's hosts have no {PYTHON}: what is compiled here does not run there")
    _install(host)
    _configure(rig, host)
    try:
        yield host
    finally:
        host.reset()


@pytest.fixture
def service(bastion: LabHost, lab: Lab) -> LabHost:
    """It runs, and sees every host."""
    bastion.run("systemctl start twinwatch")
    _until_all_live(bastion)
    return bastion


def _install(host: LabHost) -> None:
    """An environment of its own: our packages, and those that pyproject.toml asks for, with theirs."""
    host.run(f"{PYTHON} -m venv --without-pip {PREFIX}")
    site = f"{PREFIX}/lib/{PYTHON}/site-packages"
    with (
        subprocess.Popen(
            [*host.inside(), "tar", "-x", "-C", site], stdin=subprocess.PIPE
        ) as unpacking,
        tarfile.open(fileobj=cast(IO[bytes], unpacking.stdin), mode="w|") as archive,
    ):
        for name in PACKAGES:
            archive.add(REPOSITORY / name, name, filter=_shipped)
        for each in _needed():
            for file in each.files or ():
                path = Path(str(each.locate_file(file)))
                if path.is_file() and ".." not in file.parts:
                    archive.add(path, str(file), recursive=False)
    assert unpacking.returncode == 0
    host.write(COMMAND, SCRIPT, mode="755")


def _shipped(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in member.name else member


def _needed() -> list[Distribution]:
    """What twinwatch requires, and what that requires, as it is installed here."""
    found: dict[str, Distribution] = {}
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    while wanted:
        requirement = Requirement(wanted.pop())
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        if requirement.name in found:
            continue
        try:
            found[requirement.name] = distribution(requirement.name)
        except PackageNotFoundError:
            pytest.fail(f"{requirement.name} is required, and not installed")
        wanted += found[requirement.name].requires or ()
    return list(found.values())


def _configure(lab: Lab, host: LabHost) -> None:
    """As the unit's own head says, word for word."""
    said = [line[4:] for line in UNIT.read_text().splitlines() if line.startswith("#   ")]
    assert [line.split()[0] for line in said] == ["useradd", "install", "systemctl"]
    host.run(said[0])
    places = [lab.places[name] for name in WATCHED]
    sites = {place.site.key: place.site for place in places}.values()
    host.write(
        "/etc/twinwatch/estate.yaml",
        ESTATE.format(
            sites="\n".join(f"  {s.key}: {{name: {s.name}, role: {s.role}}}" for s in sites),
            hosts="\n".join(
                f"  {p.name}: {{site: {p.site.key}, address: {p.address}}}" for p in places
            ),
        ),
    )
    keys = lab.credentials
    known = "".join(f"{p.address} {keys.public(keys.host_key(p.name))}" for p in places)
    home = "/var/lib/twinwatch/.ssh"
    host.write(f"{home}/config", SSH_CONFIG, mode="600")
    host.write(f"{home}/id", keys.key.read_text(), mode="600")
    host.write(f"{home}/known_hosts", known, mode="600")
    host.run("chown -R twinwatch: /var/lib/twinwatch && chmod 700 /var/lib/twinwatch/.ssh")
    host.run("groupadd oncall && groupadd desk")
    for name, groups in PEOPLE.items():
        host.run(f"useradd -m {groups} {name}")
    host.write("/root/twinwatch.service", UNIT.read_text())
    host.run(f"cd /root && {said[1]} && systemctl daemon-reload && {said[2]}")


def asked(host: LabHost, person: str, words: str) -> tuple[int, Any]:
    """What `twinwatch WORDS --json` says to a person who is logged in on the host."""
    answer = host.ask(f"runuser -u {person} -- {COMMAND} {words} --json")
    return answer.status, json.loads(answer.out or answer.err)


def _until_all_live(host: LabHost) -> None:
    host.wait_until(
        f"runuser -u amy -- {COMMAND} hosts --where state:live --json | "
        f"python3 -c 'import json, sys; sys.exit(len(json.load(sys.stdin)) != {len(WATCHED)})'",
        seconds=60,
    )


def _main_process(host: LabHost) -> int:
    return int(host.run("systemctl show -P MainPID twinwatch"))


def test_it_runs_as_its_own_user_with_no_rights_at_all(service: LabHost) -> None:
    pid = _main_process(service)
    status = dict(
        line.split(":\t", 1)
        for line in service.read(f"/proc/{pid}/status").splitlines()
        if ":\t" in line
    )
    assert service.run(f"stat -c %U /proc/{pid}") == "twinwatch"
    assert (int(status["CapEff"], 16), int(status["CapBnd"], 16)) == (0, 0)
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    assert service.run("stat -c '%a %U %G' /run/twinwatch") == "710 twinwatch twinwatch"
    [socket] = service.run("find /run/twinwatch -type s").splitlines()
    assert service.run(f"stat -c '%a %U %G' {socket}") == "660 twinwatch twinwatch"
    assert service.run("find /var/lib/twinwatch -name '*.db*' | wc -l") != "0"
    assert service.run("find /var/lib/twinwatch/estate-* -perm /077") == ""


def test_the_group_looks_operators_steer_and_others_are_refused(service: LabHost) -> None:
    for member in ("amy", "liz"):
        status, hosts = asked(service, member, "hosts")
        assert status == 0
        assert {row["name"]: row["reach"] for row in hosts} == dict.fromkeys(WATCHED, "live")
    status, refused = asked(service, "bob", "hosts")
    assert status != 0
    assert {"what", "where", "why", "do"} <= set(refused["error"])
    before = _main_process(service)
    assert service.ask(f"runuser -u liz -- {COMMAND} watch --stop").status != 0
    assert _main_process(service) == before
    # Nobody's command has started a watch of its own instead.
    assert service.run("pgrep -c -f '[w]atch --foreground|-m [w]atch'") == "1"


def test_one_that_is_killed_is_started_again_and_knows_what_it_knew(service: LabHost) -> None:
    before = _main_process(service)
    started = asked(service, "amy", "status")[1]
    service.run(f"kill -KILL {before}")
    service.wait_until(
        f"p=$(systemctl show -P MainPID twinwatch); test $p != 0 && test $p != {before}"
    )
    _until_all_live(service)
    _, events = asked(service, "amy", "events")
    assert events, "the records were lost"
    assert asked(service, "amy", "status")[1]["estate"] == started["estate"]


def test_it_stops_in_order_and_leaves_no_socket(service: LabHost) -> None:
    service.run("systemctl stop twinwatch")
    assert service.run("systemctl show -P Result twinwatch") == "success"
    assert service.run("systemctl show -P ExecMainStatus twinwatch") == "0"
    assert service.ask("find /run/twinwatch -type s").out == ""


def test_it_comes_back_with_its_machine(service: LabHost, lab: Lab) -> None:
    faults.reboot(service)
    lab.wait([BASTION])
    _until_all_live(service)
