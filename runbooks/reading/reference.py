"""Every key of a runbook for people: the tables of docs/runbooks.md, from what the reader reads by.

A test holds the page to it, so that it cannot say what is not so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from estate.shapes import Key, Record, Schema
from runbooks.reading.asked import INPUT, SELECTOR
from runbooks.reading.kinds import CERT, TLS, UNTIL
from runbooks.reading.steps import BEFORE_PLACE, EACH_PLACE, STEPS_PLACE, Place, step_record
from runbooks.reading.whole import BUDGET, CLOCK, RUNBOOK, SUGGEST, WINDOW

#: Records that stand below a key, and their headings.
_PARTS: tuple[tuple[str, Record[Any]], ...] = (
    ("An input, below `ask: {NAME: …}`", INPUT),
    ("A selector, below `hosts: {NAME: …}`", SELECTOR),
    ("`clock`", CLOCK),
    ("`window`", WINDOW),
    ("`budget`", BUDGET),
    ("`until`", UNTIL),
    ("`tls` of a check", TLS),
    ("`cert` of a check", CERT),
    ("A suggestion", SUGGEST),
)


def reference() -> str:
    """Markdown: a table for the runbook, one for what all steps share, one for each kind."""
    lines = ["### The runbook", "", *_table(RUNBOOK.keys)]
    shared = _shared(STEPS_PLACE)
    lines += ["### Every step", "", *_table(shared)]
    known = {key.name for key in shared}
    for kind in STEPS_PLACE.kinds:
        keys = step_record(kind, STEPS_PLACE).keys
        own = [key for key in keys[1:] if key.name not in known]
        lines += [f"### `{kind}`", "", f"{keys[0].words}", "", *_table(own)]
    for heading, place in (
        ("A step within `rolling`", EACH_PLACE),
        ("A check among `before`", BEFORE_PLACE),
    ):
        others = [place.if_fails, place.if_unreachable]
        kinds = ", ".join(f"`{kind}`" for kind in place.kinds)
        lines += [f"### {heading}", "", f"As above, but only {kinds}, and:", "", *_table(others)]
    for heading, record in _PARTS:
        lines += [f"### {heading}", "", *_table(record.keys)]
    return "\n".join(lines).rstrip() + "\n"


def _shared(place: Place) -> list[Key]:
    """The keys that most kinds have."""
    keys = step_record("do", place).keys
    own = {key.name for key in step_record("gate", place).keys}
    on_hosts = {"hosts", "timeout", "if_unreachable", "as", "meanwhile"}
    return [key for key in keys[1:] if key.name in own | on_hosts]


def _table(keys: Sequence[Key]) -> list[str]:
    lines = ["| key | what it is for | what it holds |", "|---|---|---|"]
    for key in keys:
        name = f"**`{key.name}`**" if key.required else f"`{key.name}`"
        lines.append(f"| {name} | {_cell(key.words)} | {_cell(_holds(key.shape.schema()))} |")
    return [*lines, ""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _holds(schema: Schema) -> str:  # noqa: PLR0911 - one line a kind of value
    """What a value may be, in words."""
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    if "anyOf" in schema:
        return _any_of(schema["anyOf"])
    if "items" not in schema and "description" in schema:
        return str(schema["description"])
    match schema["type"]:
        case "array":
            items = schema["items"]
            if items == SUGGEST.schema():
                return "a list of suggestions, see below"
            steps = "properties" in items or "properties" in items.get("anyOf", [{}])[0]
            return "a list of steps" if steps else f"a list: {_holds(items)}"
        case "integer":
            return _whole(schema["minimum"], schema["maximum"])
        case "string":
            return "a filter"
    named = schema.get("additionalProperties") or {}
    if named and "properties" not in named:
        return "names, and a value for each"
    return "names, and for each what stands below" if named else "a mapping, see below"


def _any_of(schemas: list[Schema]) -> str:
    *one, last = schemas
    shown = "; or ".join(_holds(each) for each in one)
    several = last.get("type") == "array" and _holds(last["items"]) == shown
    return f"{shown}; or a list of them" if several else f"{shown}; or {_holds(last)}"


def _whole(least: int, most: int) -> str:
    return "a whole number" if most >= 10**15 else f"a whole number from {least} to {most:,}"
