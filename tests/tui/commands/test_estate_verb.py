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


def test_lint_looks_for_the_runbooks_that_the_estate_names(run: Run, tmp_path: Path) -> None:
    file, folder = tmp_path / "estate.yaml", tmp_path / "runbooks"
    file.write_text(
        "estate: x\nsites: {a: }\nhosts: {h: {groups: [g]}}\nservices:\n  mail:\n"
        "    runbooks: {fails: mail-relay-failver, back: our-own}\n"
    )
    file.chmod(0o600)
    folder.mkdir()
    said = run("estate", "lint", file)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.splitlines() == [
        f"{file}:6: no runbook 'mail-relay-failver' — did you mean 'mail-relay-failover'?",
        f"{file}:6: no runbook 'our-own' — put it into {folder}, or name another: "
        "twinwatch runbook list",
    ]
    told = json.loads(run("estate", "lint", file, "--json").stdout)
    assert [each["line"] for each in told["problems"]] == [6, 6]
    (folder / "our-own.yaml").write_text("runbook: our-own\n")
    (folder / "our-own.yaml").chmod(0o600)
    file.write_text(file.read_text().replace("failver", "failover") + "oops: 1\n")
    first, refused, *_ = run("estate", "lint", file).stderr.splitlines()
    assert first.startswith(f"{file}:6: runbook 'our-own' is refused: {folder}/our-own.yaml:")
    assert first.endswith(f" — twinwatch runbook lint {folder}/our-own.yaml")
    assert refused.startswith(f"{file}:7: no key 'oops'")  # at once, whatever else is wrong


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
