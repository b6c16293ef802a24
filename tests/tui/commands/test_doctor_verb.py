"""`twinwatch doctor` names what is wrong, and ends with 1 if anything fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

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


@pytest.mark.parametrize("arguments", [[], ["--estate", "nope.yaml"]])
def test_without_an_estate_all_the_rest_is_looked_at(run: Run, arguments: list[str]) -> None:
    said = run(*arguments, "doctor", "--json", SSH_AUTH_SOCK="/no/agent")
    found = {each["check"]: each for each in json.loads(said.stdout)}
    assert said.returncode == 1
    assert found["estate"]["verdict"] == "fail"
    assert "estate.yaml" in found["estate"]["what"] or "nope.yaml" in found["estate"]["what"]
    assert found["agent"]["verdict"] == "fail"
    assert {"python", "sqlite", "locale", "clock"} <= found.keys()


def test_what_the_console_can_not_use_is_named_with_its_line(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home" / ".config" / "twinwatch"
    home.mkdir(parents=True)
    (home / "settings.yaml").write_text("theme: dark\nbell: loud\n")
    (home / "keys.yaml").write_text("refersh: r\n")
    said = run("doctor", "--json")
    found = {each["check"]: each for each in json.loads(said.stdout)}
    assert found["settings"] == {
        "check": "settings",
        "verdict": "warn",
        "what": f"{home}/settings.yaml:2: bell: 'loud' is no choice",
        "remedy": "choose off, on",
    }
    assert found["keys of the console"]["what"].startswith(f"{home}/keys.yaml:1: ")


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
