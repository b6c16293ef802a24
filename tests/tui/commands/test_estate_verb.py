"""`twinwatch estate`: what is right, and first estates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tui.commands.conftest import Run

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").rglob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_have_no_problems(run: Run, tmp_path: Path, path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    copy.chmod(0o600)
    said = run("estate", "lint", copy, "--json")
    assert (said.returncode, said.stderr) == (0, "")
    assert json.loads(said.stdout)["problems"] == []


def test_lint_counts_what_it_read(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "estate.yaml"
    file.write_text("estate: x\nsites: {a: }\nhosts: {'h[1:3]': {groups: [g]}}\n")
    file.chmod(0o600)
    assert run("estate", "lint", file).stdout == (
        f"{file}: no problems; 3 hosts, 1 site, 1 group\n"
    )


def test_the_schema_is_json(run: Run) -> None:
    assert json.loads(run("estate", "schema").stdout)["title"] == "twinwatch estate"


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--ansible", "[web]\nweb[1:2]\n"),
        ("--ansible", "all:\n  hosts:\n    web[1:2]:\n"),
        ("--ssh-config", "Host web1 web2\nHost *\n"),
        ("--prometheus-sd", '[{"targets": ["web1:9100", "web2:9100"]}]'),
    ],
)
def test_a_first_estate_lints(run: Run, tmp_path: Path, option: str, text: str) -> None:
    source, output = tmp_path / "source", tmp_path / "estate.yaml"
    source.write_text(text)
    source.chmod(0o600)
    made = run("estate", "import", option, source, "--output", output)
    assert (made.returncode, made.stderr) == (0, "")
    said = json.loads(run("estate", "lint", output, "--json").stdout)
    assert (said["problems"], said["hosts"]) == ([], 2)
    assert run("estate", "import", option, source).stdout == output.read_text()
