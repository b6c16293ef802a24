"""The document on its way through a file: the same value, the same bytes, or a clear refusal."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from estate.document import SiteRow
from snapshots.reading import SnapshotError, read_snapshot, sha256, snapshot_bytes
from snapshots.rendering import render
from snapshots.snapshot import ONE_VANTAGE, Snapshot, Unseen
from watch.languages import words_in


def test_what_is_written_is_read_back_and_written_the_same(full: Snapshot, empty: Snapshot) -> None:
    for each in (full, empty):
        again = read_snapshot(snapshot_bytes(each))
        assert again == each
        assert snapshot_bytes(again) == snapshot_bytes(each)


def test_the_hash_is_that_of_the_bytes_and_follows_every_word(full: Snapshot) -> None:
    assert sha256(full) == sha256(read_snapshot(snapshot_bytes(full)))
    assert sha256(full) != sha256(replace(full, by="somebody else"))


def test_a_whole_number_in_place_of_a_fraction_is_the_same_document(empty: Snapshot) -> None:
    def site(cpu: float) -> Snapshot:
        return replace(empty, sites=(SiteRow("c", "C", "primary", 1, 1, cpu=cpu),))

    assert snapshot_bytes(site(10)) == snapshot_bytes(site(10.0))
    assert sha256(site(10)) == sha256(read_snapshot(snapshot_bytes(site(10))))


def test_a_field_of_a_later_version_is_passed_over(empty: Snapshot) -> None:
    raw = json.loads(snapshot_bytes(empty)) | {"moon": "full"}
    assert read_snapshot(json.dumps(raw).encode()) == empty


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"", "it is no JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"\xff\xfe", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b"[]", "it is no snapshot"),
        (b"{}", "it is no snapshot"),
        (b'{"format": 99}', "it is of format 99, and this twinwatch reads 1"),
        (b'{"format": 1}', "it does not fit the format: id: Field required"),
        (
            b'{"format":1,"id":"x","made_at":"soon","starts":0,"estate":"e","timezone":"UTC"}',
            "it does not fit the format: made_at: Input should be a valid integer",
        ),
        (
            b'{"format":1,"id":"x","made_at":1,"starts":0,"estate":"e","timezone":"UTC",'
            b'"problems":[{"id":"a","where":"b","what":"c","why":"d","severity":"mild","since":1}]}',
            "it does not fit the format: problems.0.severity",
        ),
    ],
)
def test_what_is_no_snapshot_is_refused_with_its_place(text: bytes, what: str) -> None:
    with pytest.raises(SnapshotError) as refused:
        read_snapshot(text)
    assert refused.value.what.startswith(what)
    assert refused.value.todo


def test_a_text_that_could_act_is_made_visible_on_the_way_in(empty: Snapshot) -> None:
    raw = json.loads(snapshot_bytes(empty)) | {"estate": "a\x1b[2Jb\u202ec\nd"}
    assert read_snapshot(json.dumps(raw).encode()).estate == "a\\x1b[2Jb\\u202ec\\nd"


def test_a_text_that_knows_how_it_was_said_knows_it_still(empty: Snapshot) -> None:
    told_so = replace(empty, unseen=(Unseen("vantage", "here", ONE_VANTAGE),))
    again = read_snapshot(snapshot_bytes(told_so))
    assert again.unseen[0].why == ONE_VANTAGE
    assert snapshot_bytes(again) == snapshot_bytes(told_so)
    said = render(again, "text", words_in("zh-Hant")).decode()
    assert words_in("zh-Hant").say(str(ONE_VANTAGE)) in said
    assert ONE_VANTAGE not in said


@pytest.mark.parametrize(
    "sentence", ["{x:>999999999}", "{x.__class__}", "{x!r}", "{0}", "{", "}", "{x[0]}", "{x:{x}}"]
)
def test_a_file_does_not_choose_how_a_sentence_is_filled(empty: Snapshot, sentence: str) -> None:
    raw = json.loads(snapshot_bytes(replace(empty, unseen=(Unseen("vantage", "here", "x"),))))
    raw["unseen"][0]["told"] = {"why": [sentence, {"x": "9" * 9}]}
    again = read_snapshot(json.dumps(raw).encode())
    assert type(again.unseen[0].why) is str
    assert b"told" not in snapshot_bytes(again)
