"""The published schema: compared as it stands, and true of what is written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from snapshots.reading import snapshot_bytes
from snapshots.schema import snapshot_schema
from snapshots.snapshot import Snapshot

GOLDEN = Path(__file__).resolve().parents[2] / "docs" / "snapshot.schema.json"


def test_the_schema_is_the_published_one() -> None:
    made = json.dumps(snapshot_schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDENS"):
        GOLDEN.write_text(made, "utf-8")
    assert made == GOLDEN.read_text("utf-8"), "UPDATE_GOLDENS=1, and think of FORMAT"


def test_what_is_written_fulfils_it(full: Snapshot, empty: Snapshot) -> None:
    validators = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    check = validators.Draft202012Validator(snapshot_schema())
    for each in (full, empty):
        assert [
            error.message for error in check.iter_errors(json.loads(snapshot_bytes(each)))
        ] == []
