"""`twinwatch runbook lint|schema|list`, without any watch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.tui.commands.conftest import Run

RUNBOOKS = Path(__file__).parents[2] / "runbooks"
GOOD = RUNBOOKS / "good" / "mail-failover.yaml"


def test_a_good_runbook_is_said_to_be_one(run: Run) -> None:
    said = run("runbook", "lint", GOOD)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == (
        f"{GOOD}:39: by the way: no bound to fenced fails → fence-by-hand: it waits for people\n"
        f"{GOOD}:52: by the way: no bound to fenced → promoted → clients-verified fails:"
        " a person decides\n"
        f"{GOOD}:58: by the way: way_back: no mail-failback is beside it, or among those that ship\n"
        f"{GOOD}: no problems; mail-failover, 5 steps\n"
    )


def test_every_problem_of_every_file_is_printed_and_the_status_is_1(run: Run) -> None:
    bad = [RUNBOOKS / "bad" / f"{name}.yaml" for name in ("eval", "no-kind")]
    said = run("runbook", "lint", *bad, GOOD)
    assert said.returncode == 1
    wanted = "".join(
        line.replace(f"{path.name}:", f"{path}:", 1)
        for path in bad
        for line in path.with_suffix(".txt").read_text().splitlines(keepends=True)
    )
    assert said.stdout.startswith(wanted)
    assert f"{GOOD}: no problems" in said.stdout


def test_the_same_as_json(run: Run) -> None:
    bad = RUNBOOKS / "bad" / "eval.yaml"
    said = run("runbook", "lint", bad, GOOD, "--json")
    assert said.returncode == 1
    first, second = json.loads(said.stdout)
    assert [each["line"] for each in first["problems"]] == [13, 15]
    assert first["problems"][0].keys() == {"line", "what", "todo"}
    assert (second["problems"], second["runbook"], second["steps"]) == ([], "mail-failover", 5)
    assert [each["line"] for each in second["remarks"]] == [39, 52, 58]


def test_a_file_that_is_not_there_is_bad_input(run: Run, tmp_path: Path) -> None:
    said = run("runbook", "lint", tmp_path / "none.yaml")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == (
        f"twinwatch: the file can't be read — {tmp_path}/none.yaml — No such file or directory"
        " — check the path\n"
    )


def test_a_file_that_cant_be_read_hides_no_problem_of_the_others(run: Run, tmp_path: Path) -> None:
    binary = tmp_path / "bin.yaml"
    binary.write_bytes(b"\xff\xfe")
    said = run("runbook", "lint", binary, RUNBOOKS / "bad" / "eval.yaml")
    assert said.returncode == 2
    assert "bin.yaml — byte 0 is no UTF-8" in said.stderr
    assert "eval.yaml:13:" in said.stdout


def test_a_watch_that_is_named_lists_its_own_library(run: Run, tmp_path: Path) -> None:
    said = run("--socket", tmp_path / "none.sock", "runbook", "list")
    assert said.returncode != 0 and "none.sock" in said.stderr, "not the library that is here"


def test_the_schema_is_json(run: Run) -> None:
    assert json.loads(run("runbook", "schema").stdout)["title"] == "twinwatch runbook"


def test_runbooks_are_listed_with_what_is_wrong_with_them(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "books"
    place.mkdir()
    for name, source in (("a", GOOD), ("b", RUNBOOKS / "bad" / "eval.yaml"), ("c", GOOD)):
        (place / f"{name}.yaml").write_bytes(source.read_bytes())
        (place / f"{name}.yaml").chmod(0o600)
    said = run("runbook", "list", "--json", TWINWATCH_RUNBOOKS=place)
    assert (said.returncode, said.stderr) == (0, "")
    rows = [row for row in json.loads(said.stdout) if row["file"].startswith(str(place))]
    assert [(row["name"], row["target_ms"], row["problem"]) for row in rows] == [
        ("b", None, f"2 problems: twinwatch runbook lint {place}/b.yaml"),
        ("mail-failover", 600_000, ""),
        ("mail-failover", 600_000, f"hidden by {place}/a.yaml"),
    ]
    table = run("runbook", "list", TWINWATCH_RUNBOOKS=place).stdout.splitlines()
    assert table[0].split() == ["NAME", "STEPS", "TARGET", "WHAT"]
    shown = next(line for line in table if "mail-failover " in line)
    assert shown.split()[:3] == ["mail-failover", "5", "10:00"]
