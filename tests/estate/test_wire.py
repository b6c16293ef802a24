"""The wire: every picture survives the trip, and changes add up to the picture they came from."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf, isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.document import (
    Change,
    Document,
    Event,
    HostDetail,
    HostRow,
    Problem,
    Series,
    Severity,
    SiteRow,
    WatchRow,
)
from estate.metrics import METRICS
from estate.runs import RunRow
from estate.samples import Cause, FileSystem, Interface, Reach, Reading, Stage
from estate.wire import (
    EVENTS_KEPT,
    WireError,
    apply,
    change_from_json,
    diff,
    document_from_json,
    from_json,
    to_json,
)

words = st.text(max_size=8)
times = st.integers(0, 2**45)
numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
cells = st.tuples(*[st.none() | numbers] * 3)
causes = st.builds(Cause, st.sampled_from(Stage), words, words, words)
rows = st.builds(
    HostRow,
    name=st.sampled_from(["a", "b", "c", "d"]),
    site=words,
    groups=st.tuples(words),
    reach=st.sampled_from(Reach),
    cause=st.none() | causes,
    since=times,
    at=st.none() | times,
    severity=st.sampled_from(Severity),
    values=st.dictionaries(st.sampled_from([m.name for m in METRICS]), numbers, max_size=4),
    spark=st.dictionaries(st.sampled_from(["cpu", "net"]), cells),
    cores=st.none() | st.integers(0, 512),
)
sites = st.builds(SiteRow, words, words, words, times, times, spark=cells)
problems = st.builds(
    Problem, words, words, words, words, st.sampled_from(Severity), times, hosts=st.tuples(words)
)
runs = st.builds(RunRow, id=words, state=words, seq=times, ended_at=st.none() | times)
watches = st.builds(WatchRow, name=words, pid=times, bastion=st.dictionaries(words, numbers))


def by_name(some: list[HostRow]) -> dict[str, HostRow]:
    return {row.name: row for row in sorted(some, key=lambda row: row.name)}


@st.composite
def documents(draw: st.DrawFn) -> Document:
    many = draw(st.integers(0, 5))
    return Document(
        seq=draw(times),
        at=draw(times),
        estate=draw(words),
        timezone="UTC",
        language="en",
        every_ms=5000,
        watch=draw(watches),
        sites=tuple(draw(st.lists(sites, max_size=2))),
        groups=("mta",),
        runs=tuple(draw(st.lists(runs, max_size=2))),
        hosts=by_name(draw(st.lists(rows, max_size=4))),
        problems=tuple(draw(st.lists(problems, max_size=3))),
        events=tuple(
            Event(n, draw(times), Severity.OK, "here", draw(words)) for n in range(many, 0, -1)
        ),
    )


@st.composite
def steps(draw: st.DrawFn) -> tuple[Document, Document]:
    """A picture, and one that can follow it."""
    before = draw(documents())
    top = before.events[0].id if before.events else 0
    new = draw(st.integers(0, 3))
    fresh = tuple(
        Event(top + n, draw(times), Severity.WARNING, "there", draw(words))
        for n in range(new, 0, -1)
    )
    changed = by_name(draw(st.lists(rows, max_size=4)))
    after = replace(
        before,
        seq=before.seq + 1,
        at=draw(times),
        watch=draw(watches),
        sites=tuple(draw(st.lists(sites, max_size=2))),
        hosts={**before.hosts, **changed},
        problems=tuple(draw(st.lists(problems, max_size=3))),
        events=(*fresh, *before.events),
    )
    return before, after


def over_the_wire(raw: dict) -> dict:
    return json.loads(json.dumps(raw, allow_nan=False))


@given(documents())
def test_a_document_survives_the_trip(document: Document) -> None:
    assert document_from_json(over_the_wire(to_json(document))) == document


@given(steps())
def test_changes_add_up_to_the_picture_they_came_from(pair: tuple[Document, Document]) -> None:
    before, after = pair
    change = diff(before, after)
    assert apply(before, change) == after
    assert apply(before, change_from_json(over_the_wire(to_json(change)))) == after


@given(documents())
def test_nothing_changed_is_an_empty_change(document: Document) -> None:
    after = replace(document, seq=document.seq + 1)
    assert diff(document, after) == Change(seq=after.seq, at=after.at)


def test_only_the_row_that_changed_crosses() -> None:
    calm = {name: HostRow(name, "central", at=1) for name in ("a", "b", "c")}
    before = Document(7, 1, "e", "UTC", "en", 5000, WatchRow(), hosts=calm)
    moved = replace(calm["b"], at=2, values={"cpu": 12.5})
    change = diff(before, replace(before, seq=8, at=2, hosts={**calm, "b": moved}))
    assert to_json(change) == {
        "seq": 8,
        "at": 2,
        "hosts": [{"name": "b", "site": "central", "at": 2, "values": {"cpu": 12.5}}],
    }


def test_a_number_that_is_not_known_never_crosses() -> None:
    row = HostRow("a", "s", values={"cpu": nan, "mem": 3.0, "disk": inf}, spark={"cpu": (nan, 1.0)})
    raw = over_the_wire(to_json(row))
    assert raw == {"name": "a", "site": "s", "values": {"mem": 3.0}, "spark": {"cpu": [None, 1.0]}}
    assert from_json(HostRow, raw).spark["cpu"] == (None, 1.0)


def test_host_detail_keeps_what_is_not_known_apart_from_zero() -> None:
    detail = HostDetail(
        "a",
        filesystems=(FileSystem("/boot/efi", 5e8, 1e7, 4.9e8), FileSystem("/", 1e9, 1e8, 9e8, 0.0)),
        interfaces=(Interface("eth0", nan, nan, nan),),
        readings={
            "systemd": (Reading("unit", "x.service", text="failed", attributes={"pid": 7.0}),)
        },
        gaps={"clock": "no chronyc"},
        probed_at={"systemd": 12},
        series={"cpu": Series("cpu", 0, 60, 30, ((0, 1.0, 2.0, 3.0),))},
    )
    back = from_json(HostDetail, over_the_wire(to_json(detail)))
    assert isnan(back.filesystems[0].inodes_used)
    assert back.filesystems[1].inodes_used == 0.0
    assert isnan(back.interfaces[0].bytes_in)
    assert isnan(back.readings["systemd"][0].value)
    assert back.series == detail.series
    assert (back.gaps, back.probed_at) == (detail.gaps, detail.probed_at)


def test_a_change_out_of_step_is_refused() -> None:
    document = Document(7, 1, "e", "UTC", "en", 5000, WatchRow())
    for seq in (7, 9):
        with pytest.raises(WireError, match=f"change {seq} does not follow document 7"):
            apply(document, Change(seq=seq, at=2))


def test_a_picture_keeps_the_last_events_only() -> None:
    old = tuple(Event(n, n, Severity.OK, "", "") for n in range(EVENTS_KEPT, 0, -1))
    document = Document(1, 1, "e", "UTC", "en", 5000, WatchRow(), events=old)
    new = Event(EVENTS_KEPT + 1, 9, Severity.OK, "", "")
    events = apply(document, Change(seq=2, at=2, events=(new,))).events
    assert len(events) == EVENTS_KEPT
    assert (events[0], events[-1].id) == (new, 2)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ([], "this is no HostRow"),
        (None, "this is no HostRow"),
        ({"name": "a"}, "missing 1 required positional argument: 'site'"),
        ({"name": "a", "site": "s", "reach": "asleep"}, "'asleep' is not a valid Reach"),
        ({"name": "a", "site": "s", "cause": 3}, "this is no HostRow"),
    ],
)
def test_what_is_no_row_is_refused_by_name(raw: object, why: str) -> None:
    with pytest.raises(WireError, match=why):
        from_json(HostRow, raw)


def test_keys_of_a_newer_watch_are_ignored() -> None:
    assert from_json(HostRow, {"name": "a", "site": "s", "mood": "fine"}) == HostRow("a", "s")
