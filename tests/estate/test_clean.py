"""What a host sends is shown, never obeyed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.clean import MARKS, clean

FORBIDDEN = frozenset(
    chr(code)
    for first, last in (
        (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x061C, 0x061C), (0x200B, 0x200F),
        (0x2028, 0x202E), (0x2060, 0x206F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB),
        (0xD800, 0xDFFF), (0xE0000, 0xE007F), (0x034F, 0x034F), (0x3164, 0x3164),
    )
    for code in range(first, last + 1)
)  # fmt: skip

hostile = st.text(st.one_of(st.characters(), st.sampled_from(sorted(FORBIDDEN)), st.just("\u0301")))
either = st.one_of(hostile, st.binary())


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("", ""),
        ("postfix.service", "postfix.service"),
        ("\x1b[2J\x1b]52;c;aGk=\x07", r"\x1b[2J\x1b]52;c;aGk=\x07"),
        ("a\x9b31m", r"a\x9b31m"),
        ("one\ntwo\r\n", r"one\ntwo"),
        ("a\tb", "a b"),
        ("a\x00b", r"a\x00b"),
        ("gpj.\u202eexe", r"gpj.\u202eexe"),
        ("in\u200bvisible\u00ad", r"in\u200bvisible\xad"),
        ("\U000e0041", r"\U000e0041"),
        ("\ud800", r"\ud800"),
        ("fill\u3164er", r"fill\u3164er"),
        ("保安局\u3000電郵", "保安局\u3000電郵"),
        ("caf\u00e9, cafe\u0301", "caf\u00e9, cafe\u0301"),
        ("z" + "\u0301" * 6, "z" + "\u0301" * 4 + r"\u0301\u0301"),
        ("\u0301x", r"\u0301x"),
        ("[red]a[/foo]", "[red]a[/foo]"),  # markup is the painters' business, and only theirs
        (b"torn \xe4\xbf", r"torn \xe4\xbf"),
        (b"over\xc0\xaflong", r"over\xc0\xaflong"),
        ("保安".encode() + b"\xff", r"保安\xff"),
    ],
)
def test_shows_what_would_act(raw: str | bytes, shown: str) -> None:
    assert clean(raw) == shown


def test_cuts_at_the_limit_and_says_so() -> None:
    assert clean("a" * 10, limit=10) == "a" * 10
    assert clean("a" * 11, limit=10) == "a" * 9 + "…"
    assert clean("a" * 10 + "\r\n", limit=10) == "a" * 10
    assert clean(("保" * 11).encode(), limit=10) == "保" * 9 + "…"
    assert clean("a" * 50_000_000, limit=10) == "a" * 9 + "…"


@given(either, st.integers(1, 60))
def test_no_input_gets_a_forbidden_character_through(raw: str | bytes, limit: int) -> None:
    shown = clean(raw, limit=limit)
    assert not FORBIDDEN & set(shown)
    assert len(shown) <= limit
    assert clean(shown, limit=limit) == shown
    marks = 0
    for char in shown:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        assert marks <= MARKS


@given(either)
def test_nothing_is_deleted(raw: str | bytes) -> None:
    """What is not visible is spelled out, so the shown text is never shorter than the sent."""
    text = raw.decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else raw
    sent = text.removesuffix("\n").removesuffix("\r")
    assert len(clean(raw, limit=100_000)) >= len(sent)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_ascii_passes_as_it_is(text: str) -> None:
    assert clean(text) == text
