"""The runbooks that an estate names, and where it names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from estate.error import FileRefused
from estate.strict import Problem
from watch.namedrunbooks import linted, named_in, unusable_in
from watch.runbookfiles import shipped
from watch.source import Source

ESTATE = """\
estate: x
sites: {a: }
hosts: {h: {groups: [g]}}
services:
  mail:
    runbooks:
      fails: mail-relay-failover
      back: elsewhere
  web: {runbooks: {fails: elsewhere}}
  voice: {tier: 2}
"""


def test_each_is_named_with_its_line() -> None:
    assert list(named_in(ESTATE)) == [
        (7, "mail-relay-failover"),
        (8, "elsewhere"),
        (9, "elsewhere"),
    ]


@pytest.mark.parametrize("text", [
    "", "services: 3\n", "services: {mail: [1]}\n", "services: {mail: {runbooks: x}}\n",
    "services: {mail: {runbooks: {fails: 3}}}\n", "services:\n", "services: {mail: \n", "\t: x\n",
])  # fmt: skip
def test_what_the_estate_refuses_anyway_names_none(text: str) -> None:
    assert list(named_in(text)) == []


def test_what_is_nowhere_is_a_problem_each_time(tmp_path: Path) -> None:
    todo = f"put it into {tmp_path}, or name another: twinwatch runbook list"
    places = (tmp_path / "not there", tmp_path, shipped())
    assert unusable_in(ESTATE, places) == (
        Problem(8, "no runbook 'elsewhere'", todo),
        Problem(9, "no runbook 'elsewhere'", todo),
    )


def test_one_that_others_could_have_written_can_t_be_run(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.yaml"
    path.write_text("runbook: elsewhere\n")
    path.chmod(0o666)
    first, _ = unusable_in(ESTATE, (tmp_path, shipped()))
    assert first.what == (
        "runbook 'elsewhere' is refused: the file is refused: others could have changed it"
    )
    assert first.todo == f"twinwatch runbook lint {path}"


def test_the_nearer_one_counts_refused_or_not(tmp_path: Path) -> None:
    good = (shipped() / "rolling-patch.yaml").read_text()
    for place, text in (("near", good), ("far", "runbook: rolling-patch\n")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "rolling-patch.yaml").write_text(text)
        (tmp_path / place / "rolling-patch.yaml").chmod(0o600)
    text = "services: {mail: {runbooks: {fails: rolling-patch}}}\n"
    near, far = tmp_path / "near", tmp_path / "far"
    assert unusable_in(text, (near, far, shipped())) == ()
    [refused] = unusable_in(text, (far, near, shipped()))
    assert refused.what.startswith(f"runbook 'rolling-patch' is refused: {far}/rolling-patch.yaml:")


def test_a_watch_reads_an_estate_whose_runbooks_are_not_there(tmp_path: Path) -> None:
    """Lint is stricter: a runbook may come later, and the board must not wait for it."""
    from watch.source import read

    file = tmp_path / "estate.yaml"
    file.write_text(ESTATE)
    file.chmod(0o600)
    assert list(read(Source(file)).services) == ["mail", "web", "voice"]
    with pytest.raises(FileRefused) as refused:
        linted(Source(file), {"HOME": str(tmp_path)})
    assert [each.line for each in refused.value.problems] == [8, 9]
