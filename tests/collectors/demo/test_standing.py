"""What demo hosts print of replication, balancers, packages is what the real probes read."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from collectors.demo import papers
from collectors.demo.life import PROFILES, Life
from collectors.demo.root import Root, write_commands
from collectors.demo.roster import Member, roster
from collectors.demo.standing import BACKUPS, Standing
from collectors.probes import PROBES
from collectors.runner import Answer
from estate.file import read_estate
from estate.samples import Gap, Reading

MEMBERS = roster(80)
ESTATE = read_estate(
    papers.estate(MEMBERS, Path("/d"), dict.fromkeys(papers.FRONT_DOORS, 2525)), "estate.yaml"
)


class Playing:
    """Hosts of the demo as files; `ask` runs a real probe's script on one."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.lost: set[str] = set()
        write_commands(directory / "bin")

    def ask(self, host: str, probe: str) -> dict[str, list[Reading]]:
        member = next(each for each in MEMBERS if each.name == host)
        root = self._root(member)
        script = PROBES[probe].command(ESTATE.hosts[host])
        done = subprocess.run(
            ["sh", "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=60, check=False,
            env={"PATH": f"{root}/bin:{os.defpath}", "LC_ALL": "C", "TWINWATCH_ROOT": str(root)},
        )  # fmt: skip
        found: dict[str, list[Reading]] = {}
        for each in PROBES[probe].parse(Answer(probe, done.returncode, done.stdout, False, 0, 0)):
            assert not isinstance(each, Gap), each
            found.setdefault(each.name, []).append(each)
        return found

    def _root(self, member: Member) -> Path:
        place = self.directory / f"{member.name}-{len(self.lost)}"
        if not place.exists():
            life = Life(member.name, PROFILES[member.group], 1)
            Root(place, self.directory / "bin", life, Standing(member, MEMBERS, self.lost))
        return place


@pytest.fixture
def playing(tmp_path: Path) -> Playing:
    return Playing(tmp_path)


def test_both_ends_of_a_stream_and_what_is_left_when_one_is_lost(playing: Playing) -> None:
    [server] = playing.ask("mdb-c01", "postgresql")["replication_server"]
    assert server.text == "primary"
    [received] = playing.ask("mdb-r01", "postgresql")["replication_stream"]
    assert (received.subject, received.text) == ("mdb-c01", "streaming")
    assert 0.1 <= received.value <= 0.5
    playing.lost |= {"mdb-c01"}
    [received] = playing.ask("mdb-r01", "postgresql")["replication_stream"]
    assert (received.subject, received.text) == ("mdb-c01", "stopped")


def test_a_balancer_misses_the_servers_that_are_lost(playing: Playing) -> None:
    assert not any(
        "down" in each.attributes for each in playing.ask("lb-c01", "haproxy")["backend"]
    )
    playing.lost |= {"mta-c16"}
    smtp = playing.ask("lb-c01", "haproxy")["backend"][0]
    assert (smtp.value, smtp.attributes["down"]) == (15, "mta-c16")


def test_one_balancer_of_a_site_holds_its_address(playing: Playing) -> None:
    held = {name: playing.ask(name, "keepalived") for name in ("lb-c01", "lb-c02", "lb-r01")}
    assert [each["address"][0].text for each in held.values()] == ["held", "absent", "held"]
    assert held["lb-c02"]["keepalived"][0].attributes == {"state": "BACKUP"}


def test_certificates_packages_and_backups(playing: Playing) -> None:
    here, there = (
        {each.subject: each.text for each in playing.ask(name, "certificates")["certificate"]}
        for name in ("lb-c01", "lb-r01")
    )
    assert here["mail.demo"] == there["mail.demo"]
    assert here["im.demo"] != there["im.demo"]
    [behind] = playing.ask("mta-r01", "packages")["packages"]
    [current] = playing.ask("mta-c01", "packages")["packages"]
    assert (behind.attributes["security"], current.attributes["security"]) == (2, 0)
    assert behind.attributes["installed"] != current.attributes["installed"]
    assert current.text == "no"
    copies = {
        each.subject: each.value / 3600 for each in playing.ask("ops-r01", "backups")["backup"]
    }
    assert {name: round(age, 1) for name, age in copies.items()} == {
        name: hours for name, (hours, _, _) in BACKUPS.items()
    }
