"""The schema editors use agrees with the reader: on the examples, and on what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from estate.schema import estate_schema
from estate.shapes import declared
from estate.strict import read_tree

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").rglob("*.yaml"))


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """A validator for the part of JSON Schema that the product uses; it refuses any other word."""
    known = {
        "$schema", "title", "description", "type", "pattern", "minimum", "maximum", "enum", "anyOf",
        "items", "properties", "required", "additionalProperties", "propertyNames",
        "minProperties", "maxLength",
    }  # fmt: skip
    assert schema.keys() <= known, schema.keys() - known
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "anyOf" in schema and not any(fits(value, each) for each in schema["anyOf"]):
        return False
    if isinstance(value, str):
        return re.search(schema.get("pattern", ""), value) is not None
    if isinstance(value, int):
        return schema.get("minimum", value) <= value <= schema.get("maximum", value)
    if isinstance(value, tuple):
        return all(fits(each, schema.get("items", {})) for each in value)
    return not isinstance(value, dict) or _object_fits(value, schema)


def _is(value: Any, kind: str) -> bool:
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    types = {"string": str, "object": dict, "array": tuple, "boolean": bool, "null": type(None)}
    return isinstance(value, types[kind])


def _object_fits(value: dict[str, Any], schema: Mapping[str, Any]) -> bool:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", {})
    return (
        all(name in value for name in schema.get("required", ()))
        and len(value) >= schema.get("minProperties", 0)
        and all(fits(name, schema.get("propertyNames", {})) for name in value)
        and all(
            fits(each, properties[name])
            if name in properties
            else others is not False and fits(each, others)
            for name, each in value.items()
        )
    )


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_fulfils_the_schema(path: Path) -> None:
    tree, problems = read_tree(path.read_text())
    assert not problems
    assert fits(declared(tree), estate_schema())


@pytest.mark.parametrize(
    "text",
    [
        "sites: {a: }\nhosts: {}",  # no name
        "estate: x\nsites: {a: }\nhosts: {}\nevery: often",
        "estate: x\nsites: {a: {role: main}}\nhosts: {}",
        "estate: x\nsites: {a: }\nhosts: {h: {port: 70000}}",
        "estate: x\nsites: {a: }\nhosts: {h: {colour: red}}",
        "estate: x\nsites: {a: }\nhosts: {}\nservices: {s: {tenants: some}}",
        "estate: x\nsites: {a: }\nhosts: {}\nthresholds: {cpuu: off}",
        "estate: x\nsites: {'a b': }\nhosts: {}",
        "estate: x\nsites: {a: }\nhosts: {}\nservices: {s: {objective: {available: 99.95}}}",
    ],
)
def test_what_the_reader_refuses_by_shape_the_schema_refuses(text: str) -> None:
    tree, problems = read_tree(text)
    assert not problems
    assert not fits(declared(tree), estate_schema())
