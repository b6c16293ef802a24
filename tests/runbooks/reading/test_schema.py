"""The schema editors use agrees with the reader: on good runbooks, and on what is wrong in one."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from estate.shapes import declared
from estate.strict import read_tree
from runbooks.reading.schema import runbook_schema

HERE = Path(__file__).parents[1]


def _validator() -> Callable[[Any, Mapping[str, Any]], bool]:
    """The one of the estate's tests: it refuses any word of JSON Schema that it does not know."""
    path = HERE.parent / "estate" / "test_schema.py"
    spec = importlib.util.spec_from_file_location("estate_schema_test", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    validator: Callable[[Any, Mapping[str, Any]], bool] = module.fits
    return validator


fits = _validator()


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
