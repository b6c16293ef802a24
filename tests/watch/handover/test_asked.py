"""What people send is taken whole or refused with what to do; nothing of it is cut unseen."""

from __future__ import annotations

import pytest

from watch.error import WatchError
from watch.handover.asked import LONGEST, declared, text, texts


def refusal(ask: object, *arguments: object) -> str:
    with pytest.raises(WatchError) as refused:
        ask(*arguments)  # type: ignore[operator]
    assert refused.value.status == 400
    return str(refused.value)


def test_a_text_that_is_too_long_is_refused_and_not_cut() -> None:
    assert text({"text": "x" * LONGEST}, "text") == "x" * LONGEST
    assert refusal(text, {"text": "x" * (LONGEST + 1)}, "text") == (
        "the request is refused — text — it has over 500 characters — say it in 500, or in two"
    )
    # What acts on a terminal is longer once it can be seen.
    assert "over 500" in refusal(text, {"text": "\x1b" * (LONGEST // 3)}, "text")


def test_tenants_are_those_of_the_estate() -> None:
    body = {"tenants": ["sb", "T99"]}
    assert texts(body, "tenants") == ("sb", "T99")
    declared({"tenants": ["sb"]}, "tenants", ("sb",))
    declared({}, "tenants", ())
    assert refusal(declared, body, "tenants", ("sb", "fb")) == (
        "the request is refused — tenants — the estate has no T99 — write one of fb, sb"
    )
    assert refusal(declared, {"tenants": ["T01"]}, "tenants", ("T02",)).endswith(
        "did you mean T02?"
    )
    assert refusal(declared, body, "tenants", ()).endswith("leave it out: the estate has none")
