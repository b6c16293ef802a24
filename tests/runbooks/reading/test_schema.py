"""The schema editors use agrees with the reader: on good runbooks, and on what is wrong in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from estate.shapes import declared
from estate.strict import read_tree
from runbooks.reading.schema import runbook_schema
from tests.estate.test_schema import fits

HERE = Path(__file__).parents[1]


@pytest.mark.parametrize("path", sorted((HERE / "good").glob("*.yaml")), ids=lambda path: path.stem)
def test_good_runbooks_fulfil_it(path: Path) -> None:
    tree, problems = read_tree(path.read_text())
    assert not problems
    assert fits(declared(tree), runbook_schema())


@pytest.mark.parametrize(
    "name",
    ["unknown-keys", "durations", "copies", "ids", "inputs", "before-changes",
     "no-kind", "two-kinds", "sentences", "rolling-inside", "missing-keys", "yaml-words"],
)  # fmt: skip
def test_what_is_refused_by_shape_does_not(name: str) -> None:
    tree, problems = read_tree((HERE / "bad" / f"{name}.yaml").read_text())
    assert not problems
    assert not fits(declared(tree), runbook_schema())
