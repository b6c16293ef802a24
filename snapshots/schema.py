"""The published form of a snapshot: JSON Schema, made from the values' own annotations."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from snapshots.snapshot import FORMAT, Snapshot


def snapshot_schema() -> dict[str, Any]:
    """A JSON Schema, draft 2020-12, that every snapshot of this version fulfils.

    A field that is left out is at its default; one that is unknown to a reader is to be ignored.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **TypeAdapter(Snapshot).json_schema(),
        "title": f"twinwatch handover snapshot, format {FORMAT}",
    }
