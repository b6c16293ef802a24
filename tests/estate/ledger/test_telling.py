"""A journal's lines: what is told is read again, and nothing else is believed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.ledger.rounds import Seen
from estate.ledger.sightings import Sighting
from estate.ledger.telling import LONGEST_LINE, Present, Untold, line, read_line

GOOD = {"seq": 7, "service": "mail", "at": 1_000, "until": 31_000, "every_ms": 10_000, "seen": "x"}


@given(
    st.builds(
        lambda at, rounds, every, seen, seq, took, cause: Sighting(
            "mail", "recovery", at, at + rounds * every, every, seen, seq, took, cause
        ),
        st.integers(0, 1 << 44),
        st.integers(0, 10_000),
        st.integers(1_000, 60_000),
        st.sampled_from(Seen),
        st.integers(0, 1 << 61),
        st.none() | st.floats(0, 10_000, allow_nan=False),
        st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=100).map(str.strip),
    )
)
def test_what_is_told_is_read_again(sighting: Sighting) -> None:
    told = line(sighting).encode()
    assert b"\n" not in told and len(told) <= LONGEST_LINE
    read = read_line(told, "recovery")
    assert isinstance(read, Sighting)
    assert (read.at, read.until, read.every_ms, read.seen, read.seq) == (
        sighting.at,
        sighting.until,
        sighting.every_ms,
        sighting.seen,
        sighting.seq,
    )
    assert read.milliseconds == sighting.milliseconds


def test_a_sign_of_life() -> None:
    assert read_line(line(Present(1_790_000_000_000, 12)).encode(), "r") == Present(
        1_790_000_000_000, 12
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"seq": "7"}, "seq is no number"),
        ({"seq": True}, "seq is no number"),
        ({"seq": -1}, "seq is no number"),
        ({"at": 1.5}, "at is no number"),
        ({"at": 1 << 60}, "at is no number"),
        ({"until": 999}, "until is no number"),
        ({"until": 1_000 + 401 * 86_400_000}, "until is no number"),
        ({"until": 31_001}, "a run that does not end with a round"),
        ({"every_ms": 0}, "every_ms is no number"),
        ({"every_ms": 999}, "every_ms is no number"),
        ({"seen": "perhaps"}, "a round that saw neither good nor bad"),
        ({"seen": None}, "a round that saw neither good nor bad"),
        ({"service": 3}, "service is no text"),
        ({"cause": ["x"]}, "cause is no text"),
    ],
)
def test_what_no_journal_says_is_not_believed(change: dict[str, object], why: str) -> None:
    with pytest.raises(Untold, match=why):
        read_line(json.dumps(GOOD | change).encode(), "recovery")


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"7", b"null", b"{", b"\xff\xfe", b"[" * 100_000, b"x" * 5_000, b"{}"]
)
def test_what_is_no_line_is_said_harmlessly(raw: bytes) -> None:
    with pytest.raises(Untold) as untold:
        read_line(raw, "recovery")
    assert str(untold.value).isprintable() and len(str(untold.value)) < 200


def test_words_of_another_machine_are_cleaned_and_its_name_is_ours() -> None:
    said = GOOD | {"cause": "\x1b[31mred\x07", "vantage": "central", "milliseconds": float("1e400")}
    read = read_line(json.dumps(said).encode(), "recovery")
    assert isinstance(read, Sighting)
    assert read.vantage == "recovery" and read.milliseconds is None
    assert "\x1b" not in read.cause and "\x07" not in read.cause


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_whatever_comes_is_a_line_or_is_refused(raw: bytes) -> None:
    try:
        assert isinstance(read_line(raw, "recovery"), Sighting | Present)
    except Untold as untold:
        assert str(untold).isprintable()
