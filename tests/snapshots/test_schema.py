"""The published schema, which follows from annotations; and documents of yesterday, still read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snapshots.reading import read_snapshot, snapshot_bytes
from snapshots.rendering import FORMS, render
from snapshots.schema import snapshot_schema
from snapshots.snapshot import LARGEST, Snapshot
from watch.languages import words_in

CASES = sorted((Path(__file__).parent / "cases").glob("format-*.json"))


def test_what_is_written_fulfils_it(full: Snapshot, empty: Snapshot) -> None:
    validators = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    check = validators.Draft202012Validator(snapshot_schema())
    for each in (full, empty):
        assert [
            error.message for error in check.iter_errors(json.loads(snapshot_bytes(each)))
        ] == []


def test_what_does_not_fulfil_it_is_found(empty: Snapshot) -> None:
    validators = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    check = validators.Draft202012Validator(snapshot_schema())
    raw = json.loads(snapshot_bytes(empty))
    for wrong in ({"made_at": "soon"}, {"problems": {}}, {"hosts": [{"name": "a"}]},
                  {"made_at": 10**400}, {"events_left_out": LARGEST + 1}):  # fmt: skip
        assert list(check.iter_errors(raw | wrong)), wrong


def test_it_says_its_format_and_what_must_be_there() -> None:
    schema = snapshot_schema()
    assert schema["title"] == "twinwatch handover snapshot, format 1"
    assert schema["required"] == ["format", "id", "made_at", "starts", "estate", "timezone"]


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_document_that_was_kept_is_read_for_ever(case: Path) -> None:
    """As it was written by an earlier version: never made anew. A new format gets a case of its own."""
    kept = read_snapshot(case.read_bytes())
    assert (kept.estate, len(kept.hosts), len(kept.problems)) == ("Messaging platform", 42, 5)
    for form in FORMS:
        for language in ("en", "zh-Hant"):
            assert render(kept, form, words_in(language))
