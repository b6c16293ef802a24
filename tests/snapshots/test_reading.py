"""The document on its way through a file: the same value, the same bytes, or a clear refusal."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from estate.document import SiteRow
from estate.language import ENGLISH
from snapshots.reading import SnapshotError, read_snapshot, sha256, snapshot_bytes
from snapshots.rendering import FORMS, render
from snapshots.snapshot import LARGEST, ONE_VANTAGE, Snapshot, Unseen
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


@pytest.mark.parametrize("figure", ["1" + "0" * 400, "-" + "9" * 19, "1e300", "Infinity", "NaN"])
@pytest.mark.parametrize("field", ["every_ms", "events_left_out", "sites"])
def test_a_number_that_is_no_figure_of_anything_is_refused(
    empty: Snapshot, field: str, figure: str
) -> None:
    value = figure
    if field == "sites":
        value = f'[{{"key":"c","name":"C","role":"","total":1,"up":1,"cpu":{figure}}}]'
    text = snapshot_bytes(empty).decode().rstrip().removesuffix("}") + f',"{field}":{value}}}'
    with pytest.raises(SnapshotError) as refused:
        read_snapshot(text.encode())
    assert refused.value.what == "a number in it is beyond ±1,000,000,000,000,000,000"


def test_the_largest_figure_is_read_and_rendered_in_every_form(full: Snapshot) -> None:
    """Whatever number stands anywhere: the largest that is read leads to no traceback."""
    for number in (LARGEST, -LARGEST, 0):
        raw = json.loads(snapshot_bytes(full))
        kept = read_snapshot(json.dumps(_filled(raw, number)).encode())
        for form in FORMS:
            assert render(kept, form, ENGLISH)


def test_a_board_of_absurd_figures_is_rendered_too(full: Snapshot) -> None:
    """One of this process, which nobody read: a figure that is none is not known."""
    row = replace(
        full.queues[0], depth=10**400, oldest_seconds=1e308, net_per_minute=1e308,
        full_in_seconds=1e308,
    )  # fmt: skip
    service = full.services[0]
    assert service.budget is not None
    budget = replace(service.budget, down_ms=10**400, at_month_pace_ms=10**400, best="1e400/3")
    made = replace(full, queues=(row,), services=(replace(service, budget=budget),), depths=())
    for form in ("text", "md", "html"):
        assert render(made, form, ENGLISH)


def _filled(raw: Any, number: int) -> Any:
    if isinstance(raw, dict):
        return {
            key: each if key in ("format", "told") else _filled(each, number)
            for key, each in raw.items()
        }
    if isinstance(raw, list):
        return [_filled(each, number) for each in raw]
    return number if isinstance(raw, int | float) and not isinstance(raw, bool) else raw
