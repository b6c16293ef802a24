"""The published form of a snapshot: JSON Schema, made from the values' own annotations."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from snapshots.snapshot import FORMAT, LARGEST, Snapshot


def snapshot_schema() -> dict[str, Any]:
    """A JSON Schema, draft 2020-12, that every snapshot of this version fulfils.

    A field that is left out is at its default; one that is unknown to a reader is to be ignored.
    """
    made: dict[str, Any] = _bounded(TypeAdapter(Snapshot).json_schema())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": f"twinwatch handover snapshot, format {FORMAT}",
    }


def _bounded(schema: Any) -> Any:
    """`schema` with the bounds of every number that it allows."""
    if isinstance(schema, list):
        return [_bounded(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _bounded(each) for key, each in schema.items()}
    if made.get("type") in ("integer", "number"):
        made |= {"minimum": -LARGEST, "maximum": LARGEST}
    return made
