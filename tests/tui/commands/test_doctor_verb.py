"""`twinwatch doctor` names what is wrong, and ends with 1 if anything fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.tui.commands.conftest import Run

ESTATE = "estate: x\nsites: {a: }\nhosts: {h: {address: 127.0.0.1}}\n"


def test_what_fails_stands_first_with_its_remedy(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "home" / "estate.yaml"
    file.write_text(ESTATE)
    file.chmod(0o600)
    said = run("doctor")
    lines = said.stdout.splitlines()
    assert (said.returncode, said.stderr) == (1, "")  # a stranger in an empty home has no key
    assert lines[0].split()[:2] == ["VERDICT", "CHECK"]
    verdicts = [line.split()[0] for line in lines[1:]]
    assert verdicts == sorted(verdicts, key=["fail", "warn", "ok"].index)
    assert " — " in lines[1]


def test_the_same_as_json(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "home" / "estate.yaml"
    file.write_text("estate: x\nsites: {a: }\nhosts: {h: {port: 0}}\n")
    file.chmod(0o600)
    said = run("doctor", "--json")
    about_estate = [each for each in json.loads(said.stdout) if each["check"] == "estate"]
    assert said.returncode == 1
    assert about_estate == [
        {
            "check": "estate",
            "verdict": "fail",
            "what": f"{file}:3: 0 is out of range",
            "remedy": "write a whole number from 1 to 65535",
        }
    ]
