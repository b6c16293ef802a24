"""No secret survives, wherever the pieces are cut; and nothing else is lost."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.redaction import Redaction

SECRET = "pä ss/w+rd?1"


def in_pieces(redaction: Redaction, output: bytes, sizes: list[int]) -> bytes:
    """`output` redacted as an engine does it: it polls from where the last piece was covered."""
    kept, at = b"", 0
    while True:
        size = max(1, sizes.pop(0)) if sizes else len(output)
        piece, covered = redaction.redact(output[at : at + size], last=at + size >= len(output))
        kept, at = kept + piece, at + covered
        if at >= len(output):
            return kept


FORMS = [
    SECRET.encode(),
    b64encode(SECRET.encode()),
    urlsafe_b64encode(SECRET.encode()),
    quote(SECRET, safe="").encode(),
]


@pytest.mark.parametrize("form", FORMS)
def test_every_cut_of_every_form(form: bytes) -> None:
    output = b"before " + form + b" after " + form
    redaction = Redaction([SECRET])
    whole = in_pieces(redaction, output, [])
    assert form not in whole and whole.startswith(b"before [redacted]")
    for first in range(1, len(output)):
        assert in_pieces(redaction, output, [first, 10**6]) == whole
    assert in_pieces(redaction, output, [len(form) + 3] * 50) == whole


@pytest.mark.parametrize("lead", [b"", b"u", b"us:", b"user"])
def test_base64_of_a_longer_text_is_found(lead: bytes) -> None:
    encoded = b64encode(lead + SECRET.encode() + b"tail")
    redacted = Redaction([SECRET]).redact(encoded, last=True)[0]
    assert b"[redacted]" in redacted


@given(st.binary(max_size=200), st.lists(st.integers(1, 60), max_size=12))
def test_what_is_no_secret_stays(output: bytes, sizes: list[int]) -> None:
    redaction = Redaction([SECRET])
    if b"[redacted]" not in redaction.redact(output, last=True)[0]:
        sizes = [
            each + 60 for each in sizes
        ]  # a piece that only holds what is held back brings nothing
        assert in_pieces(redaction, output, sizes) == output


OVERLAPPING = ["abcdX", "dXefg", "fgh-ij"]


@pytest.mark.parametrize(
    "output", [b"abcdXefgh-ij.", b"<abcdXefg>", b"dXefgh-ij dXefg abcdXabcdX", b"abcdXefgabcdX"]
)
def test_of_secrets_that_overlap_no_part_stays(output: bytes) -> None:
    redaction = Redaction(OVERLAPPING)
    whole = in_pieces(redaction, output * 2, [])
    left = whole.replace(b"[redacted]", b"")
    assert not any(left.count(part) for part in (b"abcd", b"efg", b"h-ij", b"X"))
    for first in range(1, len(output) * 2):
        assert in_pieces(redaction, output * 2, [first, 10**6]) == whole
        assert in_pieces(redaction, output * 2, [first + 12] * 20) == whole


def test_secrets_that_overlap_for_ever_hold_nothing_up() -> None:
    kept = in_pieces(Redaction(["aaaa"]), b"a" * 5_000 + b".", [100] * 200)
    assert kept.replace(b"[redacted]", b"") == b"."


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_that_the_end_cuts_off_is_taken_out(form: bytes) -> None:
    redaction = Redaction([SECRET])
    for size in range(4, len(form)):
        kept = redaction.redact(b"pin=" + form[:size], last=True)[0]
        left = kept.removeprefix(b"pin=[redacted]")
        assert left in (b"", b"Q", b"Q=", b"Q=="), "the end of base64 depends on what follows"
    assert redaction.redact(b"pin=" + form[:3], last=True)[0] == b"pin=" + form[:3]


def test_without_secrets_all_is_kept_at_once() -> None:
    assert Redaction().redact(b"abc", last=False) == (b"abc", 3)
    assert Redaction(["abc"]).redact_text("abcd") == "abcd", "too short to be told from words"
    assert Redaction(["hunter2"]).redact_text("is hunter2") == "is [redacted]"
