"""The platform's papers, as whoever connects finds them."""

from pathlib import Path

import pytest

from collectors.demo.platform import Platform
from collectors.demo.roster import roster
from estate.file import read_estate
from runbooks.planning.plan import Situation, plan
from watch.runbookfiles import load, places, shelf


@pytest.mark.parametrize("hosts", [5, 12, 80])
def test_its_runbooks_stand_beside_its_estate_and_can_be_run_there(
    tmp_path: Path, hosts: int
) -> None:
    platform = Platform(tmp_path / "demo", roster(hosts), ())
    try:
        estate = read_estate(platform.estate.read_text(), "estate.yaml")
        names = {each.name for each in shelf(places({}, platform.estate)) if each.runbook}
        assert {"demo-mail-failover", "demo-hosts-answer"} <= names
        for file in (platform.directory / "runbooks").iterdir():
            assert file.stat().st_mode & 0o777 == 0o600
            made = plan(load(file), {}, estate, Situation(0))
            assert made.reasons == (), file.name
    finally:
        platform.close()
