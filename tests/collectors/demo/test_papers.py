"""The estate file that the demo writes is one that the product reads."""

from pathlib import Path

import pytest

from collectors.demo import papers
from collectors.demo.roster import FEWEST, roster
from estate.file import read_estate


@pytest.mark.parametrize("total", [FEWEST, 12, 80, 130])
def test_the_estate_is_accepted_at_any_size(total: int) -> None:
    estate = read_estate(papers.estate(roster(total), Path("/d"), DOORS), "estate.yaml")
    assert len(estate.hosts) == total
    assert (estate.timezone, estate.every_ms) == ("Asia/Hong_Kong", 2000)
    assert estate.ssh.config == "/d/ssh_config"
    assert estate.tenants["SB"].name == {"en": "Security Bureau", "zh-Hant": "保安局"}
    assert len(estate.tenants) == 22


DOORS = dict.fromkeys(papers.FRONT_DOORS, 2525)


def test_groups_stand_in_the_platforms_order() -> None:
    estate = read_estate(papers.estate(roster(80), Path("/d"), DOORS), "estate.yaml")
    assert estate.groups() == ("mta", "mbx", "mdb", "im", "lb", "dir", "mq", "gw", "ops")


def test_a_key_is_nobody_elses() -> None:
    first, second = papers.new_key(), papers.new_key()
    assert first.public != second.public
    assert first.line.startswith("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI")
